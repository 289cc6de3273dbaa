"""Kiwi in its process: its death is one sentence and a new start, and costs one file at most. What it gives is in the doctests of rag.text.korean."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag import caches
from rag.errors import ModelError
from rag.ingest.library import Library
from rag.text import korean


def pid() -> int:
    assert korean._analyser._child
    return korean._analyser._child.pid


def test_death_in_the_middle_is_said_and_the_next_call_starts_anew() -> None:
    korean.begin()
    before = pid()
    os.kill(before, signal.SIGSTOP)
    threading.Timer(0.3, os.kill, (before, signal.SIGKILL)).start()
    with pytest.raises(
        ModelError, match=r"^The analyser of Korean ended in the middle of its work \(signal 9\)"
    ):
        korean.morphemes("끝나는 중에 물은 문장")
    assert korean.morphemes("도서관을 연다") == ["도서관", "열"] and pid() != before


def test_a_call_that_fails_is_said_and_the_process_goes_on() -> None:
    korean.begin()
    before = pid()
    with pytest.raises(
        ModelError, match=r"^The analyser of Korean failed \(UnicodeDecodeError: .*\)\. Try again\.$"
    ):
        korean.morphemes("\ud800 반쪽 글자")
    assert korean.morphemes("도서관") == ["도서관"] and pid() == before


def test_threads_get_each_its_own_answer() -> None:
    texts = [f"예산은 {n}억 원이다" for n in range(40)]
    with ThreadPoolExecutor(4) as pool:
        assert [words[1] for words in pool.map(korean.morphemes, texts)] == [str(n) for n in range(40)]


def test_a_question_does_not_wait_for_a_whole_file(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    ask = korean._analyser.ask

    def listen(request: list[str], *, urgent: bool) -> dict[str, object]:
        answer = ask(request, urgent=urgent)
        asked.append(request[0])
        return answer

    monkeypatch.setattr(korean._analyser, "ask", listen)
    text = "시는 4월부터 도서관 12곳을 밤 10시까지 연다. 예산은 4억 5천만 원이다.\n" * 100
    reading = threading.Thread(target=korean.analyse, args=([text] * 40,))
    reading.start()
    deadline = time.monotonic() + 60
    while not asked and time.monotonic() < deadline:
        time.sleep(0.005)
    korean.tokens("예산은 얼마인가요?")
    korean.morphemes("아무도 묻지 않은 도서관은 몇 시까지 여나요?")  # nobody: answers are remembered
    before = asked[: asked.index("morphemes_of")]
    reading.join()
    assert before.count("analyse") < 5 < asked.count("analyse") - 5


@given(st.lists(st.text("가나다 .\n①②|", max_size=60), max_size=4))
@settings(max_examples=25, deadline=None)
def test_a_text_in_pieces_is_read_like_one(texts: list[str]) -> None:
    whole = korean.analyse(texts)
    size, korean.PIECE_CHARS = korean.PIECE_CHARS, 20
    try:
        assert korean.analyse(texts) == whole
        assert korean.morphemes_of(texts) == [
            words for text in texts for words in korean.morphemes_of([text])
        ]
    finally:
        korean.PIECE_CHARS = size


def test_what_is_given_may_be_changed_by_who_asked() -> None:
    korean.morphemes("도서관을 연다").clear()
    korean.sentences("연다. 닫는다.").clear()
    assert korean.morphemes("도서관을 연다") and korean.sentences("연다. 닫는다.")


def test_what_was_asked_about_is_forgotten() -> None:
    korean.morphemes("나무늘보작전")
    before = pid()
    caches.forget()
    assert korean.morphemes("도서관") == ["도서관"] and pid() != before


def test_a_file_that_the_analyser_dies_of_is_left_out_and_the_others_are_in(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder: Path = library.settings.documents
    (folder / "a.txt").write_text("도서관은 밤 10시까지 연다.\n", encoding="utf-8")
    (folder / "b.txt").write_text("이 글은 분석기를 죽인다.\n", encoding="utf-8")
    (folder / "c.txt").write_text("심야버스는 5개 노선이다.\n", encoding="utf-8")
    analyse = korean.analyse

    def deadly(texts: list[str]) -> list[korean.Analysis]:
        if "죽인다" in texts[0]:
            os.kill(pid(), signal.SIGSTOP)
            threading.Timer(0.3, os.kill, (pid(), signal.SIGKILL)).start()
        return analyse(texts)

    monkeypatch.setattr(korean, "analyse", deadly)
    found = {s.path: (s.status, str(s.reason)) for s in library.sync()}
    assert found["a.txt"][0] == found["c.txt"][0] == "added"
    assert found["b.txt"][0] == "failed" and "ended in the middle of its work" in found["b.txt"][1]
    monkeypatch.undo()
    assert {s.path: s.status for s in library.sync()} == {
        "a.txt": "unchanged",
        "b.txt": "added",
        "c.txt": "unchanged",
    }
