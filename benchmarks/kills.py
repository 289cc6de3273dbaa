"""Kill -9 at random moments of a sync, an addition, a removal and a rebuild, and see whether anything is
lost.

    python benchmarks/kills.py --kills 200 [--answers 8] [--write]

Each time a child works on a library and is killed somewhere in the middle; another one then syncs and tells
what it has: ids of chunks, the catalogue, vectors, and what a search finds. All must be as in a library that
was never disturbed. Vectors are hashed words, so that the time goes into what is to be tested; everything
else is the program's own. After some of the kills (--answers) the repaired library is also given to the real
models and asked; text and citations must be those of the undisturbed one.

The processes that the killed one had started (parser, analyser of Korean) are written down before the kill,
while it is held (SIGSTOP): none of them, nor any in the sessions that they lead, may run two seconds later.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import results
from benchmarks.processes import descendants, outlive

ORPHANS_S = 2.0  # that the processes of a killed program have to end
KINDS = ("sync", "add", "remove", "rebuild")
QUESTIONS = (
    "2번 시 제5조의 심야버스 노선은 몇 개인가요?",
    "7번 시 제11조의 예산은 얼마인가요?",
    "심야버스 노선이 가장 긴 시는 어디인가요?",
)


def work(folder: Path, report: bool) -> None:
    """In a child: sync the library; `report` prints what it holds afterwards."""
    from rag.config import Settings
    from rag.ingest.library import Library
    from rag.question.wording import Wording
    from rag.search.retriever import HybridRetriever
    from tests.conftest import HashedEmbeddings

    print("begun", flush=True)
    library = Library(Settings.load(documents=folder / "documents", data=folder / "data"), HashedEmbeddings())
    begun = time.perf_counter()
    library.sync()
    if report:
        catalogue = library.catalogue
        rows = library.documents()
        found = HybridRetriever.over(library).find(Wording("심야버스 노선"))
        vectors = catalogue.vectors(library.model)
        state = {
            "documents": [(r.path, r.sha256, r.status, r.chunks, r.embedded) for r in rows],
            "ids": sorted(c.id for r in rows for c in catalogue.document_chunks(r.id)),
            "vectors": hashlib.sha256(b"".join(vectors[k].tobytes() for k in sorted(vectors))).hexdigest(),
            "in_chroma": sorted(library.vectors.nearest(HashedEmbeddings().query("버스"), 10_000)),
            "found": [(h.chunk.id, round(h.score, 6)) for h in found.hits],
        }
        print(json.dumps({"state": state, "seconds": time.perf_counter() - begun}), flush=True)
    library.close()


def ask(folder: Path) -> None:
    """In a child: sync the library with the real embedding model, ask the real chat model, print the
    answers.
    """
    from rag.assistant import Assistant
    from rag.config import Settings

    assistant = Assistant(Settings.load(documents=folder / "documents", data=folder / "data"))
    assistant.sync()
    answers = [assistant.ask(question) for question in QUESTIONS]
    print(
        json.dumps(
            [(a.text, [(c.path, c.page, c.start, c.end, c.quote) for c in a.citations]) for a in answers]
        ),
        flush=True,
    )
    assistant.close()


def answers_of(folder: Path) -> Any:
    """Ask a copy of a library."""
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copytree(folder, Path(scratch, "library"))
        ran = subprocess.run(
            [sys.executable, __file__, "--ask", str(Path(scratch, "library"))],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return json.loads(ran.stdout.splitlines()[-1])


def run(folder: Path, *, kill_after: float | None = None) -> dict[str, Any]:
    """Let a child work; kill it after so many seconds of work, or wait for its report.

    Returns: its report; or whether it had finished, and of a killed one how many processes it had started
    (started) and how many of them outlived it (orphans).
    """
    command = [
        sys.executable,
        __file__,
        "--work",
        str(folder),
        *([] if kill_after is not None else ["--report"]),
    ]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert child.stdout
    child.stdout.readline()
    begun = time.perf_counter()
    if kill_after is None:
        answer = json.loads(child.stdout.readline())
        child.wait()
        return {**answer, "wall": time.perf_counter() - begun}
    try:
        child.wait(kill_after)
        return {"finished": True}
    except subprocess.TimeoutExpired:
        os.kill(child.pid, signal.SIGSTOP)  # so that it starts nothing more that is not written down
        started = descendants(child.pid)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        orphans = outlive(started, ORPHANS_S)
        for orphan in orphans:
            print(f"process {orphan.pid} outlived the program", flush=True)
            with contextlib.suppress(OSError):
                os.kill(orphan.pid, signal.SIGKILL)
        return {"finished": False, "started": len(started), "orphans": len(orphans)}


def documents(folder: Path, count: int) -> None:
    folder.mkdir(parents=True)
    for i in range(count):
        lines = [
            f"제{j}조 {i}번 시의 심야버스 노선은 {i + j}개이며 예산은 {i * j + 3}억 원이다."
            for j in range(1, 30)
        ]
        (folder / f"{i:02}_문서.md").write_text(
            f"# {i}번 시 교통 계획\n\n" + "\n\n".join(lines), encoding="utf-8"
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--documents", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--answers", type=int, default=0, help="kills after which the library is also asked")
    parser.add_argument("--write", action="store_true", help="put the figures into benchmarks/RESULTS.md")
    parser.add_argument("--work", type=Path)
    parser.add_argument("--ask", type=Path)
    parser.add_argument("--report", action="store_true")
    arguments = parser.parse_args()
    if arguments.work:
        work(arguments.work, arguments.report)
        return
    if arguments.ask:
        ask(arguments.ask)
        return
    rng = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as base:
        full, fewer = Path(base, "full"), Path(base, "fewer")
        documents(full / "documents", arguments.documents)
        shutil.copytree(full / "documents", fewer / "documents")
        for name in sorted((fewer / "documents").iterdir())[-4:]:
            name.unlink()
        clean = {"full": run(full), "fewer": run(fewer)}
        length = clean["full"]["wall"]
        counts = {kind: {"kills": 0, "wrong": 0} for kind in KINDS}
        said = (
            {end: answers_of(folder) for end, folder in (("full", full), ("fewer", fewer))}
            if arguments.answers
            else {}
        )
        asked = differed = started = orphans = 0
        repairs = []
        while sum(c["kills"] for c in counts.values()) < arguments.kills:
            kind = min(KINDS, key=lambda k: counts[k]["kills"])
            with tempfile.TemporaryDirectory() as scratch:
                folder = Path(scratch, "library")
                begins, ends = {
                    "sync": (None, "full"),
                    "add": ("fewer", "full"),
                    "remove": ("full", "fewer"),
                    "rebuild": ("full", "full"),
                }[kind]
                wanted = full if ends == "full" else fewer
                shutil.copytree(wanted / "documents", folder / "documents")
                if begins:
                    shutil.copytree((full if begins == "full" else fewer) / "data", folder / "data")
                if kind == "rebuild":
                    for chroma in (folder / "data").glob("chroma-*"):
                        shutil.rmtree(chroma)
                killed = run(folder, kill_after=rng.uniform(0, length if kind == "sync" else 0.7 * length))
                if killed["finished"]:
                    continue
                counts[kind]["kills"] += 1
                started += killed["started"]
                orphans += killed["orphans"]
                after = run(folder)
                repairs.append(after["seconds"])
                if after["state"] != clean[ends]["state"]:
                    counts[kind]["wrong"] += 1
                    differing = [k for k in after["state"] if after["state"][k] != clean[ends]["state"][k]]
                    print(f"{kind}: differs in {differing}", flush=True)
                if asked < arguments.answers:
                    asked += 1
                    if answers_of(folder) != said[ends]:
                        differed += 1
                        print(f"{kind}: other answers", flush=True)
        lines = [
            f"{kind}: {count['kills']} kills, {count['wrong']} libraries that differ from a clean one"
            for kind, count in counts.items()
        ]
        lines.append(
            f"{started} processes that the killed ones had started, {orphans} of them alive after "
            f"{ORPHANS_S:g} s (expected: 0)"
        )
        if asked:
            lines.append(
                f"{asked} repaired libraries asked {len(QUESTIONS)} questions each: {differed} with other "
                f"answers or citations than a clean one"
            )
        lines.append(
            f"a sync from nothing {clean['full']['seconds']:.1f} s; repair: median "
            f"{statistics.median(repairs):.1f} s, longest {max(repairs):.1f} s"
        )
        print("\n".join(lines))
        if asked:
            print("\n".join(text for text, _ in said["full"]))
        if arguments.write:
            command = (
                f"python benchmarks/kills.py --kills {arguments.kills} --answers {arguments.answers} --write"
            )
            results.write("Kills", command, [f"- {line}" for line in lines])


if __name__ == "__main__":
    main()
