"""Settings → Assistant → page → launch; nothing else. The page opens at once, the rest happens behind it."""

import argparse
import sys

from rag.config import Settings
from rag.errors import AddressError, RagError
from rag.terminal import complain, speak_utf8


def main() -> int:
    """Start the page. Returns the exit code."""
    parser = argparse.ArgumentParser(
        description="문서에 묻고 출처가 확인된 답을 받습니다. Ask documents, get checked answers."
    )
    parser.add_argument("--documents", metavar="DIR", help="folder of documents (documents/)")
    parser.add_argument("--data", metavar="DIR", help="folder of the index (data/)")
    parser.add_argument("--host", metavar="ADDRESS", help="address to listen on (127.0.0.1)")
    parser.add_argument(
        "--auth", metavar="FILE", help="people and hashed passwords, made by python -m rag people"
    )
    parser.add_argument("--port", type=int, help="port to listen on (7860)")
    parser.add_argument("--open", action="store_true", help="open the browser")
    parser.add_argument("--mcp", action="store_true", help="offer ask, search and sync as MCP tools")
    arguments = vars(parser.parse_args())
    speak_utf8()
    opens, mcp = arguments.pop("open"), arguments.pop("mcp")
    try:
        settings = Settings.load(**arguments)
        from rag.ui import serve

        serve(settings, open_browser=opens, mcp=mcp)
    except RagError as error:
        complain(error)
        return 2 if isinstance(error, AddressError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
