"""Load, check and render the texts in prompts/. No prompt stands in code.

A prompt file has the parts `=== system`, `=== passage` and `=== question`, with $variables. The passage
comes before the question so that its key/value state does not depend on what is asked.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from pathlib import Path

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from rag.errors import ConfigError

NONE_WORD = {"ko": "없음", "en": "NONE"}  # what the model writes when a passage does not answer
_PARTS = {"system": {"none"}, "passage": {"context", "passage"}, "question": {"question"}}


@dataclass(frozen=True, slots=True)
class ReadingPrompt:
    """How a passage is read, in one language."""

    language: str
    system: str
    passage: str
    question: str

    @property
    def none(self) -> str:
        """The word that says "not here"."""
        return NONE_WORD[self.language]

    def messages(self, question: str, context: str, passage: str) -> list[BaseMessage]:
        """Render the messages; the user's content is two blocks, the passage and the question."""
        shown = string.Template(self.passage).substitute(context=context, passage=passage)
        asked = string.Template(self.question).substitute(question=" ".join(question.split()))
        return [
            SystemMessage(string.Template(self.system).substitute(none=self.none)),
            HumanMessage([shown, asked]),
        ]


def load_prompt(folder: Path, name: str, language: str) -> ReadingPrompt:
    """Read prompts/<name>_<language>.txt: "reading", or "easy" for plain words.

    Raises:
        ConfigError: the file is missing, or a part or a variable of it; the message names it.
    """
    file = folder / f"{name}_{language}.txt"
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError("prompt-unreadable", file=file, reason=error.strerror) from error
    pieces = re.split(r"^=== (\w+)\n", text, flags=re.MULTILINE)
    parts = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    for name, variables in _PARTS.items():
        if name not in parts:
            raise ConfigError("prompt-part-missing", file=file, part=name)
        found = set(string.Template(parts[name]).get_identifiers())
        if found != variables:
            wrong = ", ".join(f"${v}" for v in sorted(found ^ variables))
            raise ConfigError(
                "prompt-variables",
                file=file,
                variables=", ".join(f"${v}" for v in sorted(variables)),
                part=name,
                wrong=wrong,
            )
    return ReadingPrompt(language, parts["system"].strip(), parts["passage"], parts["question"].rstrip("\n"))
