"""Fuzz the loaders, guided by coverage: what would end or hang the process that reads files?

    python -m pip install atheris          (Linux; not among the requirements)
    python benchmarks/fuzz.py [--seconds 60] [--formats pdf hwpx …] [--corpus DIR]

Each format runs in a process of its own under libFuzzer (through atheris) with our loaders instrumented,
from small good files as seeds. A LoadError, or any Python exception, is no finding: the sandbox turns both
into one sentence. Findings are what the sandbox would have to survive: a crash of a native parser, more than
30 s or 2 GB for one file. They are kept in the corpus folder as crash-*, timeout-* and oom-*, and named at
the end.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent), str(Path(__file__).parent.parent / "tests")]

FORMATS = ("txt", "md", "html", "pdf", "docx", "pptx", "xlsx", "hwpx", "hwp", "eml", "msg")


def seed(format: str, folder: Path) -> None:
    """Put small good files of a format into a folder."""
    from makers import docx_file, eml_file, msg_file, pdf_file, pptx_file, xlsx_file

    from rag.config import ROOT

    folder.mkdir(parents=True, exist_ok=True)
    makers = {"docx": docx_file, "pdf": pdf_file, "pptx": pptx_file, "xlsx": xlsx_file}
    makers |= {"eml": eml_file, "msg": msg_file}
    if format in makers:
        makers[format](folder / f"seed.{format}")
    if format == "pdf":  # real ones are a hundred times as large and as slow
        return
    for file in [
        *(ROOT / "documents").rglob(f"*.{format}"),
        *(ROOT.parent / "shared" / "samples").rglob(f"*.{format}"),
    ]:
        if file.stat().st_size < 200_000:
            (folder / file.name).write_bytes(file.read_bytes())
    if format in ("txt", "html"):
        (folder / "seed").write_text(
            "<h1>계획</h1><table><tr><td>가</td></tr></table>\n제1조(목적) 시는 3억 원을 쓴다.\n",
            encoding="utf-8",
        )


def fuzz(format: str) -> None:
    """Run under libFuzzer until its time is over; the arguments that follow are its own."""
    import atheris

    with atheris.instrument_imports(include=["rag.ingest.loaders"]):
        from rag.ingest.loaders import blocks, html, hwp, markdown, office, parse, pdf, tables, text  # noqa: F401
    folder = Path(tempfile.mkdtemp())
    file = folder / f"x.{format}"

    def once(data: bytes) -> None:
        file.write_bytes(data)
        try:
            parse(file, folder)
        except Exception:  # one sentence for a person, whatever it is
            return

    atheris.Setup([sys.argv[0], *sys.argv[3:]], once)
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60, help="for each format")
    parser.add_argument("--formats", nargs="*", default=FORMATS, choices=FORMATS)
    parser.add_argument("--corpus", default=tempfile.mkdtemp(prefix="fuzz-"), help="folder that is kept")
    arguments = parser.parse_args()
    found = 0
    for format in arguments.formats:
        folder = Path(arguments.corpus, format)
        seed(format, folder)
        limits = [
            f"-max_total_time={arguments.seconds}",
            "-timeout=30",
            "-rss_limit_mb=3000",
            f"-artifact_prefix={arguments.corpus}/{format}-",
        ]
        done = subprocess.run(
            [sys.executable, __file__, "--one", format, *limits, str(folder)],
            capture_output=True,
            text=True,
            errors="replace",
        )
        runs = re.findall(r"Done (\d+) runs|#(\d+)\s", done.stderr)
        kept = sorted(Path(arguments.corpus).glob(f"{format}-*"))
        found += len(kept)
        coverage = re.findall(r"cov: (\d+)", done.stderr)
        executions = next((int(a or b) for a, b in reversed(runs)), 0)
        print(
            f"{format:5} {executions:8,} executions, {coverage[-1] if coverage else 0} places covered, "
            f"findings: {[k.name for k in kept] or 'none'}",
            flush=True,
        )
        if done.returncode and not kept:
            print(done.stderr[-1500:])
    return int(found > 0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        fuzz(sys.argv[2])
    else:
        sys.exit(main())
