"""The blocks of the page and what ties them together. What they do is in chat, sources, documents, keep,
at_a_glance and settings.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import gradio as gr

from rag.ui import api, at_a_glance, chat, documents, keep, settings, sources
from rag.ui.export import FORMATS
from rag.ui.startup import Startup
from rag.ui.strings import STRINGS

POLL_S = 1.0


def build(startup: Startup) -> gr.Blocks:
    """Return the page over an assistant that is still starting up."""
    i18n = gr.I18n(**STRINGS)
    on_sources = sources.SourcePanel(startup)
    on_chat, on_documents, on_keep = (
        chat.ChatTab(startup),
        documents.DocumentsTab(startup, on_sources),
        keep.ConversationActions(startup),
    )
    on_glance, on_settings = at_a_glance.GlanceTab(startup), settings.SettingsTab(startup)
    startup.closing.append(on_sources.close)
    now = startup.assistant.settings
    with gr.Blocks(title="문서에 묻기", analytics_enabled=False, fill_width=True) as page:
        said, kept, turn, seen = gr.State([]), gr.State(None), gr.State(0), gr.State("")
        waiting = gr.State(
            [], delete_callback=documents.forget_uploads
        )  # files whose names are taken; they go when the page was closed long ago
        previewed = gr.State("")  # the document whose text is shown below the list
        doomed = gr.State([])  # documents that are asked about before they go
        heading = gr.HTML("", elem_id="heading")
        status = gr.HTML("", elem_id="status")
        with gr.Sidebar(i18n("conversations"), open=False, elem_id="conversations", width=300):
            search = gr.Textbox(label=i18n("conversations_search"), elem_id="find")
            listed = gr.Radio([], label=i18n("conversations"), elem_id="listed")
            name = gr.Textbox(label=i18n("conversation_title"), elem_id="name")
            with gr.Row():
                rename = gr.Button(i18n("rename"), size="sm", elem_id="rename")
                delete = gr.Button(i18n("delete"), size="sm", variant="stop", elem_id="delete")
            feedback = gr.Button(i18n("feedback_rows"), size="sm", elem_id="feedback")
        with gr.Tab(i18n("ask_tab"), id="ask"), gr.Row():
            with gr.Column(scale=3, min_width=340):
                box = gr.Chatbot(
                    elem_id="chat",
                    show_label=False,
                    label=i18n("ask_tab"),
                    height="calc(100vh - 352px)",
                    min_height=220,
                    buttons=["copy"],
                    layout="bubble",
                    allow_tags=False,
                    editable="user",
                    feedback_options=("Like", "Dislike"),
                    placeholder="",
                )
                why_wrong = gr.Textbox(label=i18n("why_wrong"), visible=False, elem_id="why-wrong")
                with gr.Row(elem_id="ask-row"):
                    question = gr.Textbox(
                        placeholder=i18n("question_hint"),
                        label=i18n("question"),
                        show_label=False,
                        container=False,
                        scale=6,
                        lines=1,
                        max_lines=6,
                        elem_id="question",
                        autofocus=True,
                    )
                    send = gr.Button(i18n("send"), variant="primary", scale=1, min_width=90, elem_id="send")
                with gr.Row(elem_id="actions"):
                    stop = gr.Button(i18n("stop"), size="sm", min_width=50, elem_id="stop")
                    retry = gr.Button(i18n("retry"), size="sm", min_width=50, elem_id="retry")
                    clear = gr.Button(i18n("clear"), size="sm", min_width=60, elem_id="clear")
                    speak = gr.Button(i18n("speak"), size="sm", min_width=80, elem_id="speak")
                    brief = gr.Button(i18n("brief"), size="sm", min_width=80, elem_id="brief")
                    saves = {
                        kind: gr.Button(i18n(f"save_{kind}"), size="sm", min_width=64, elem_id=f"save-{kind}")
                        for kind in FORMATS
                    }
                with gr.Row(elem_id="options"):
                    easy = gr.Checkbox(
                        label=i18n("easy"), container=False, elem_id="easy", min_width=110, scale=1
                    )
                    scope = gr.Dropdown([], multiselect=True, label=i18n("scope"), elem_id="scope", scale=4)
            with gr.Column(scale=2, min_width=300):
                panel = gr.HTML(
                    "",
                    elem_id="sources",
                    js_on_load="window.library = server;",
                    server_functions=[_named(on_sources.draw, "draw"), _named(on_sources.read, "read")],
                )
        with gr.Tab(i18n("library_tab"), id="library"):
            with gr.Row():
                files = gr.File(
                    label=i18n("add_files"), file_count="multiple", elem_id="upload", height=120, scale=4
                )
                folder = gr.UploadButton(
                    i18n("add_folder"), file_count="directory", elem_id="upload-folder", scale=1
                )
                sync = gr.Button(i18n("sync"), elem_id="sync", scale=1)
            with gr.Column(visible=False, elem_id="editions") as editions:
                edition = gr.HTML("")
                with gr.Row():
                    replace = gr.Button(i18n("replace"), variant="primary", elem_id="replace")
                    keep_both = gr.Button(i18n("keep_both"), elem_id="keep-both")
                    leave = gr.Button(i18n("leave"), elem_id="leave")
            table = gr.Dataframe(
                interactive=False,
                wrap=True,
                elem_id="documents",
                show_search="filter",
                max_height=360,
                label=i18n("library_tab"),
                column_widths=_WIDTHS,
            )
            with gr.Row():
                chosen = gr.Dropdown(
                    [], multiselect=True, label=i18n("remove_choose"), elem_id="chosen", scale=4
                )
                remove = gr.Button(i18n("remove"), variant="stop", elem_id="remove", scale=1)
            with gr.Column(visible=False, elem_id="removal") as removal:
                warning = gr.HTML("")
                with gr.Row():
                    really = gr.Button(i18n("really_remove"), variant="stop", elem_id="really-remove")
                    spare = gr.Button(i18n("leave"), elem_id="spare")
            preview = gr.HTML("", elem_id="preview")
        with gr.Tab(i18n("glance_tab"), id="glance") as glance_tab:
            redraw = gr.Button(i18n("redraw"), size="sm", elem_id="redraw")
            pictures = gr.HTML("", elem_id="pictures")
        with gr.Tab(i18n("settings_tab"), id="settings") as settings_tab:
            read_ahead = gr.Checkbox(
                now.read_ahead, label=i18n("read_ahead_setting"), elem_id="set-read-ahead"
            )
            keeping = gr.Checkbox(now.keep_conversations, label=i18n("keep_setting"), elem_id="set-keep")
            read_k = gr.Slider(
                1, max(10, now.read_k), now.read_k, step=1, label=i18n("read_k_setting"), elem_id="set-read-k"
            )
            models = gr.HTML("", elem_id="models")
            with gr.Row():
                model = gr.Dropdown(
                    on_settings.choices(),
                    value=on_settings.chosen(),
                    label=i18n("model"),
                    elem_id="set-model",
                    scale=4,
                )
                use = gr.Button(i18n("use_model"), elem_id="use-model", scale=1)
            values = gr.HTML("", elem_id="settings")
        handed = gr.Textbox(visible="hidden", label="")  # a file or text on its way to the browser
        places = gr.Textbox(visible="hidden", label="")  # where uploaded files stood in their folder
        timer = gr.Timer(POLL_S)

        private: Callable[..., dict[str, Any]] = functools.partial(
            dict, api_visibility="private", show_progress="hidden"
        )
        streamed = private(
            fn=on_chat.answer, inputs=[box, said, easy, scope, kept], outputs=[box, panel, said, kept]
        )
        page.load(on_chat.greet, None, [heading, panel, preview, box], **private())
        page.load(on_documents.show, [chosen, scope], [table, chosen, scope], **private())
        page.load(on_keep.listed, [search], [listed], **private())
        timer.tick(
            on_documents.tick,
            [seen, previewed, chosen, scope],
            [seen, status, table, chosen, scope, preview, previewed, box],
            queue=False,
            **private(),
        )

        asked = gr.on(
            [send.click, question.submit],
            on_chat.take,
            [question, box],
            [question, box],
            queue=False,
            **private(),
        )
        again = gr.on([retry.click, box.retry], on_chat.again, [box], [box], queue=False, **private())
        changed = box.edit(on_chat.edited, [box], [box], queue=False, **private())
        example = box.example_select(on_chat.example, [box], [box], queue=False, **private())
        for begun in (asked, again, changed, example):
            begun.then(**streamed).then(on_keep.listed, [search], [listed], **private())
        box.undo(on_chat.undo, [box], [box, question], queue=False, **private())
        box.like(on_chat.judge, [box, kept], [why_wrong, turn], **private())
        why_wrong.submit(on_chat.reason, [why_wrong, kept, turn], [why_wrong], **private())
        question.input(
            on_chat.typing,
            [question, said, scope],
            None,
            queue=False,
            trigger_mode="always_last",
            **private(),
        )
        stop.click(on_chat.stop, None, None, queue=False, **private())
        page.unload(on_chat.stop)  # a closed tab
        gr.on(
            [clear.click, box.clear], on_chat.begin, None, [box, panel, said, kept], queue=False, **private()
        )
        speak.click(None, None, None, js="() => window.readAloud()", **private())
        brief.click(on_keep.brief, [said], [handed], **private()).then(
            None, [handed], None, js="(words) => window.toClipboard(words)", **private()
        )
        for kind, button in saves.items():
            made = button.click(on_keep.maker(kind), [said], [handed], **private())
            made.then(None, [handed], None, js="(file) => window.handOver(file)", **private())

        search.change(on_keep.listed, [search], [listed], **private())
        listed.input(on_chat.open, [listed], [box, panel, said, kept], **private())
        rename.click(on_keep.rename, [kept, name, search], [name, listed], **private())
        delete.click(on_keep.delete, [kept, search], [listed], **private()).then(
            on_chat.begin, None, [box, panel, said, kept], **private()
        )
        feedback.click(on_keep.feedback, None, [handed], **private()).then(
            None, [handed], None, js="(file) => window.handOver(file)", **private()
        )

        listing, asking, removing = (
            [table, chosen, scope],
            [waiting, edition, editions],
            [doomed, warning, removal],
        )
        for upload in (files, folder):
            upload.upload(
                on_documents.add,
                [upload, places, waiting, chosen, scope],
                [upload, *asking, *listing],
                js="(files, _, ...rest) => [files, window.places(), ...rest.slice(0, 3)]",
                **private(),
            ).then(None, None, None, js="() => window.focusOn('#replace')", **private())
        for button, decide in ((replace, on_documents.replace), (keep_both, on_documents.keep_both)):
            button.click(decide, [waiting, chosen, scope], [*asking, *listing], **private())
        leave.click(on_documents.leave, [waiting], asking, **private())
        sync.click(on_documents.sync_now, [chosen, scope], [table, chosen, scope], **private())
        remove.click(on_documents.ask_removal, [chosen], removing, **private()).then(
            None, None, None, js="() => window.focusOn('#spare')", **private()
        )
        for done in (
            really.click(
                on_documents.remove,
                [doomed, previewed, chosen, scope],
                [*removing, preview, previewed, *listing],
                **private(),
            ),
            spare.click(on_documents.spare, None, removing, **private()),
        ):
            done.then(None, None, None, js="() => window.focusOn('#remove')", **private())
        table.select(on_documents.preview, None, [preview, previewed], **private())
        gr.on([glance_tab.select, redraw.click], on_glance.show, [said], [pictures], **private())
        settings_tab.select(on_settings.show, None, [values], **private())
        settings_tab.select(on_settings.models, None, [models], **private())
        use.click(on_settings.use, [model], None, **private())
        gr.on(
            [read_ahead.input, keeping.input, read_k.release],
            on_settings.change,
            [read_ahead, keeping, read_k],
            [values],
            **private(),
        )
        api.add(startup)
    page_blocks: gr.Blocks = page
    return page_blocks


_WIDTHS = ["18%", "21%", "8%", "12%", "5%", "6%", "9%", "7%", "14%"]  # of the columns of the documents


def _named(function: object, name: str) -> object:
    """A plain function that Gradio can mark as callable from the page, which it cannot do to a method."""

    def call(place: list[object]) -> object:
        assert callable(function)
        return function(place)

    call.__name__ = name
    return call
