"""llama.cpp: kept states are exact, what was read is not read again, and guesses change no word."""

from __future__ import annotations

import numpy as np
import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from rag.model.chat import LlamaChat
from rag.model.engine import MOST_KEPT, Cancelled, LlamaEngine
from rag.model.weights import ModelStore

pytestmark = pytest.mark.model

PASSAGE = "[문서] 도서관 계획\n시는 4월부터 도서관 12곳을 밤 10시까지 연다. 예산은 4억 5천만 원이다.\n\n"


def test_a_kept_state_gives_the_same_next_token_as_decoding_afresh(models: ModelStore) -> None:
    engine = LlamaEngine(models.path("chat"), n_ctx=1024, n_threads=2)
    passage, question = engine.tokenize(PASSAGE * 3), engine.tokenize("질문: 예산은 얼마인가요?\n답:")
    engine.prefill(passage + question)
    in_one = engine.logprobs()
    engine.prefill(engine.tokenize("다른 글"))
    engine.prefill(passage)
    engine.prefill(passage + question)
    in_two = engine.logprobs()
    engine.prefill(engine.tokenize("다른 글"))
    engine.prefill(passage)
    engine.keep()
    engine.prefill(engine.tokenize("또 다른 글이다"))
    assert engine.prefill(passage + question) == len(passage)
    assert np.array_equal(engine.logprobs(), in_two)  # what was kept is what was read, to the last bit
    best = np.argsort(in_one)[-10:]  # batches of other sizes add up in another order
    assert best[-1] == np.argmax(in_two) and np.abs(in_two - in_one)[best].max() < 0.5
    engine.close()


def test_of_many_kept_states_the_oldest_goes(models: ModelStore) -> None:
    engine = LlamaEngine(models.path("chat"), n_ctx=512)
    texts = [engine.tokenize(f"{n}번 지시. 짧게 답한다.") for n in range(MOST_KEPT + 1)]
    for tokens in texts:
        engine.prefill(tokens)
        engine.keep()
    assert [engine.keeps(tokens) for tokens in texts] == [False, *[True] * MOST_KEPT]
    assert engine.prefill(texts[3] + texts[0]) == len(texts[3])  # what was kept is not read again
    engine.close()


def test_cancel_is_heard_in_the_middle_of_a_batch_and_leaves_what_was_read(models: ModelStore) -> None:
    engine = LlamaEngine(models.path("chat"), n_ctx=1024)
    tokens = engine.tokenize(PASSAGE * 10)[:300]
    engine.prefill(tokens)
    whole = int(np.argmax(engine.logprobs()))
    engine.prefill(tokens[:20])
    looks = iter([False])  # the first is before the only batch
    with pytest.raises(Cancelled):
        engine.prefill(tokens, lambda: next(looks, True))
    assert engine.prefill(tokens) == 20 and int(np.argmax(engine.logprobs())) == whole
    engine.close()


def test_what_was_read_last_is_not_read_again_and_its_first_word_comes_before_more_is_read(
    models: ModelStore,
) -> None:
    engine = LlamaEngine(models.path("chat"), n_ctx=1024)
    tokens = engine.tokenize(PASSAGE + " 질문: 예산은 얼마인가요? 답:")
    engine.prefill(tokens)
    after = engine.logprobs()
    batches: list[int] = []
    run = engine._run
    engine._run = lambda batch: (batches.append(batch.n_tokens), run(batch))[1]  # type: ignore[method-assign]
    assert engine.prefill(tokens) == len(tokens) and np.array_equal(engine.logprobs(), after)
    pieces = engine.generate(20)
    first = next(pieces)
    assert not batches and first == engine._piece(int(np.argmax(after))).decode()
    list(pieces)
    assert (
        batches and engine.prefill(tokens) == len(tokens) - 1
    )  # what was written stands behind it: its logits are gone
    with pytest.raises(Cancelled):
        engine.prefill(engine.tokenize("다른 글"), lambda: True)
    assert engine.prefill(tokens) < len(tokens) and np.argmax(engine.logprobs()) == np.argmax(after)
    engine.close()


def test_guessing_ahead_writes_the_same_words(models: ModelStore) -> None:
    plain, guessing = (LlamaEngine(models.path("chat"), n_ctx=1024, speculate=way) for way in (False, True))
    chat = LlamaChat(path=models.path("chat"), n_ctx=1024)
    parts = chat.prompt(
        [
            SystemMessage("너는 문서의 문장을 그대로 옮겨 쓰는 조수다."),
            HumanMessage([PASSAGE, "위 문서를 그대로 옮겨 쓰라."]),
        ]
    )
    chat.close()
    tokens = [token for part in parts for token in part]
    batches: list[int] = []
    run = guessing._run
    guessing._run = lambda batch: (batches.append(batch.n_tokens), run(batch))[1]  # type: ignore[method-assign]
    said = []
    for engine in (plain, guessing):
        engine.prefill(tokens)
        batches.clear()
        said.append("".join(engine.generate(60)))
    written = len(guessing._sequence) - len(tokens)
    assert said[0] == said[1] and "12곳" in said[0]
    assert len(batches) < written  # several tokens came of one look
    assert guessing.prefill(tokens + guessing.tokenize(" 끝")) >= len(tokens)
    for engine in (plain, guessing):
        engine.close()
