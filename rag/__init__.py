"""Ask Korean documents, on your own machine, and get answers tied to the exact words of their sources.

    from rag import Assistant, Settings

    assistant = Assistant(Settings.load(documents="documents"))
    assistant.sync()
    print(assistant.ask("소버린 AI는 왜 필요한가요?").text)

The path of a question: assistant.py → retrieval.py → reading.py → answering.py → citing.py. Importing this loads no model.
"""

from typing import TYPE_CHECKING, Any

from rag.config import Settings
from rag.errors import RagError
from rag.types import Answer, Citation, Hit

if TYPE_CHECKING:
    from rag.assistant import Assistant

__all__ = ["Answer", "Assistant", "Citation", "Hit", "RagError", "Settings"]


def __getattr__(name: str) -> Any:
    """Import the Assistant, and with it the libraries that it needs, only when it is asked for."""
    if name == "Assistant":
        from rag.assistant import Assistant

        return Assistant
    raise AttributeError(f"module 'rag' has no attribute {name!r}")
