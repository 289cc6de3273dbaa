"""What a parser of one format gives: blocks in reading order and what the file says of itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from rag.ingest.loaders.blocks import Block
from rag.ingest.loaders.coverage import Present


@dataclass(frozen=True, slots=True)
class Parsed:
    """`title` and `date` (ISO 8601) are "" where the file states none; `made` is when the file says that it
    was written.

    `hidden` counts invisible characters that are no longer in the blocks, `unseen` characters in them that a
    reader may not see, `dropped` those that were left out since they are deleted, struck out or a remark.
    `unopened` are names of attachments that were not read, `present` what the file shows, where the parser
    has it at hand (`rag.ingest.loaders.coverage`), `scans` the pages that are pictures, each with its state
    (`rag.ingest.scan_pages`), of `n_pages` in all; `page_labels` what the file calls pages, by their number,
    where that is not their number.
    """

    blocks: list[Block] = field(default_factory=list)
    title: str = ""
    date: str = ""
    made: str = ""
    hidden: int = 0
    unseen: int = 0
    dropped: int = 0
    unopened: tuple[str, ...] = ()
    present: Present | None = None
    scans: list[tuple[int, int]] = field(default_factory=list)
    n_pages: int = 0
    page_labels: dict[int, str] = field(default_factory=dict)
