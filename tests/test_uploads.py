"""Of what is uploaded nothing is left: not when the program has ended, nor when it was killed and starts again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from rag.config import ROOT
from rag.ui.uploads import UPLOADS, UploadFolder, discard, hold

KILLED = """
import os, sys
from pathlib import Path
from rag.ui.uploads import UploadFolder
folder = UploadFolder(Path(sys.argv[1]))
(folder.path / "a").mkdir()
(folder.path / "a" / "계획.txt").write_text("수당은 3만 원이다.", encoding="utf-8")
os._exit(9)
"""


def test_nothing_is_left_at_the_end(tmp_path: Path) -> None:
    folder = UploadFolder(tmp_path)
    (folder.path / "a").mkdir()
    (folder.path / "a" / "계획.txt").write_text("수당은 3만 원이다.", encoding="utf-8")
    folder.close()
    assert not list((tmp_path / UPLOADS).iterdir())


def test_what_a_killed_run_left_goes_at_the_next_start_and_that_of_a_living_one_stays(tmp_path: Path) -> None:
    living = UploadFolder(tmp_path)
    ran = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT)
    assert ran.returncode == 9 and list((tmp_path / UPLOADS).rglob("계획.txt"))
    third = UploadFolder(tmp_path)
    assert {path for path in (tmp_path / UPLOADS).iterdir() if path.is_dir()} == {living.path, third.path}
    third.close()
    living.close()
    assert not list((tmp_path / UPLOADS).iterdir())


def test_a_page_starts_where_no_folder_can_be_made(tmp_path: Path) -> None:
    (tmp_path / UPLOADS).touch()
    UploadFolder(tmp_path).close()


def test_what_is_held_outlives_the_upload(tmp_path: Path) -> None:
    upload = tmp_path / "a1b2" / "계획.txt"
    upload.parent.mkdir()
    upload.write_text("수당은 3만 원이다.", encoding="utf-8")
    held = hold(upload)
    discard(upload)
    discard(upload)
    assert held.name == upload.name and [file for file in tmp_path.rglob("*") if file.is_file()] == [held]
    discard(held)
    assert not list(tmp_path.iterdir())
