"""Write measurements into benchmarks/RESULTS.md: one section each, replaced where it stands, with date,
hardware and commit.
"""

from __future__ import annotations

import datetime
import os
import platform
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.config import ROOT

RESULTS = ROOT / "benchmarks" / "RESULTS.md"


def processor() -> str:
    """Return the name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def commit() -> str:
    """Return the commit that is measured, with "+" where files differ from it."""
    try:
        run = subprocess.run(
            ["git", "describe", "--always", "--dirty=+"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
        return run.stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return "an unknown commit"


def table(columns: dict[str, dict[str, Any]]) -> list[str]:
    """Return a Markdown table of reports side by side: column → (row → value)."""
    names = list(dict.fromkeys(name for report in columns.values() for name in report))
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    return lines + [
        "| " + " | ".join([name.strip(), *(str(report.get(name, "–")) for report in columns.values())]) + " |"
        for name in names
    ]


def write(title: str, command: str, lines: Sequence[str], file: Path = RESULTS) -> None:
    """Put a section in the place of the one with the same title, or at the end."""
    head = (
        f"{datetime.date.today().isoformat()}, {processor()}, {os.cpu_count()} cores, commit {commit()}, "
        f"`{command}`"
    )
    section = "\n".join([f"## {title}", "", head, "", *lines]).rstrip() + "\n"
    text = file.read_text(encoding="utf-8") if file.exists() else "# Results\n"
    pattern = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    text = (
        pattern.sub(lambda _: section + "\n", text)
        if pattern.search(text)
        else text.rstrip() + "\n\n" + section
    )
    file.write_text(text.rstrip() + "\n", encoding="utf-8")
