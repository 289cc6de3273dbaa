"""The command line's contract; the real models where an answer is needed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import SHARED

from rag.cli import main
from rag.config import ROOT
from rag.errors import LibraryError
from rag.messages import table
from rag.model.weights import ModelStore


def run(*arguments: object) -> tuple[int, list[dict[str, Any]], str]:
    ran = subprocess.run(
        [sys.executable, "-m", "rag", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True
    )
    return ran.returncode, [json.loads(line) for line in ran.stdout.splitlines()], ran.stderr


def test_bad_usage_and_bad_input(tmp_path: Path) -> None:
    assert run("nonsense")[0] == 2
    code, _, error = run("ask", "--questions", tmp_path / "none.jsonl", "--data", tmp_path / "data")
    assert code == 1 and "none.jsonl" in error and error.count("\n") == 1
    (tmp_path / "q.jsonl").write_text("{}\n", encoding="utf-8")
    for neither in ([], ["예산은?", "--questions", tmp_path / "q.jsonl"]):
        code, _, error = run("ask", *neither, "--data", tmp_path / "data")
        assert code == 1 and "--questions" in error
    code, _, error = run("search", "--questions", tmp_path / "q.jsonl", "--data", tmp_path / "data")
    assert code == 1 and "line 1" in error


def test_a_bad_question_in_a_file_is_said_before_anything_is_done(tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text('{"question": "예산은?"}\n{"question": "  "}\n', encoding="utf-8")
    code, rows, error = run("ask", "--questions", tmp_path / "q.jsonl", "--data", tmp_path / "data", "--json")
    assert code == 1 and not rows and ("question is empty" in error or "질문이 비어" in error)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("command", ["search", "ask"])
def test_an_empty_library_is_said_not_searched(tmp_path: Path, command: str) -> None:
    code, rows, error = run(command, "예산은 얼마인가요?", "--data", tmp_path / "data", "--json")
    assert code == 1 and not rows and "python -m rag sync" in error and error.count("\n") == 1


def test_the_model_list_and_the_doctor_are_json_and_load_nothing() -> None:
    code, rows, _ = run("models", "list", "--json")
    assert code == 0 and {"chat", "tiny", "embedding"} <= {row["name"] for row in rows}
    code, rows, _ = run("doctor", "--json")
    assert code == 0 and all({"what", "ok", "detail", "keys"} <= row.keys() for row in rows)
    assert all(row["keys"] and set(row["keys"]) <= set(table()) for row in rows)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_doctor_speaks_the_language_of_the_terminal(language: str, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "LC_ALL": {"ko": "ko_KR.UTF-8", "en": "C.UTF-8"}[language],
        "RAG_MODELS_DIR": str(tmp_path / "models"),
    }
    folders = ["--documents", str(tmp_path / "none"), "--data", str(tmp_path / "data")]
    ran = subprocess.run(
        [sys.executable, "-m", "rag", "doctor", *folders],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    folder_missing = LibraryError("documents-folder-missing", folder=tmp_path / "none")
    lines = ran.stdout.splitlines()
    (said,) = (line for line in lines if str(tmp_path / "none") in line)
    assert said.endswith(folder_missing.in_language(language))
    assert said.startswith("안됨" if language == "ko" else "NO")
    spoken = [line for line in lines if re.search("[가-힣]", line)]
    assert spoken == (lines if language == "ko" else [])


@pytest.mark.model
def test_what_became_of_files_is_said_in_korean(
    models: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("시는 도서관을 연다.", encoding="utf-8")
    (tmp_path / "docs" / "b.pdf").write_bytes(b"%PDF-1.7 garbage")
    where = ["--documents", str(tmp_path / "docs"), "--data", str(tmp_path / "data")]
    assert main(["sync", *where]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "추가됨     a.txt  (1)",
        "읽지 못함  b.pdf  – b.pdf: 손상되었거나 PDF 파일이 아닙니다.",
        "문서 1개, 구절 1개",
    ]
    assert main(["documents", *where]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("준비됨 ") and second.startswith("읽지 못함 ")
    (tmp_path / "docs" / "c.txt").write_text("버스가 다닌다.", encoding="utf-8")
    assert main(["search", "도서관은", "언제", "여나요?", "--json", *where]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["question"] == "도서관은 언제 여나요?"  # without quotation marks
    assert "1개" in told.err and "python -m rag sync" in told.err and told.err.count("\n") == 1
    (tmp_path / "docs" / "c.txt").unlink()
    assert main(["forget", "c.txt", *where]) == 0
    assert capsys.readouterr().out == "잊음  c.txt\n"
    assert main(["ask", " ", *where]) == 1
    assert capsys.readouterr().err.startswith("오류: ")


@pytest.mark.model
def test_sync_search_and_ask(models: ModelStore, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "bus.txt").write_text(
        "심야버스 노선은 3개에서 5개로 늘어난다. 담당 부서는 교통정책과이다.\n", encoding="utf-8"
    )
    where = ("--documents", tmp_path / "docs", "--data", tmp_path / "data", "--json")
    code, rows, _ = run("sync", *where)
    assert (
        code == 0
        and rows[0] == {"path": "bus.txt", "status": "added", "chunks": 1, "reason": "", "keys": []}
        and rows[-1]["summary"] == {"added": 1}
    )
    (tmp_path / "q.jsonl").write_text(
        json.dumps({"question": "심야버스 노선은 몇 개로 늘어나나요?", "id": 7}) + "\n", encoding="utf-8"
    )
    code, rows, _ = run("ask", "--questions", tmp_path / "q.jsonl", *where)
    assert (
        code == 0
        and rows[0]["id"] == 7
        and "5" in rows[0]["answer"]
        and rows[0]["citations"][0]["path"] == "bus.txt"
    )
    assert run("ask", "", *where)[0] == 1
    assert run("sync", "--documents", tmp_path / "nowhere", "--data", tmp_path / "data")[0] == 1


@pytest.mark.model
@pytest.mark.skipif(
    not (SHARED / "contract.py").exists(), reason="the contract's script is not beside the checkout"
)
def test_the_contract(models: ModelStore) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    ran = subprocess.run(
        [sys.executable, SHARED / "contract.py"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout


def test_the_doctor_names_a_damaged_index(tmp_path: Path) -> None:
    from rag.config import Settings
    from rag.doctor import examine

    settings = Settings.load(data=tmp_path)
    assert next(row for row in examine(settings) if row.what == "index").ok
    (tmp_path / "catalogue.sqlite").write_bytes(b"nothing of the kind" * 500)
    row = next(row for row in examine(settings) if row.what == "index")
    assert not row.ok and "catalogue.sqlite" in str(row.told) and "rag sync" in str(row.told)


def test_the_doctor_says_what_to_do_without_a_folder_for_the_index(tmp_path: Path) -> None:
    from rag.config import Settings
    from rag.doctor import examine

    row = next(row for row in examine(Settings.load(data=tmp_path / "no" / "data")) if row.what == "data")
    assert not row.ok and "--data" in row.told.in_language("ko") and str(tmp_path / "no") in str(row.told)
