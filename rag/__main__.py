"""`python -m rag`."""

import sys

from rag.errors import RagError
from rag.terminal import complain


def main() -> int:
    """Run the command line. Returns the exit code."""
    try:  # a damaged file of words is told as any other error
        from rag.cli import main as run
    except RagError as error:
        complain(error)
        return 1
    return run()


if __name__ == "__main__":
    sys.exit(main())
