"""Measure answers against the plain way, with the same model, questions and documents, in one run.

    python benchmarks/answers.py [tests/eval/briefs.jsonl] [--limit N] [--plain-only | --ours-only] [--warm |
    --cold]

The plain way is what most programs do: chunks of 500 characters with 50 overlap, the 4 nearest vectors in
one prompt, llama-cpp- python's own chat call, "answer from these and cite, or say that it is not there".
Prints both reports; every answer goes to benchmarks/answers.jsonl for reading the failures.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
from langchain_text_splitters import RecursiveCharacterTextSplitter

from rag.assistant import Assistant
from rag.config import ROOT, Settings
from rag.evaluation import evaluate, summarise
from rag.ingest.loaders import file_text, parse
from rag.judging import judge_text
from rag.model.llama import has_amx

OUT = Path(__file__).parent / "answers.jsonl"
INSTRUCTION = (
    "다음 자료만 보고 질문에 한국어로 답하라. 문장마다 근거 번호를 [1]처럼 붙여라. 자료에 없으면 "
    "'문서에 없음'이라고만 답하라."
)
NOT_THERE = re.compile(
    "문서에 없음|자료에 없음|없습니다|찾을 수 없|알 수 없|not (there|found|mentioned)", re.IGNORECASE
)


class Plain:
    """The plain pipeline. Its models are those of the assistant."""

    def __init__(self, assistant: Assistant) -> None:
        import llama_cpp

        splitter = RecursiveCharacterTextSplitter(chunk_size=500, chunk_overlap=50)
        folder = assistant.settings.documents
        self.chunks = [
            c
            for f in sorted(folder.iterdir())
            if f.suffix
            for c in splitter.split_text(file_text(parse(f, folder)))
        ]
        assert assistant.library.embeddings is not None
        self.embeddings = assistant.library.embeddings
        self.vectors = self.embeddings.vectors(self.chunks)
        # see rag.model.engine: without this llama-cpp-python ends with an illegal instruction on such
        # machines
        if has_amx():
            default = llama_cpp.llama_cpp.llama_model_default_params

            def without_extra_buffers() -> Any:
                params = default()
                params.use_extra_bufts = False
                return params

            llama_cpp.llama_cpp.llama_model_default_params = llama_cpp.llama_model_default_params = (
                without_extra_buffers
            )
        self.llama = llama_cpp.Llama(str(assistant.models.chat.path), n_ctx=4096, verbose=False)

    def ask(self, row: dict[str, Any]) -> dict[str, Any]:
        """Answer a row; returns it with the fields that `summarise` wants."""
        start = time.perf_counter()
        best = np.argsort(-(self.vectors @ self.embeddings.query(row["question"])))[:4]
        sources = "\n\n".join(f"[{n}] {self.chunks[i]}" for n, i in enumerate(best, 1))
        messages = [
            {"role": "system", "content": INSTRUCTION},
            {"role": "user", "content": f"자료:\n{sources}\n\n질문: {row['question']}"},
        ]
        text, first, pieces = "", None, 0
        before = self.llama.input_ids[: self.llama.n_tokens].copy()
        for piece in self.llama.create_chat_completion(messages, temperature=0, max_tokens=160, stream=True):
            text += piece["choices"][0]["delta"].get("content") or ""
            pieces += "content" in piece["choices"][0]["delta"]
            first = time.perf_counter() - start if first is None and text else first
        total_s = time.perf_counter() - start
        held = self.llama.input_ids[: self.llama.n_tokens]
        prompt, shorter = len(held) - pieces, min(len(before), len(held))
        reused = min(prompt, int(np.argmin([*(before[:shorter] == held[:shorter]), False])))
        timings = {"first_quote_s": None, "first_token_s": first, "total_s": total_s}
        timings |= {"prompt_tokens": prompt, "reused_tokens": reused, "generated_tokens": pieces}
        return {
            **row,
            "answer": text,
            "outcome": judge_text(row, text, claimed=NOT_THERE.search(text) is None),
            "timings": timings,
        }


def run(
    rows: list[dict[str, Any]],
    ways: Sequence[str] = ("ours", "plain"),
    out: Path = OUT,
    warm: bool = False,
    cold: bool = False,
) -> dict[str, dict[str, Any]]:
    """Ask all rows in each way; keep every answer in `out`. Returns the report of each way.

    `warm`: read the library ahead first, as the page does in idle time. `cold`: start the model anew,
    without any kept state, before each question, as on the first ever.
    """
    reports = {}
    with tempfile.TemporaryDirectory() as data, out.open("w", encoding="utf-8") as file:

        def keep(way: str, row: dict[str, Any]) -> None:
            file.write(
                json.dumps({"way": way, **{k: v for k, v in row.items() if k != "hits"}}, ensure_ascii=False)
                + "\n"
            )
            file.flush()

        assistant = Assistant(Settings.load(data=data))
        assistant.sync()
        assistant.warm_up()
        if warm:
            for passage in assistant.passages():
                assistant.read_ahead(passage)
        if "ours" in ways:

            def asked(row: dict[str, Any]) -> None:
                keep("ours", row)
                if cold:
                    assistant.models.chat.close()
                    assistant.warm_up()

            reports["ours"] = evaluate(assistant, rows, each=asked)
        assistant.models.chat.close()
        if "plain" in ways:
            plain = Plain(assistant)
            results = []
            for row in rows:
                results.append(plain.ask(row))
                keep("plain", results[-1])
            reports["plain"] = summarise(results)
        assistant.close()
    return reports


def every(rows: list[dict[str, Any]], limit: int | None) -> list[dict[str, Any]]:
    """Return about `limit` rows from all over a file, with those that they go on from."""
    if not limit:
        return rows
    chosen = rows[:: max(1, len(rows) // limit)]
    wanted = {row["id"] for row in chosen} | {row["after"] for row in chosen if "after" in row}
    return [row for row in rows if row["id"] in wanted]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("questions", nargs="?", default=str(ROOT / "tests" / "eval" / "briefs.jsonl"))
    parser.add_argument("--limit", type=int, help="ask about so many questions, from all over the file")
    parser.add_argument(
        "--warm", action="store_true", help="read the library ahead first, as the page does in idle time"
    )
    parser.add_argument(
        "--cold", action="store_true", help="forget before each question what was read for those before it"
    )
    parser.add_argument("--plain-only", action="store_true")
    parser.add_argument("--ours-only", action="store_true")
    arguments = parser.parse_args()
    rows = [
        json.loads(line)
        for line in Path(arguments.questions).read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    ways = ["plain"] if arguments.plain_only else ["ours"] if arguments.ours_only else ["ours", "plain"]
    reports = run(every(rows, arguments.limit), ways, warm=arguments.warm, cold=arguments.cold)
    for name in next(iter(reports.values())):
        print(
            f"{name:50} " + "   ".join(f"{way}: {report.get(name, '–')}" for way, report in reports.items())
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
