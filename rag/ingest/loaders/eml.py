"""Mails as files (.eml, RFC 5322 and MIME), by Python's email package.

Headers are taken as the bytes they are: programs that write Korean also put it there undeclared, which the
package's newer policies turn into replacement characters, and cut encoded words within a letter, which it
joins only as bytes.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from email import policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.utils import collapse_rfc2231_value, getaddresses, parsedate_to_datetime
from pathlib import Path
from typing import Any

from rag.errors import LoadError
from rag.ingest.loaders.coverage import Present, attempt, fullest, page_lines
from rag.ingest.loaders.message import MAX_MAILS, Attachment, Mail, decoded, parse_mail
from rag.ingest.loaders.parsed import Parsed

_DATA = ("text/calendar", "text/vcard", "text/csv", "text/rfc822-headers")
_SIGNATURES = re.compile(r"application/(x-)?(pkcs7|pgp)-signature")


class _AsItIs(policy.Compat32):
    """Gives headers as they stand, undeclared bytes as surrogates."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        return value


def parse_eml(path: Path, *, attachments: bool = True) -> Parsed:
    """Parse an .eml file.

    Args:
        attachments: read them; else they are named as unread.

    Raises:
        LoadError: its parts cannot be told apart, or it holds nothing.
    """
    try:
        message = BytesParser(policy=_AsItIs()).parsebytes(path.read_bytes())
        mail = _mail(message, path.name, 0)
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise LoadError("file-text-damaged", file=path.name) from error
    shown = attempt(lambda: Present(_visible_lines(message, path.name)), path.name)
    return parse_mail(mail, path, shown, attachments=attachments)


def _visible_lines(part: Message, name: str) -> Sequence[str]:
    """Return the lines that the texts of a mail and of the mails in it show, without what is attached: by a
    walk of its own, since `_mail` may pass over one.
    """
    kind = part.get_content_type()
    if part.is_multipart():
        inside: Any = part.get_payload()
        forms = [_visible_lines(child, name) for child in inside]
        return (
            fullest(forms) if kind == "multipart/alternative" else [line for form in forms for line in form]
        )
    attached = part.get_filename() or part.get_content_disposition() == "attachment"
    if attached or kind in _DATA or part.get_content_maintype() != "text":
        return []
    text = decoded(_data(part), _parameter(part, "charset"), name)
    return page_lines(text) if kind == "text/html" else text.splitlines()


def _mail(message: Message, name: str, depth: int) -> Mail:
    texts: dict[
        int, tuple[list[str], list[str]]
    ] = {}  # plain ones and pages, those of which one is to be shown
    attachments: list[Attachment] = []
    unread: list[str] = []
    for part, choice in _leaves(message):
        kind = part.get_content_type()
        named = _name(part)
        if choice is not None:
            charset = _parameter(part, "charset")
            either = texts.setdefault(choice, ([], []))
            either[kind == "text/html"].append(_unflowed(part, decoded(_data(part), charset, named or name)))
        elif kind == "message/rfc822" and part.is_multipart() and depth <= MAX_MAILS:
            inner = _mail(part.get_payload()[0], name, depth + 1)  # type: ignore[arg-type,index]
            attachments.append(Attachment(named or f"{inner.subject or 'mail'}.eml", mail=inner))
        elif not _SIGNATURES.fullmatch(kind) and not _is_drawn_in_text(part):
            data = _data(part)
            if data:
                attachments.append(Attachment(named or kind, data))
            else:
                unread.append(named or kind)
    people = {header: _people(message, header) for header in ("from", "to", "cc")}
    return Mail(
        header_text(str(message.get("subject") or "")),
        ", ".join(people["from"]),
        people["to"],
        people["cc"],
        _date(str(message.get("date") or "")),
        tuple(("\n".join(plain), "\n".join(pages)) for plain, pages in texts.values()),
        tuple(attachments),
        tuple(unread),
    )


def _leaves(part: Message) -> Iterator[tuple[Message, int | None]]:
    """Yield the parts that hold something, not those that hold parts; with each of the mail's own texts a
    number that it shares with those of which one is to be shown (multipart/alternative).
    """
    ahead: list[tuple[Message, int | None]] = [(part, None)]
    while ahead:
        part, choice = ahead.pop()
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            choice = id(part) if part.get_content_type() == "multipart/alternative" else choice
            inside: Any = part.get_payload()
            ahead += [(child, choice) for child in reversed(inside) if isinstance(child, Message)]
        else:
            named = _name(part) or part.get_content_disposition() == "attachment"
            broken = part.get_content_maintype() == "multipart"  # its parts cannot be told apart
            is_text = (
                part.get_content_maintype() == "text" and part.get_content_type() not in _DATA
            ) or broken
            yield part, (choice or id(part)) if is_text and not named else None


def _name(part: Message) -> str:
    """Return the name of the file that a part is, "" for none."""
    return header_text(
        _parameter(part, "filename", "content-disposition") or _parameter(part, "name", "content-type")
    )


def _parameter(part: Message, name: str, header: str = "content-type") -> str:
    """Return a parameter of a header, "" where it is missing or cannot be read."""
    try:
        return collapse_rfc2231_value(part.get_param(name, "", header)).strip()
    except (ValueError, LookupError, TypeError):
        return ""


def _is_drawn_in_text(part: Message) -> bool:
    """True for pictures that a mail's page shows, such as the sender's mark."""
    shown = part.get("content-id") is not None and part.get_content_disposition() != "attachment"
    return shown and part.get_content_maintype() == "image"


def _data(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _unflowed(part: Message, text: str) -> str:
    """Join the lines of a text that says of itself that a blank at a line's end means no end (RFC 3676)."""
    if _parameter(part, "format").lower() != "flowed":
        return text
    gap = "" if _parameter(part, "delsp").lower() == "yes" else " "
    return re.sub(r"(?<!^--) \r?\n(?![>\s])", gap, text, flags=re.MULTILINE)


def _people(message: Message, header: str) -> tuple[str, ...]:
    pairs = getaddresses([str(value) for value in message.get_all(header, [])][:50])
    return tuple(
        f"{said} <{address}>" if said else address
        for said, address in ((header_text(name), header_text(address)) for name, address in pairs)
        if address or said
    )


def _date(header: str) -> datetime.datetime | None:
    try:
        return parsedate_to_datetime(header)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def header_text(raw: str) -> str:
    """Return a header's words, from encoded words (RFC 2047) or from bytes that declare nothing.

    >>> header_text("=?EUC-KR?B?v7m76r7I?= 2026")
    '예산안 2026'
    >>> header_text("예산안".encode("cp949").decode("ascii", "surrogateescape"))
    '예산안'
    """
    try:
        parts = decode_header(raw)
    except (HeaderParseError, ValueError):
        parts = [(raw, None)]
    said = ""
    for part, charset in parts:
        data = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        try:
            said += decoded(data, charset or "", "") if data.strip() else data.decode("ascii", "replace")
        except LoadError:
            said += (
                data.decode(charset or "utf-8", "ignore")
                if _is_charset(charset)
                else data.decode("ascii", "ignore")
            )
    return " ".join(said.split())


def _is_charset(charset: str | None) -> bool:
    try:
        "".encode(charset or "utf-8")
        return True
    except LookupError:
        return False
