"""What the readers of XML formats share."""

from __future__ import annotations

from typing import Any

MAX_NESTING = 40  # of boxes, tables and controls in each other; what lies deeper is an attack


def local_name(element: Any) -> str:
    """Return an element's name without its namespace, "" for a comment."""
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""
