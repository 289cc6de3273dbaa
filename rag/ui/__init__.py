"""The page: a chat with checked sources beside it, and the library. Only this package imports gradio.

serve(settings)      builds the page, opens it at once, and brings the assistant up behind it
"""

from __future__ import annotations

import errno
import logging
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.config import Settings
from rag.errors import AddressError, ConfigError

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.ui.startup import Startup

log = logging.getLogger(__name__)
ASSETS = Path(__file__).parent / "assets"


def serve(
    settings: Settings, *, open_browser: bool = False, mcp: bool = False, block: bool = True
) -> tuple[Any, Assistant, Startup]:
    """Open the page and start everything behind it.

    Args:
        open_browser: show it in the user's browser. mcp: offer ask, search and sync as MCP tools too. block:
            stay until it is stopped (Ctrl-C).
    Returns: the Gradio app, the assistant and its startup, for tests that stop them.

    Raises:
        ConfigError: the page could not be reached at its address, or by others without a password.
    """
    from rag.people import People
    from rag.ui.guard import LOOPBACK, Door, Guard
    from rag.ui.uploads import UploadFolder

    if settings.host not in LOOPBACK and not settings.auth:
        raise ConfigError("page-open-to-others", host=settings.host)
    _check_free(settings)
    people = People(Path(settings.auth).expanduser()) if settings.auth else None
    uploads = UploadFolder(settings.data)
    for name, value in (
        ("GRADIO_TEMP_DIR", str(uploads.path)),
        ("GRADIO_ANALYTICS_ENABLED", "False"),
        ("HF_HUB_OFFLINE", "1"),
        ("ANONYMIZED_TELEMETRY", "False"),
        ("DO_NOT_TRACK", "1"),
    ):
        os.environ[name] = value
    from rag.assistant import Assistant

    assistant = Assistant(settings)
    assistant.models.begin()  # in a process of its own, while this one imports the page
    import gradio as gr
    from starlette.middleware import Middleware

    from rag.ui.page import build
    from rag.ui.startup import Startup
    from rag.ui.strings import STRINGS

    startup = Startup(assistant, people)
    startup.closing.append(uploads.close)
    blocks = build(startup)
    try:
        blocks.queue(default_concurrency_limit=4, max_size=32).launch(
            server_name=settings.host,
            server_port=settings.port,
            inbrowser=open_browser,
            prevent_thread_lock=True,
            share=False,
            quiet=True,  # it would offer a public link
            footer_links=[],
            run_history=False,
            enable_monitoring=False,
            ssr_mode=False,
            mcp_server=mcp,
            max_file_size=f"{settings.max_file_mb}mb",
            auth=Door(people).enter if people else None,
            app_kwargs={
                "middleware": [Middleware(Guard, hosts=_names(settings), max_body=settings.max_file_mb << 20)]
            },
            i18n=gr.I18n(**STRINGS),
            theme=gr.themes.Base(
                font=["Noto Sans KR", "Malgun Gothic", "Apple SD Gothic Neo", "sans-serif"],
                font_mono=["monospace"],
            ),
            css=(ASSETS / "page.css").read_text(encoding="utf-8"),
            js=(ASSETS / "page.js").read_text(encoding="utf-8"),
        )
        if blocks.mcp_error:
            log.warning("%s", blocks.mcp_error)
        startup.announce(str(blocks.local_url).rstrip("/"))
        startup.start()  # after the page is served, which the imports of the models would hold up
        if block:
            blocks.block_thread()
    finally:
        if block:
            startup.close()
    return blocks, assistant, startup


def _check_free(settings: Settings) -> None:
    """Raise an AddressError where the page cannot listen; Gradio tries this computer's own address, too."""
    for host in dict.fromkeys((settings.host, "127.0.0.1")):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            if (
                os.name == "posix"
            ):  # or what a page left that has just ended would count; Windows means more by it
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, settings.port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    raise AddressError("port-in-use", port=settings.port) from error
                reason = error.strerror
                raise AddressError(
                    "address-unusable", host=host, port=settings.port, reason=reason
                ) from error


def _names(settings: Settings) -> set[str]:
    """The names that the page may be reached by: this computer's own, the address it listens on, and those
    behind a proxy.
    """
    from rag.ui.guard import LOOPBACK

    return {
        *LOOPBACK,
        settings.host,
        *(name.strip() for name in settings.host_names.split(",") if name.strip()),
    }
