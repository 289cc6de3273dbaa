"""Ask the page many questions and see whether the program keeps files or threads open.

    python benchmarks/descriptors.py [--questions 1000] [--write]

The program (app.py) runs with a small library in a temporary folder. A person's browser is played over HTTP,
with the same requests in the same order: the page, the heartbeat, what a page asks when it opens, then for
each question the look at the status, the question, the streamed answer and the list of conversations; a new
tab every 10 questions. Open descriptors (/proc/PID/fd), threads (/proc/PID/task) and processes of the program
are counted after 10, 100, 200, … questions, each time when the tab is closed. Exit 1 if descriptors or
threads grow by more than 20 after question 100. One passage is read for a question (RAG_READ_K=1), so that
an answer takes little time. Needs Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import results
from benchmarks.load import PLACES, THINGS, amount
from benchmarks.processes import descendants
from rag.config import ROOT
from tests.browser import free_port

QUESTIONS_OF_A_TAB = 10
BASE, MOST_MORE = 100, 20  # after so many questions nothing grows by more than so many
START_S, ANSWER_S, CLOSED_S = 600.0, 300.0, 2.0


@dataclass(frozen=True, slots=True)
class Open:
    """What a program has open.

    Attributes:
        processes: that it has started, and those that they have.
    """

    descriptors: int
    threads: int
    processes: int

    @classmethod
    def by(cls, pid: int) -> Open:
        """Count it."""
        fds, threads = (len(list(Path(f"/proc/{pid}/{name}").iterdir())) for name in ("fd", "task"))
        return cls(fds, threads, len(descendants(pid)))


class Tab:
    """A tab of a browser with the page in it.

    Args:
        address: of the program.
    """

    def __init__(self, address: str) -> None:
        self._client = httpx.Client(
            base_url=address, timeout=ANSWER_S, headers={"accept-language": "ko-KR,ko", "origin": address}
        )
        self._session = secrets.token_hex(6)
        self._client.get("/").raise_for_status()
        functions = self._client.get("/config").raise_for_status().json()["dependencies"]
        self._numbers: dict[str, int] = {}  # of the page's functions; the first of a name
        for function in functions:
            self._numbers.setdefault(str(function["api_name"]), function["id"])
        self._heartbeat = self._client.stream("GET", f"/gradio_api/heartbeat/{self._session}")
        self._heartbeat.__enter__()
        self._chat: list[Any] = []
        self._queued("greet")
        self._queued("show", [], [])
        self._queued("listed", "")

    def __enter__(self) -> Tab:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._heartbeat.__exit__(kind, error, trace)
        self._client.close()

    def ready(self) -> bool:
        """Look at the status, as the page does each second."""
        said = self._at_once("tick", None, [], [])
        return "준비되었습니다" in json.dumps(said, ensure_ascii=False)

    def ask(self, question: str) -> str:
        """Ask in this tab's conversation; return what the chat says then."""
        self._chat = self._at_once("take", question, self._chat)[1]
        self._chat = self._queued("answer", self._chat, None, False, [], None)[0]
        self._queued("listed", "")
        self.ready()
        assert self._chat[-1]["role"] == "assistant", self._chat
        return json.dumps(self._chat[-1]["content"], ensure_ascii=False)

    def _body(self, name: str, inputs: tuple[Any, ...]) -> dict[str, Any]:
        return {
            "data": list(inputs),
            "fn_index": self._numbers[name],
            "session_hash": self._session,
            "event_data": None,
            "trigger_id": None,
        }

    def _at_once(self, name: str, *inputs: Any) -> list[Any]:
        """Call a function of the page that does not wait in a queue."""
        done = self._client.post("/gradio_api/run/predict", json=self._body(name, inputs)).raise_for_status()
        outputs: list[Any] = done.json()["data"]
        return outputs

    def _queued(self, name: str, *inputs: Any) -> list[Any]:
        """Join the queue and listen until the function is done."""
        self._client.post("/gradio_api/queue/join", json=self._body(name, inputs)).raise_for_status()
        outputs: list[Any] | None = None
        where = {"session_hash": self._session}
        with self._client.stream("GET", "/gradio_api/queue/data", params=where) as events:
            for line in events.iter_lines():
                message = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
                if message.get("msg") == "process_completed":
                    if not message["success"]:
                        raise RuntimeError(f"{name}: {message['output']}")
                    outputs = message["output"]["data"]
        if outputs is None:
            raise RuntimeError(f"{name}: the stream ended before the answer")
        return outputs


def growth(seen: Mapping[int, Open]) -> dict[str, int]:
    """Return by how much descriptors and threads are more at the end than after BASE questions; nothing where
    no more were asked.

    >>> growth({10: Open(60, 20, 4), 100: Open(70, 22, 4), 200: Open(75, 21, 4)})
    {'descriptors': 5, 'threads': -1}
    >>> growth({10: Open(60, 20, 4), 60: Open(99, 99, 4)})
    {}
    """
    if BASE not in seen or max(seen) == BASE:
        return {}
    base, end = seen[BASE], seen[max(seen)]
    return {
        "descriptors": end.descriptors - base.descriptors,
        "threads": end.threads - base.threads,
    }


def library(folder: Path) -> None:
    """Write short documents, each about a place of its own."""
    folder.mkdir()
    for person, place in enumerate(PLACES):
        lines = "\n".join(
            f"{place}시의 {thing}은 {amount(person, i)} 원이다." for i, thing in enumerate(THINGS)
        )
        (folder / f"{place}.txt").write_text(f"{place}시 예산서\n\n{lines}\n", encoding="utf-8")


def wait_ready(address: str, program: subprocess.Popen[bytes]) -> None:
    """Wait until the page is there and says that it is ready. Raises RuntimeError, TimeoutError."""
    until = time.monotonic() + START_S
    while time.monotonic() < until and program.poll() is None:
        try:
            httpx.get(address, timeout=1).raise_for_status()
            break
        except httpx.HTTPError:
            time.sleep(0.5)
    with Tab(address) as tab:
        while time.monotonic() < until:
            if program.poll() is not None:
                raise RuntimeError(f"the program ended with {program.returncode}")
            if tab.ready():
                return
            time.sleep(1)
    raise TimeoutError(f"not ready after {START_S:g} s")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/RESULTS.md")
    arguments = parser.parse_args()
    asked = right = 0
    seen: dict[int, Open] = {}
    lines = ["| questions | descriptors | threads | processes |", "|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as temporary:
        library(Path(temporary, "documents"))
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        folders = [f"--{name}={Path(temporary, name)}" for name in ("documents", "data")]
        program = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), *folders, f"--port={port}"],
            env={**os.environ, "RAG_READ_K": "1"},
            stdout=subprocess.DEVNULL,
        )
        try:
            wait_ready(address, program)
            begun = time.perf_counter()
            print("\n".join(lines), flush=True)
            while asked < arguments.questions:
                with Tab(address) as tab:
                    for _ in range(min(QUESTIONS_OF_A_TAB, arguments.questions - asked)):
                        person, thing = asked % len(PLACES), asked // len(PLACES) % len(THINGS)
                        answer = tab.ask(f"{PLACES[person]}시의 {THINGS[thing]}은 얼마인가요?")
                        right += amount(person, thing) in answer
                        asked += 1
                if asked == QUESTIONS_OF_A_TAB or asked % 100 == 0 or asked == arguments.questions:
                    time.sleep(CLOSED_S)  # until the program has noticed that the tab is closed
                    seen[asked] = now = Open.by(program.pid)
                    lines.append(f"| {asked} | {now.descriptors} | {now.threads} | {now.processes} |")
                    print(lines[-1], flush=True)
            seconds = time.perf_counter() - begun
        finally:
            program.terminate()
            program.wait(60)
    more = growth(seen)
    said = [
        f"{asked} questions in {seconds:.0f} s, {right} answers with the right figure.",
        f"Growth after question {BASE}: {', '.join(f'{n} {name}' for name, n in more.items())}."
        if more
        else f"Too few questions to judge growth, which begins after question {BASE}.",
    ]
    print("\n".join(said))
    if arguments.write:
        command = f"python benchmarks/descriptors.py --questions {arguments.questions} --write"
        results.write("Open files and threads", command, [*said, "", *lines])
    return int(any(n > MOST_MORE for n in more.values()))


if __name__ == "__main__":
    sys.exit(main())
