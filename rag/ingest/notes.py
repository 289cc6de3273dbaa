"""What a person should know of a file that was read: what it hides, what was left out, which pages are
pictures.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.ingest.scan_pages import FAILED, IN_TEXT, WAITING
from rag.ingest.tesseract import install_command
from rag.messages import Message

MAX_NAMES = 10  # attachments in the note of a file
HIDDEN = 5  # invisible or hidden characters that are worth a word; editors leave one or two


def of_text(hidden: int, unseen: int, dropped: int, unopened: Sequence[str] = ()) -> list[Message]:
    """Say what of a document a reader may not see or was left out, where it is more than next to nothing.

    Args:
        hidden, unseen, dropped, unopened: see the metadata of `rag.ingest.loaders.blocks`.
    """
    messages = []
    if unseen >= HIDDEN:
        messages.append(Message("characters-hidden", count=unseen))
    if hidden >= HIDDEN:
        messages.append(Message("characters-invisible", count=hidden))
    if dropped:
        messages.append(Message("characters-left-out", count=dropped))
    if unopened:
        more = " …" if len(unopened) > MAX_NAMES else ""
        messages.append(Message("attachments-unread", names=", ".join(unopened[:MAX_NAMES]) + more))
    return messages


def of_scans(states: Sequence[int], n_pages: int, *, engine: bool, wanted: bool) -> list[Message]:
    """Say which pages of a document are pictures and what became of them.

    Args:
        states: of those pages, see `rag.ingest.scan_pages`. n_pages: of the whole document.
        engine: something is there that reads them. wanted: they are to be read.
    """
    waiting, read, failed = (states.count(state) for state in (WAITING, IN_TEXT, FAILED))
    messages = []
    if waiting and engine:
        messages.append(Message("scans-being-read", count=waiting, pages=n_pages))
    elif waiting:
        messages.append(Message("scans-unread", count=waiting, pages=n_pages))
        if wanted:
            messages.append(Message("scans-install", command=install_command()))
    if read:
        messages.append(Message("scans-read", count=read, pages=n_pages))
    if failed:
        messages.append(Message("scans-failed", count=failed, pages=n_pages))
    return messages
