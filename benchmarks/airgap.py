"""Prove the air-gap bundle: make it, install from it where there is no network at all, ask, and get a cited
answer.

    python benchmarks/airgap.py [--keep DIR]

The installation and the question run in a network namespace of their own (`unshare -rn`), with a new HOME
and an empty cache. A damaged file must be refused first.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from rag import bundle
from rag.config import Settings
from rag.model.weights import ModelStore

QUESTION = "딥시크 R1의 가장 큰 모델은 매개변수가 몇 개인가요?"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--keep", help="folder for the bundle and the installation; by default they are thrown away"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(arguments.keep or temporary)
        made, target, home = root / "bundle", root / "installed", root / "home"
        home.mkdir(parents=True, exist_ok=True)
        start = time.perf_counter()
        bundle.make(
            made,
            ModelStore(Settings.load().models_dir),
            lambda step: print(f"  {step} …", file=sys.stderr, flush=True),
        )
        size = sum(file.stat().st_size for file in made.rglob("*") if file.is_file())
        wheels = len(list((made / "wheels").iterdir()))
        print(f"bundle: {size / 1e9:.2f} GB, {wheels} wheels, made in {time.perf_counter() - start:.0f} s")
        alone = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}

        def offline(*command: str | Path, cwd: Path = root) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                ["unshare", "-rn", *map(str, command)], env=alone, cwd=cwd, capture_output=True, text=True
            )

        reached = offline(
            sys.executable, "-c", "import socket; socket.create_connection(('192.0.2.1', 80), 3)"
        )
        print(
            f"the network is {'there, so nothing is proved' if not reached.returncode else 'gone (canary)'}"
        )
        victim = min((made / "program" / "rag").rglob("*.py"))
        whole = victim.read_bytes()
        victim.write_bytes(whole + b"\n")
        refused = offline(sys.executable, made / "install.py", target)
        print(f"a changed file: {refused.stdout.strip()}")
        victim.write_bytes(whole)
        start = time.perf_counter()
        installed = offline(sys.executable, made / "install.py", target)
        print(
            f"installed in {time.perf_counter() - start:.0f} s: "
            f"{(installed.stdout + installed.stderr).strip().splitlines()[-1]}"
        )
        start = time.perf_counter()
        program = target / "program"
        python = target / "venv" / "bin" / "python"
        synced = offline(python, "-m", "rag", "sync", "--json", cwd=program)
        asked = offline(python, "-m", "rag", "ask", QUESTION, "--json", cwd=program)
        if synced.returncode or asked.returncode:
            print(synced.stderr[-1000:], asked.stderr[-1000:])
            return 1
        answer = json.loads(asked.stdout.splitlines()[-1])
        print(
            f"asked after {time.perf_counter() - start:.0f} s: {answer['answer']}  ← "
            f"{[c['path'] for c in answer['citations'][:1]]}"
        )
        good = (
            reached.returncode != 0
            and refused.returncode == 1
            and "6,710억" in answer["answer"]
            and answer["citations"]
        )
        print("held" if good else "NOT held")
        return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
