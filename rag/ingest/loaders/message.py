"""The parts of a mail as values, whichever file they come from, and the text of them: `eml` and `msg` make
them.

A mail is one document: its subject is the title, a head says who wrote to whom and when, then comes its text
and, each below a heading with its name, what is attached in a format that we read. A mail in a mail is an
attachment.
"""

from __future__ import annotations

import datetime
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from rag.errors import LoadError
from rag.ingest.loaders.blocks import Block
from rag.ingest.loaders.coverage import Present, present
from rag.ingest.loaders.html import parse_message
from rag.ingest.loaders.parsed import Parsed
from rag.ingest.loaders.text import read_text, rejoined
from rag.text.cleaning import clean

MAX_MAILS = 5  # in each other
MAX_ATTACHMENTS = 100
MAX_NAMES = 5  # of receivers in the head
_KOREAN = re.compile(
    r"euc[-_]?kr|ks[-_]?c[-_]?5601.*|korean|(ms|cp|x-windows-|windows-)949|uhc", re.IGNORECASE
)
_WESTERN = re.compile(r"(us-)?ascii|iso-8859-\d+|latin-?1|windows-125\d|cp125\d", re.IGNORECASE)
_QUOTED = re.compile(r"^(?:\s?>)+ ?")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a mail; `mail` where it is a mail itself."""

    name: str
    data: bytes = b""
    mail: Mail | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail. `texts` are its texts in order, each plain and as a page, "" where it has no such form;
    `unread` are names of what could not be taken out.
    """

    subject: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()
    copied: tuple[str, ...] = ()
    date: datetime.datetime | None = None
    texts: tuple[tuple[str, str], ...] = ()
    attachments: tuple[Attachment, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass
class _Reading:
    """What is gathered while a mail and the mails in it are read."""

    root: Path
    attachments: bool
    attachments_left: int = MAX_ATTACHMENTS
    blocks: list[Block] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    parts: list[Parsed] = field(default_factory=list)
    present: list[Present | None] = field(default_factory=list)  # in the files that were read


def parse_mail(mail: Mail, path: Path, own_text: Present | None, *, attachments: bool = True) -> Parsed:
    """Return the blocks of a mail.

    Args:
        own_text: the lines that its texts and those of the mails in it show, None where they are not counted.
        attachments: read them; else they are named as unread.

    Raises:
        LoadError: it holds neither text nor anything that can be read.
    """
    with tempfile.TemporaryDirectory() as folder:
        reading = _Reading(Path(folder), attachments)
        _add(mail, reading, path.name, (), 0)
    if not mail.subject and not mail.sender and not reading.blocks:
        raise LoadError("file-without-text", file=path.name)
    date = mail.date.date().isoformat() if mail.date else ""
    parts = reading.parts
    return Parsed(
        reading.blocks,
        mail.subject,
        date,
        hidden=sum(part.hidden for part in parts),
        unseen=sum(part.unseen for part in parts),
        dropped=sum(part.dropped for part in parts),
        unopened=tuple(reading.unread),
        present=_present_in_all(own_text, reading.present),
    )


def _present_in_all(own_text: Present | None, attachments: Sequence[Present | None]) -> Present:
    """Return what a mail and the files in it hold. Nothing is counted where one of them is not: the share of
    the rest would pass for that of all.
    """
    lines: list[str] = list(own_text.lines) if own_text else []
    unread: Counter[str] = Counter()
    for part in attachments:
        more = list(part.lines) if part else []
        if part is None or not more:
            own_text = None
            continue
        lines += more
        unread.update(part.unread)
    return Present(lines if own_text else (), dict(unread))


def _add(mail: Mail, reading: _Reading, name: str, outer_names: tuple[str, ...], depth: int) -> None:
    """Add a mail's head, text and attachments. `outer_names`: of the attachments that it stands in."""
    if head := _head(mail):
        reading.blocks.append(Block("text", head))
    for plain, page in mail.texts:
        text = _text(plain, page, name)
        reading.parts.append(text)
        reading.blocks += text.blocks
    reading.unread += [_path_of_names(outer_names, part) for part in mail.unread]
    for attachment in mail.attachments:
        names = (*outer_names, clean(attachment.name).replace("\n", " ")[:120] or "?")
        heading = Block("heading", "첨부: " + " › ".join(names))
        reading.attachments_left -= 1
        if not reading.attachments or reading.attachments_left < 0 or depth >= MAX_MAILS:
            reading.unread.append(_path_of_names(names))
        elif attachment.mail:
            reading.blocks.append(heading)
            _add(attachment.mail, reading, names[-1], names, depth + 1)
        elif (part := _attachment_content(attachment, reading.root)) is not None:
            reading.parts.append(part)
            reading.present.append(part.present)
            if pictures := ", ".join(f"p.{page}" for page, _ in part.scans):
                reading.unread.append(f"{_path_of_names(names)} ({pictures})")
            reading.blocks += [heading, *(_as_subheading(block) for block in part.blocks)]
        else:
            reading.unread.append(_path_of_names(names))


def _path_of_names(names: Sequence[str], last: str = "") -> str:
    return " › ".join([*names, last] if last else names)


def _as_subheading(block: Block) -> Block:
    """A heading of an attachment stands below the one with its name, which has level 0."""
    return replace(block, level=max(1, block.level)) if block.kind == "heading" else block


def _attachment_content(attachment: Attachment, root: Path) -> Parsed | None:
    """Return what a file in a mail holds, None where it cannot be read: for a reader of the mail it is enough
    to know that it was not.
    """
    from rag.ingest.loaders import read

    suffix = Path(attachment.name).suffix.lower()
    file = root / f"attachment{suffix if re.fullmatch(r'[.][a-z]{2,8}', suffix) else ''}"
    file.write_bytes(attachment.data)
    try:
        part = read(file)
        part = replace(part, present=part.present or present(file))
    except Exception:  # parsers raise their own kinds on damaged files
        return None
    finally:
        file.unlink(missing_ok=True)
    return part if part.blocks else None


def _head(mail: Mail) -> str:
    """Say who wrote to whom and when, a line each."""
    sent = f"{mail.date:%Y-%m-%d %H:%M}" if mail.date else ""
    named = (
        ("제목", mail.subject),
        ("보낸 사람", mail.sender),
        ("받는 사람", _people(mail.to)),
        ("참조", _people(mail.copied)),
        ("보낸 날짜", sent),
    )
    return "\n".join(f"{label}: {clean(said)}".replace("\n", " ") for label, said in named if clean(said))


def _people(names: Sequence[str]) -> str:
    more = f" 외 {len(names) - MAX_NAMES}명" if len(names) > MAX_NAMES else ""
    return ", ".join(names[:MAX_NAMES]) + more


def _text(plain: str, html: str, name: str) -> Parsed:
    """Return a text of a mail: the plain one, unless it is a stub beside that of a page."""
    page = parse_message(html, name) if html.strip() else Parsed()
    letters = sum(
        len(block.text) + sum(len(cell.text) for row in block.rows for cell in row) for block in page.blocks
    )
    if len("".join(plain.split())) * 2 < letters or not plain.strip():
        return page
    return Parsed([Block("text", line) for line in _lines(plain)])


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of a plain text, wrapped ones in one; those of earlier mails keep one mark before
    them.
    """
    run: list[str] = []
    before: str | None = None
    for line in [*text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), None]:
        match = _QUOTED.match(line) if line is not None else None
        marks = "> " if match else ""
        if run and (line is None or marks != before):
            yield from (f"{before}{joined}" for joined in rejoined(run) if joined)
            run = []
        if line is not None:
            before = marks
            run.append(clean(line[match.end() :] if match else line))


def decoded(data: bytes, charset: str, name: str) -> str:
    """Decode a mail's text: by the charset that it states where that reads it, else by the bytes' own
    evidence.

    Korean charsets are read as CP949, which holds all that senders put into them; a Western one is what
    programs state that know none, so that bytes which are UTF-8 or Korean are taken for that.

    Raises:
        LoadError: no encoding reads the bytes.

    >>> decoded("똠방각하".encode("cp949"), "ks_c_5601-1987", "")
    '똠방각하'
    >>> decoded("예산안".encode(), "iso-8859-1", "")
    '예산안'
    """
    if not data.strip():
        return ""
    if b"\x1b$)C" in data:
        charset = "iso2022_kr"
    western = bool(_WESTERN.fullmatch(charset))
    try:
        if charset and not western:
            return data.decode("cp949" if _KOREAN.fullmatch(charset) else charset)
    except (LookupError, UnicodeError, ValueError):
        pass
    for evident in ("utf-8", "cp949") if western else ():
        try:
            text = data.decode(evident)
        except UnicodeDecodeError:
            continue
        if evident == "utf-8" or re.search("[가-힣]{2}", text):
            return text
    try:
        return data.decode(charset) if western else read_text(data, name)
    except (LookupError, UnicodeDecodeError):
        return read_text(data, name)
