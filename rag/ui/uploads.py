"""Where uploads lie until they were taken in: data/uploads/<run>/, of which nothing is left when the program
has ended.

Gradio keeps each at <run>/<hash of its content>/<its name>: the same file, dropped twice, is one there. What
a run left that was killed the next deletes: nobody holds its lock any more.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import uuid
from pathlib import Path

from filelock import FileLock

UPLOADS = "uploads"


class UploadFolder:
    """The folder of this run, in a data folder; those of runs that were killed go."""

    def __init__(self, data: Path) -> None:
        self.path = data.resolve() / UPLOADS / uuid.uuid4().hex
        self._lock = _lock_of(self.path)
        with contextlib.suppress(OSError):  # a full disk, to which nothing can be uploaded
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(
                timeout=0
            )  # before there is a folder that another run could take for a dead one's
            self.path.mkdir()
        _sweep(self.path)

    def close(self) -> None:
        """Delete the folder with all that is left in it."""
        _delete(self.path, self._lock)


def hold(upload: Path) -> Path:
    """Return a copy of an upload that outlives it: the upload goes as soon as anybody's same file was taken
    in.

    Raises:
        OSError: it cannot be copied.
    """
    copy = Path(tempfile.mkdtemp(dir=upload.parent.parent)) / upload.name
    shutil.copy2(upload, copy)
    return copy


def discard(upload: Path) -> None:
    """Delete an upload, or a copy that was held, with the folder that was made for it."""
    with contextlib.suppress(OSError):
        upload.unlink(missing_ok=True)
        upload.parent.rmdir()


def _sweep(own: Path) -> None:
    for folder in own.parent.glob("*/"):
        with contextlib.suppress(OSError):  # its run goes on
            if folder != own:
                lock = _lock_of(folder)
                lock.acquire(timeout=0)
                _delete(folder, lock)


def _delete(folder: Path, lock: FileLock) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    lock.release()
    with contextlib.suppress(OSError):
        Path(lock.lock_file).unlink(missing_ok=True)


def _lock_of(folder: Path) -> FileLock:
    return FileLock(folder.with_suffix(".lock"), thread_local=False)  # opened and closed by different threads
