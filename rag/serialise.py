"""Hits, answers and what a sync did as JSON: what the command line prints, the page's API returns and `eval`
keeps. Pure.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rag.messages import Message
from rag.types import Answer, FileStatus, Hit


def hit_json(rank: int, hit: Hit) -> dict[str, Any]:
    """Return a hit as `search` prints it."""
    c = hit.chunk
    heading = " > ".join(part for part in (c.heading, c.caption) if part)
    return {
        "rank": rank,
        "score": round(hit.score, 4),
        "path": c.path,
        "page": c.page,
        "page_label": c.page_label,
        "heading": heading,
        "start": c.start,
        "end": c.end,
        "text": c.text,
    }


def status_json(status: FileStatus) -> dict[str, Any]:
    """Return what a sync did with a file, as `sync` prints it; `keys` are those of the reason, see
    `rag.messages`.
    """
    return {
        "path": status.path,
        "status": status.status,
        "chunks": status.chunks,
        "reason": str(status.reason),
        "keys": status.reason.all_keys(),
    }


def error_json(message: Message) -> dict[str, Any]:
    """Return what keeps a program from its answer: the English sentence and its keys, see `rag.messages`."""
    return {"error": str(message), "keys": list(message.all_keys())}


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return an answer as `ask` prints it."""
    return {
        "question": answer.question,
        "answer": answer.text,
        "status": answer.status.value,
        "refused": answer.refused,
        "sentences": [
            {"text": s.text, "supported": s.supported, "citations": list(s.citations)}
            for s in answer.sentences
        ],
        "unconfirmed": [{"text": s.text, "why": s.why} for s in answer.unconfirmed],
        "citations": [asdict(c) for c in answer.citations],
        "hits": [hit_json(rank, hit) for rank, hit in enumerate(answer.hits, 1)],
        "timings": asdict(answer.timings),
        "model": answer.model,
        "understood": answer.understood,
        "nearest": [asdict(c) for c in answer.nearest],
    }
