"""The blocks of the page and what ties them together. Handlers are in chat.py and documents.py."""

from __future__ import annotations

import gradio as gr

from rag.ui import chat, documents
from rag.ui.render import sources_html
from rag.ui.startup import Startup
from rag.ui.strings import STRINGS, browser_language

EXAMPLES = {
    "ko": ["소버린 AI란 무엇을 뜻하나요?", "H100 한 장의 가격은 얼마인가요?", "2022년에 중국은 64개 기술 중 몇 개에서 앞섰나요?"],
    "en": ["What licence was DeepSeek R1 released under?"],
}
POLL_S = 1.0


def build(startup: Startup) -> gr.Blocks:
    """Return the page over an assistant that is still starting up."""
    i18n = gr.I18n(**STRINGS)
    with gr.Blocks(title="문서에 묻기", analytics_enabled=False, fill_width=True) as page:
        with gr.Column(elem_id="heading"):
            heading = gr.HTML("")
        status = gr.HTML("", elem_id="status")
        timer = gr.Timer(POLL_S)
        with gr.Tab(i18n("ask_tab")), gr.Row():
            with gr.Column(scale=3, min_width=340):
                box = gr.Chatbot(elem_id="chat", show_label=False, height="44vh", buttons=["copy"], layout="bubble", allow_tags=False, placeholder="")
                with gr.Row():
                    question = gr.Textbox(
                        placeholder=i18n("question_hint"),
                        label=i18n("question"),
                        show_label=False,
                        scale=6,
                        lines=1,
                        max_lines=6,
                        elem_id="question",
                        autofocus=True,
                    )
                    send = gr.Button(i18n("send"), variant="primary", scale=1, min_width=90, elem_id="send")
                with gr.Row():
                    stop = gr.Button(i18n("stop"), size="sm", elem_id="stop")
                    retry = gr.Button(i18n("retry"), size="sm", elem_id="retry")
                    clear = gr.Button(i18n("clear"), size="sm", elem_id="clear")
                    easy = gr.Checkbox(label=i18n("easy"), container=False, elem_id="easy", min_width=120)
                gr.Examples([[q] for qs in EXAMPLES.values() for q in qs], question, label=i18n("examples"))
            with gr.Column(scale=2, min_width=300):
                sources = gr.HTML("", elem_id="sources")
        with gr.Tab(i18n("library_tab")):
            files = gr.File(label=i18n("add_files"), file_count="multiple", elem_id="upload", height=140)
            with gr.Row():
                sync = gr.Button(i18n("sync"), elem_id="sync")
                chosen = gr.Dropdown([], multiselect=True, label=i18n("remove_choose"), elem_id="chosen")
                remove = gr.Button(i18n("remove"), variant="stop", elem_id="remove")
            table = gr.Dataframe(interactive=False, wrap=True, elem_id="documents", show_search="filter")

        def greet(request: gr.Request) -> tuple[str, str]:
            language = browser_language(request.headers.get("accept-language"))
            words = STRINGS[language]
            return f"<h1>{words['title']}</h1><p>{words['tagline']}</p>", sources_html(
                (), startup.assistant.library.catalogue, language
            ) if startup.status.usable else ""

        handlers = chat.Handlers(startup)
        library = documents.Handlers(startup)
        page.load(greet, None, [heading, sources])
        page.load(library.show, None, [table, chosen])
        seen = gr.State("")
        said = gr.State([])  # the answers of this conversation, for 그건 얼마야?
        timer.tick(library.tick, [seen], [seen, status, table, chosen], show_progress="hidden", queue=False)
        gr.on([send.click, question.submit], handlers.take, [question, box], [question, box], show_progress="hidden", queue=False).then(
            handlers.answer, [box, said, easy], [box, sources, said], show_progress="hidden", api_name="ask"
        )
        question.input(handlers.typing, [question], None, queue=False, trigger_mode="always_last", show_progress="hidden")
        retry.click(handlers.again, [box], [box], queue=False).then(handlers.answer, [box, said, easy], [box, sources, said], show_progress="hidden")
        stop.click(handlers.stop, None, None, queue=False)
        clear.click(lambda: ([], "", []), None, [box, sources, said], queue=False)
        files.upload(library.add, [files], [files, table, chosen])
        sync.click(library.sync, None, [table, chosen])
        remove.click(library.remove, [chosen], [table, chosen])
    page_blocks: gr.Blocks = page
    return page_blocks
