"""Who may use a page that others can reach: a file of names with salted hashes (scrypt; RFC 7914), made by
`python -m rag people`.

A line is `name:role:salt:hash`, hex. Editors may change the library and the settings, readers may only ask.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from rag.errors import ConfigError

ROLES = ("editor", "reader")
MIN_PASSWORD = 8
_NAME = re.compile(r"[\w.@-]{1,40}")
_COST = {"n": 2**14, "r": 8, "p": 1}  # 16 MB and some 50 ms for each try


@dataclass(frozen=True, slots=True)
class Person:
    """A name, a role of ROLES, and a salted hash."""

    name: str
    role: str
    salt: bytes
    hash: bytes


class People:
    """The people of a file.

    Raises:
        ConfigError: the file is missing, empty, readable by others, or a line is not as it should be.
    """

    def __init__(self, file: Path) -> None:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
            open_to_others = os.name == "posix" and file.stat().st_mode & 0o077
        except OSError as error:
            raise ConfigError("people-unreadable", file=file, reason=error.strerror) from error
        if open_to_others:
            raise ConfigError("people-open-to-others", file=file)
        self.people: dict[str, Person] = {}
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                name, role, salt, hash_ = line.split(":")
                person = Person(name, role, bytes.fromhex(salt), bytes.fromhex(hash_))
            except ValueError:
                raise ConfigError("people-line-form", file=file, line=number) from None
            if role not in ROLES:
                raise ConfigError("people-line-role", file=file, line=number, roles=", ".join(ROLES))
            self.people[name] = person
        if not self.people:
            raise ConfigError("people-nobody", file=file)

    def knows(self, name: str, password: str) -> bool:
        """Tell whether this is the person's password; takes as long for a name that is not there."""
        person = self.people.get(name, Person("", "reader", b"\0" * 16, b"\0" * 32))
        return hmac.compare_digest(_hash(password, person.salt), person.hash)

    def may_edit(self, name: str | None) -> bool:
        """Tell whether a person may change the library."""
        return name in self.people and self.people[name].role == "editor"


def add(file: Path, name: str, password: str, role: str = "editor") -> None:
    """Put a person into a file, in place of one of the same name; the file is made where there is none,
    readable by its owner alone.

    Raises:
        ConfigError: the name or the password cannot be used, or the file cannot be written.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError("person-name")
    if len(password) < MIN_PASSWORD:
        raise ConfigError("password-too-short", least=MIN_PASSWORD)
    kept = [
        p
        for p in (People(file).people.values() if file.exists() and file.stat().st_size else ())
        if p.name != name
    ]
    salt = secrets.token_bytes(16)
    people = [*kept, Person(name, role, salt, _hash(password, salt))]
    text = "".join(f"{p.name}:{p.role}:{p.salt.hex()}:{p.hash.hex()}\n" for p in people)
    half = file.with_name(file.name + ".half")
    try:
        with os.fdopen(
            os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as out:
            out.write(text)
        half.replace(file)
    except OSError as error:
        raise ConfigError("people-unwritable", file=file, reason=error.strerror) from error


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, dklen=32, **_COST)
