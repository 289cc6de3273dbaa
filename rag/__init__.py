"""Ask Korean documents, on your own machine, and get answers tied to the exact words of their sources.

    from rag import Assistant, Settings

    assistant = Assistant(Settings.load(documents="documents"))
    assistant.sync()
    print(assistant.ask("소버린 AI는 왜 필요한가요?").text)

The path of a question: assistant.py → retrieval.py → reader.py → writing.py → answering.py → citing.py.
Importing this loads no model.
"""

from typing import TYPE_CHECKING, Any

from rag.errors import RagError
from rag.types import Answer, Citation, Hit

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.config import Settings

__all__ = ["Answer", "Assistant", "Citation", "Hit", "RagError", "Settings"]


def __getattr__(name: str) -> Any:
    """Import what brings libraries along only when it is asked for: child processes need none of them."""
    if name == "Assistant":
        from rag.assistant import Assistant

        return Assistant
    if name == "Settings":
        from rag.config import Settings

        return Settings
    raise AttributeError(f"module 'rag' has no attribute {name!r}")
