"""Mails of Outlook (.msg): properties in the streams of an OLE file, by olefile ([MS-OXMSG]).

A stream `__substg1.0_TTTTYYYY` holds the property with the tag T in the type Y; times stand in
`__properties_version1.0`, attachments and mails in mails in storages of their own. Text that is stored as
compressed RTF alone is named as unread.
"""

from __future__ import annotations

import datetime
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import olefile

from rag.errors import LoadError
from rag.ingest.loaders.coverage import Present, attempt, fullest, page_lines
from rag.ingest.loaders.message import MAX_ATTACHMENTS, MAX_MAILS, Attachment, Mail, decoded, parse_mail
from rag.ingest.loaders.parsed import Parsed

_SUBJECT, _BODY, _HTML, _RTF = 0x0037, 0x1000, 0x1013, 0x1009
_SENDER, _ADDRESS, _SMTP, _TO, _COPIED = 0x0C1A, 0x0C1F, 0x5D01, 0x0E04, 0x0E03
_SENT, _RECEIVED, _CODEPAGE, _MESSAGE_CODEPAGE = 0x0039, 0x0E06, 0x3FDE, 0x3FFD
_DATA, _NAME, _SHORT_NAME, _SHOWN = 0x3701, 0x3707, 0x3704, 0x3001
_HIDDEN = 0x7FFE  # an attachment that the text shows, or that Outlook keeps for itself
_UNICODE, _BYTES, _BINARY = 0x001F, 0x001E, 0x0102
_HEADS = (32, 24, 8)  # bytes before the first property: of a mail, of a mail in a mail, of an attachment
_RTF_TEXT = "RTF"  # the name of a text that was not read
_EPOCH = datetime.datetime(1601, 1, 1, tzinfo=datetime.UTC)


def parse_msg(path: Path, *, attachments: bool = True) -> Parsed:
    """Parse a .msg file.

    Args:
        attachments: read them; else they are named as unread.

    Raises:
        LoadError: damaged, or no mail.
    """
    try:
        with olefile.OleFileIO(str(path)) as ole:
            if not ole.exists("__properties_version1.0"):
                raise LoadError("file-not-outlook", file=path.name)
            mail = _mail(ole, [], path.name, 0)
    except (
        OSError,
        ArithmeticError,
        ValueError,
        LookupError,
        TypeError,
        struct.error,
        RecursionError,
    ) as error:
        raise LoadError("file-container-damaged", file=path.name) from error
    shown = attempt(lambda: Present(list(_visible_lines(mail))), path.name)
    return parse_mail(mail, path, shown, attachments=attachments)


def _visible_lines(mail: Mail) -> Iterator[str]:
    """Yield the lines that the texts of a mail and of the mails in it show. Raises LoadError: one is RTF,
    whose letters nobody counts.
    """
    if _RTF_TEXT in mail.unread:
        raise LoadError("file-without-text", file=mail.subject)
    for plain, page in mail.texts:
        yield from fullest([plain.splitlines(), page_lines(page)])
    for attachment in mail.attachments:
        if attachment.mail:
            yield from _visible_lines(attachment.mail)


class _Properties:
    """The properties of one storage. `charset`: of the mail that it stands in."""

    def __init__(self, ole: Any, storage: list[str], head: int, charset: str = "") -> None:
        self._ole, self._storage = ole, storage
        self.fixed: dict[int, bytes] = {}  # eight bytes each, by tag
        entries = self._stream("__properties_version1.0")[head:]
        for at in range(0, len(entries) - 15, 16):
            self.fixed[struct.unpack_from("<H", entries, at + 2)[0]] = entries[at + 8 : at + 16]
        number = self.number(_CODEPAGE) or self.number(_MESSAGE_CODEPAGE)
        self.charset = {0: charset, 65001: "utf-8"}.get(number, f"cp{number}")

    def _stream(self, name: str) -> bytes:
        place = [*self._storage, name]
        if not self._ole.exists(place):
            return b""
        with self._ole.openstream(place) as stream:
            return bytes(stream.read())

    def data(self, tag: int) -> bytes:
        return self._stream(f"__substg1.0_{tag:04X}{_BINARY:04X}")

    def text(self, tag: int) -> str:
        """Return a text: stored in Unicode, or in bytes of the mail's code page."""
        if wide := self._stream(f"__substg1.0_{tag:04X}{_UNICODE:04X}"):
            return wide.decode("utf-16-le", "ignore").rstrip("\0")
        narrow = self._stream(f"__substg1.0_{tag:04X}{_BYTES:04X}").rstrip(b"\0")
        return decoded(narrow, self.charset, self._storage[0] if self._storage else "The mail")

    def number(self, tag: int) -> int:
        return int(struct.unpack("<I", self.fixed[tag][:4])[0]) if tag in self.fixed else 0

    def time(self, tag: int) -> datetime.datetime | None:
        """Return a time as this computer's clock shows it, as Outlook does."""
        ticks = struct.unpack("<Q", self.fixed[tag])[0] if tag in self.fixed else 0
        try:
            return (_EPOCH + datetime.timedelta(microseconds=ticks // 10)).astimezone() if ticks else None
        except (OverflowError, ValueError, OSError):
            return None


def _mail(ole: Any, storage: list[str], name: str, depth: int, charset: str = "") -> Mail:
    own = _Properties(ole, storage, _HEADS[0] if not storage else _HEADS[1], charset)
    plain, page = own.text(_BODY), own.text(_HTML) or decoded(own.data(_HTML), own.charset, name)
    unread = [] if plain.strip() or page.strip() or not own.data(_RTF) else [_RTF_TEXT]
    attachments: list[Attachment] = []
    places = {
        entry[len(storage)] for entry in ole.listdir(streams=True, storages=True) if entry[:-1] == storage
    }
    for place in sorted(p for p in places if p.startswith("__attach_version1.0_"))[: MAX_ATTACHMENTS + 1]:
        inside = [*storage, place]
        part = _Properties(ole, inside, _HEADS[2], own.charset)
        named = part.text(_NAME) or part.text(_SHORT_NAME) or part.text(_SHOWN)
        embedded = [*inside, f"__substg1.0_{_DATA:04X}000D"]
        if part.fixed.get(_HIDDEN, b"\0")[0] and Path(named).suffix.lower() in (
            ".png",
            ".jpg",
            ".gif",
            ".bmp",
        ):
            continue
        if ole.exists([*embedded, "__properties_version1.0"]) and depth <= MAX_MAILS:
            inner = _mail(ole, embedded, name, depth + 1, own.charset)
            attachments.append(Attachment(named or f"{inner.subject or 'mail'}.msg", mail=inner))
        elif data := part.data(_DATA):
            attachments.append(Attachment(named or "?", data))
        else:
            unread.append(named or "?")
    sender, address = own.text(_SENDER), own.text(_SMTP) or own.text(_ADDRESS)
    return Mail(
        own.text(_SUBJECT),
        f"{sender} <{address}>" if sender and "@" in address and address != sender else sender or address,
        tuple(part.strip() for part in own.text(_TO).split(";") if part.strip()),
        tuple(part.strip() for part in own.text(_COPIED).split(";") if part.strip()),
        own.time(_SENT) or own.time(_RECEIVED),
        ((plain, page),),
        tuple(attachments),
        tuple(unread),
    )
