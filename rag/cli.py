"""The command line: everything that the page can do.

    python -m rag models list|fetch|verify      python -m rag sync
    python -m rag documents
    python -m rag search "질문" | --questions F   python -m rag ask "질문" | --questions F
    python -m rag eval F                         python -m rag doctor
    python -m rag forget PATH …                  python -m rag people FILE NAME      python -m rag bundle DIR

With --json every command prints JSON lines to stdout; progress goes to stderr. Exit 0 on success, 1 on a
RagError (one line: what, which file, what to do), 2 on bad usage.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.answer.phrases import page_name
from rag.config import Settings
from rag.errors import LibraryError, QuestionError, RagError
from rag.messages import Message
from rag.progress import progress_bars
from rag.serialise import answer_json, hit_json, status_json
from rag.terminal import complain, padded, said, speak_utf8, terminal_language
from rag.text import korean
from rag.types import Answer, DocumentStatus, FileChange, FileStatus

if TYPE_CHECKING:
    from rag.assistant import Assistant


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command. Returns the exit code."""
    arguments = _parser().parse_args(argv)
    speak_utf8()
    try:
        flags = {name: getattr(arguments, name, None) for name in ("documents", "data")}
        command: Callable[[argparse.Namespace, Settings], int] = arguments.run
        return command(arguments, Settings.load(**flags))
    except RagError as error:
        complain(error)
        return 1
    except KeyboardInterrupt:
        print(said(Message("said-stopped")), file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 0


def read_jsonl(file: str) -> list[dict[str, Any]]:
    """Read a file of questions; each line has at least "question".

    Raises:
        QuestionError: the file is missing or a line is not as it should be.
    """
    rows = []
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionError("questions-unreadable", file=file, reason=error) from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise QuestionError("question-line-not-json", file=file, line=number, reason=error) from error
        if not isinstance(row, dict) or not isinstance(row.get("question"), str):
            raise QuestionError("question-line-without-question", file=file, line=number)
        rows.append(row)
    return rows


def print_json(row: dict[str, Any]) -> None:
    """Print one JSON line."""
    print(json.dumps(row, ensure_ascii=False), flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m rag",
        description=(
            "한국어 정책 문서에 묻고, 출처가 확인된 답을 받습니다. Ask documents, get checked answers."
        ),
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    def add(
        name: str, run: Callable[[argparse.Namespace, Settings], int], help: str, folders: bool = True
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=help, description=help)
        command.add_argument("--json", action="store_true", help="print JSON lines")
        if folders:
            command.add_argument("--documents", metavar="DIR", help="folder of documents")
            command.add_argument("--data", metavar="DIR", help="folder of the index")
        command.set_defaults(run=run)
        return command

    models = add("models", _models, "list, fetch or verify the models", folders=False)
    models.add_argument("action", choices=["list", "fetch", "verify"])
    models.add_argument(
        "names", nargs="*", metavar="NAME", help="models; by default those that the program needs"
    )
    add("sync", _sync, "make the index equal to the documents folder")
    add("documents", _documents, "list the documents of the index and how much of each was read")
    for name, run, help in (("search", _search, "find passages"), ("ask", _ask, "answer a question")):
        command = add(name, run, help)
        command.add_argument("question", nargs="*", help="with or without quotation marks")
        command.add_argument("--questions", metavar="FILE.jsonl", help='one {"question": …} a line')
        command.add_argument("-k", type=int, default=10, help="hits (10)")
        if name == "ask":
            command.add_argument(
                "--chat", action="store_true", help="each question goes on from the answers before it"
            )
            command.add_argument(
                "--easy", action="store_true", help="answer in plain words, checked the same way"
            )
    evaluate = add("eval", _eval, "measure answers on a file of questions")
    evaluate.add_argument("questions", metavar="FILE.jsonl")
    forget = add(
        "forget",
        _forget,
        "leave no trace of documents whose files are gone, in index, caches and conversations",
    )
    forget.add_argument("paths", nargs="+", metavar="PATH", help="as sync names them")
    people = add(
        "people",
        _people,
        "let somebody sign in to a page that others can reach (app.py --auth FILE)",
        folders=False,
    )
    people.add_argument("file", metavar="FILE")
    people.add_argument("name", metavar="NAME")
    people.add_argument("--reader", action="store_true", help="may ask, but not change documents or settings")
    bundle = add(
        "bundle",
        _bundle,
        "pack all that a machine without a network needs: libraries, models, program, manifest",
        folders=False,
    )
    bundle.add_argument("folder", metavar="DIR", help="a new folder; about 4 GB")
    add("doctor", _doctor, "say what works and what does not")
    return parser


def _questions(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    words: list[str] = arguments.question
    if bool(words) == (arguments.questions is not None):
        raise QuestionError("one-question-or-file")
    yield from [{"question": " ".join(words)}] if words else read_jsonl(arguments.questions)


def _models(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.model.advice import Machine, fit
    from rag.model.weights import ModelStore

    store, machine = ModelStore(settings.models_dir), Machine.this()
    names = arguments.names or (list(store.models) if arguments.action == "list" else store.defaults())
    progress = progress_bars()
    for name in names:
        model = store.get(name)
        suited = fit(model, machine)
        if arguments.action == "fetch":
            if not store.present(name):
                fetching = Message(
                    "model-fetching", title=model.title, size=model.size / 1e9, licence=model.licence
                )
                print(said(fetching), file=sys.stderr)
            store.fetch(name, progress)
        elif arguments.action == "verify":
            store.verify(name, fresh=True)
        row = {
            "name": name,
            "title": model.title,
            "size": model.size,
            "licence": model.licence,
            "present": store.present(name),
            "path": str(store.folder / model.file),
            "role": model.role,
            "measured": model.measured,
            "fit": suited,
        }
        if arguments.json:
            print_json(row)
        else:
            there = said(Message("model-there" if row["present"] else "model-absent"))
            warning = f"  {said(_FITS[suited])}" if suited in _FITS else ""
            print(
                f"{name:10} {padded(there, 8)} {model.size / 1e9:5.2f} GB  {model.title}  "
                f"[{model.licence}]{warning}"
            )
    return 0


_FITS = {"slow": Message("model-slow"), "too_large": Message("model-too-large")}


def _sync(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.assistant import Assistant

    assistant = Assistant(settings)
    counts: dict[FileChange, int] = {}

    def report(status: FileStatus) -> None:
        counts[status.status] = counts.get(status.status, 0) + 1
        if arguments.json:
            print_json(status_json(status))
        else:
            why = (
                f"– {status.reason.in_language(terminal_language())}"
                if status.reason
                else f"({status.chunks})"
            )
            print(f"{padded(said(status.status.told), 10)} {status.path}  {why}", flush=True)

    try:
        assistant.sync(report, progress_bars())
        with contextlib.suppress(RagError):  # no model yet, or a damaged one: who asks will hear of it
            assistant.models.tune()
        documents = sum(d.status == DocumentStatus.READY for d in assistant.library.documents())
        chunks = assistant.library.catalogue.count()
    finally:
        assistant.close()
    if arguments.json:
        print_json({"summary": counts, "documents": documents, "chunks": chunks})
    else:
        print(said(Message("library-holds", documents=documents, chunks=chunks)))
    return 0


def _documents(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.ingest.library import documents_of

    language = terminal_language()
    for row in documents_of(settings):
        if arguments.json:
            shown = ("path", "title", "date", "format", "size", "pages", "status", "reason", "note", "chunks")
            known = {name: getattr(row, name) for name in (*shown, "coverage", "missing")}
            sentences = {"reason": str(row.reason), "note": str(row.note)}
            print_json({**known, **sentences, "keys": [*row.reason.all_keys(), *row.note.all_keys()]})
            continue
        covered = f"{row.share} %" if row.share else ""
        missing = ", ".join(thing.in_language(language) for thing in row.left_out)
        told = (row.reason or row.note).in_language(language).replace("\n", " ")
        print(
            "  ".join(
                [
                    f"{padded(said(row.status.told), 12)} {covered:>7} {row.path}",
                    *filter(None, [missing, told]),
                ]
            )
        )
    return 0


def _need_documents(assistant: Assistant) -> None:
    """Say that files were not read yet. Raises LibraryError where none was."""
    if not assistant.library.catalogue.count():
        raise LibraryError("nothing-indexed", folder=assistant.settings.data)
    if count := assistant.library.unread():
        unread = Message("files-unread", count=count, folder=assistant.settings.documents)
        print(said(unread), file=sys.stderr)


def _search(arguments: argparse.Namespace, settings: Settings) -> int:
    rows = list(_questions(arguments))
    if arguments.k < 1:
        raise QuestionError("hits-below-one")
    korean.begin()  # while the rest is imported
    from rag.assistant import Assistant

    language = terminal_language()
    assistant = Assistant(settings)
    try:
        _need_documents(assistant)
        assistant.library.warm_up()
        for row in rows:
            hits = [
                hit_json(rank, hit)
                for rank, hit in enumerate(assistant.search(row["question"], arguments.k).hits, 1)
            ]
            if arguments.json:
                print_json({**row, "hits": hits})
                continue
            for hit in hits:
                page = page_name(hit["page"], hit["page_label"], language)
                place = ", ".join(filter(None, [hit["path"], page, hit["heading"]]))
                print(f"{hit['rank']:2}. {hit['score']:.2f} {place}\n    {hit['text'][:200]}")
    finally:
        assistant.close()
    return 0


def _ask(arguments: argparse.Namespace, settings: Settings) -> int:
    rows = list(_questions(arguments))
    korean.begin()  # while the rest is imported
    from rag.assistant import Assistant
    from rag.question.question import checked

    for row in rows:  # before anything is loaded
        checked(row["question"])
    language = terminal_language()
    assistant = Assistant(settings)
    try:
        _need_documents(assistant)
        assistant.warm_up()  # both models side by side
        answers: list[Answer] = []
        for row in rows:
            answer = assistant.ask(
                row["question"], history=answers if arguments.chat else [], easy=arguments.easy
            )
            answers.append(answer)
            if arguments.json:
                print_json({**row, **answer_json(answer), "question": row["question"]})
                continue
            if answer.understood:
                print(f"({answer.understood})")
            print(answer.text)
            for c in answer.sources:
                page = page_name(c.page, c.page_label, language)
                scan = said(Message("from-scan")) if c.scanned else ""
                place = ", ".join(filter(None, [c.title, c.date, page, c.heading, c.path, scan]))
                print(f"  [{c.number}] {place}\n      “{c.quote}”")
    finally:
        assistant.close()
    return 0


def _eval(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.assistant import Assistant
    from rag.evaluation import evaluate

    rows = read_jsonl(arguments.questions)
    assistant = Assistant(settings)
    try:
        assistant.sync()
        assistant.warm_up()
        report = evaluate(assistant, rows, each=print_json if arguments.json else None)
    finally:
        assistant.close()
    if arguments.json:
        print_json({"summary": report})
    else:
        for name, value in report.items():
            print(f"{name:32} {value}")
    return 0


def _bundle(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag import bundle
    from rag.model.weights import ModelStore

    folder = bundle.make(
        Path(arguments.folder).expanduser(),
        ModelStore(settings.models_dir),
        lambda step: print(said(step), file=sys.stderr),
    )
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    if arguments.json:
        print_json({"folder": str(folder), "bytes": size})
    else:
        print(said(Message("bundle-made", folder=folder, size=size / 1e9)))
    return 0


def _forget(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.assistant import Assistant

    assistant = Assistant(settings)
    try:
        assistant.forget(arguments.paths)
    finally:
        assistant.close()
    for path in arguments.paths:
        if arguments.json:
            print_json({"path": path, "status": "forgotten"})
        else:
            print(f"{said(Message('document-forgotten'))}  {path}")
    return 0


def _people(arguments: argparse.Namespace, settings: Settings) -> int:
    import getpass

    from rag import people

    asked = f"{said(Message('password'))} "
    password = getpass.getpass(asked) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    people.add(Path(arguments.file), arguments.name, password, "reader" if arguments.reader else "editor")
    if arguments.json:
        print_json({"name": arguments.name, "file": arguments.file})
    else:
        print(said(Message("person-added", name=arguments.name)))
    return 0


def _doctor(arguments: argparse.Namespace, settings: Settings) -> int:
    from rag.doctor import examine

    for found in examine(settings):
        if arguments.json:
            keys = list(found.told.all_keys())
            print_json({"what": found.what, "ok": found.ok, "detail": str(found.told), "keys": keys})
            continue
        mark = said(Message("doctor-works" if found.ok else "doctor-lacks"))
        print(f"{padded(mark, 4)} {padded(said(found.about), 12)} {said(found.told)}")
    return 0
