"""Run in a mount namespace of its own (unshare -rm): a library on a disk that is too small, then on the same disk made larger.

    python tests/full_disk.py FOLDER KILOBYTES

FOLDER holds `documents` and `first`, a data folder made of fewer documents; the disk has KILOBYTES more than that. Prints a JSON line.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from rag.config import Settings
from rag.errors import RagError
from rag.ingest.library import Library
from rag.question.wording import Wording
from rag.search.retriever import HybridRetriever
from tests.conftest import HashedEmbeddings


def ids(library: Library) -> str:
    """Return a hash of the ids of all chunks."""
    return hashlib.sha256(
        repr(
            sorted(c.id for row in library.documents() for c in library.catalogue.document_chunks(row.id))
        ).encode()
    ).hexdigest()


def main() -> None:
    base, extra = Path(sys.argv[1]), int(sys.argv[2])
    disk = base / "disk"
    disk.mkdir()
    needed = sum(file.stat().st_blocks // 2 for file in (base / "first").rglob("*"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={needed + extra}k", "none", disk], check=True)
    shutil.copytree(base / "first", disk / "data")
    settings = Settings.load(documents=base / "documents", data=disk / "data")
    result = {"said": "", "found": "", "search said": ""}
    try:
        library = Library(settings, HashedEmbeddings())
        try:
            library.sync()
        finally:
            library.close()
    except RagError as error:
        result["said"] = str(error)
    try:
        library = Library(settings, HashedEmbeddings())
        result["found"] = HybridRetriever.over(library).find(Wording("심야버스 노선")).hits[0].chunk.path
        library.close()
    except RagError as error:
        result["search said"] = str(error)
    subprocess.run(["mount", "-o", "remount,size=500m", disk], check=True)
    library = Library(settings, HashedEmbeddings())
    library.sync()
    rows = library.documents()
    print(
        json.dumps(
            {
                **result,
                "ready": sum(row.status == "ready" for row in rows),
                "whole": all(r.chunks == r.embedded for r in rows),
                "ids": ids(library),
            }
        )
    )
    library.close()


if __name__ == "__main__":
    main()
