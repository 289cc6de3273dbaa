"""A page is called as it is printed and as it is counted: read from the file, kept, cited; pypdf says what is there."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from conftest import HashedEmbeddings
from pypdf import PdfReader, PdfWriter
from pypdf.constants import PageLabelStyle
from pypdf.generic import ByteStringObject, NameObject, NumberObject, TextStringObject
from test_losses import pdf, written

import rag.assistant
from rag.assistant import Assistant
from rag.cli import main
from rag.config import Settings
from rag.ingest.library import Library
from rag.ingest.loaders import parse
from rag.question.wording import Wording
from rag.search.retriever import HybridRetriever
from rag.serialise import hit_json
from rag.types import Answer, Citation, Hit, Sentence, Status
from rag.ui.export import brief, reference
from rag.ui.render import panel_html

QUESTION = "What does the budget of the bus office say?"
OFFICES = "bus road park water youth care housing energy culture safety".split()
# from page, to page, style, what stands before it, first number
REPORT = (
    (0, 0, None, "표지", 0),
    (1, 3, PageLabelStyle.LOWERCASE_ROMAN, None, 1),
    (4, 6, PageLabelStyle.DECIMAL, None, 1),
    (7, 8, PageLabelStyle.DECIMAL, "A-", 9),
    (9, 9, PageLabelStyle.UPPERCASE_LETTER, None, 27),
)


def report(folder: Path, count: int = 10) -> PdfWriter:
    """A PDF of some pages with a sentence each, without labels."""
    return PdfWriter(clone_from=pdf(folder, *(written(20, 300, text(n)) for n in range(1, count + 1))))


def text(number: int) -> str:
    return f"The budget of the {OFFICES[number - 1]} office says that the city spends {number * 7 % 11} million won."


def labelled(folder: Path) -> Path:
    writer = report(folder)
    for label in REPORT:
        writer.set_page_label(*label)
    writer.write(folder / "ga.pdf")
    return folder / "ga.pdf"


def labels(file: Path) -> list[str]:
    return [document.metadata["page_label"] for document in parse(file, file.parent)]


def test_pages_have_the_labels_of_the_file(tmp_path: Path) -> None:
    file = labelled(tmp_path)
    there = PdfReader(file).page_labels
    assert there == ["표지", "i", "ii", "iii", "1", "2", "3", "A-9", "A-10", "AA"]
    assert labels(file) == there
    assert [document.metadata["page"] for document in parse(file, tmp_path)] == list(range(1, 11))


def test_a_label_that_is_the_number_says_nothing(tmp_path: Path) -> None:
    assert labels(pdf(tmp_path, written(20, 300, text(1)))) == [""]
    writer = report(tmp_path, 3)
    writer.set_page_label(0, 1, PageLabelStyle.DECIMAL, None, 1)
    writer.set_page_label(2, 2, PageLabelStyle.DECIMAL, None, 7)
    writer.write(tmp_path / "ga.pdf")
    assert labels(tmp_path / "ga.pdf") == ["", "", "7"]


@pytest.mark.parametrize(
    "label",
    [
        "",
        "   ",
        "a\x07",
        "a\nb",
        "a\u200b",
        "\u202ea",
        "a" * 13,
        "보고서_최종_2025.hwp 1",
        b"\xfe\xff\xd8\x00",
        b"\xfe\xff\x00",
    ],
)
def test_a_label_that_nobody_could_print_is_passed_over(tmp_path: Path, label: str | bytes) -> None:
    writer = report(tmp_path, 2)
    writer.set_page_label(0, 0, None, "x", 0)
    writer.set_page_label(1, 1, PageLabelStyle.LOWERCASE_ROMAN, None, 2)
    made = ByteStringObject(label) if isinstance(label, bytes) else TextStringObject(label)
    writer.root_object["/PageLabels"]["/Nums"][1][NameObject("/P")] = made
    writer.write(tmp_path / "ga.pdf")
    assert labels(tmp_path / "ga.pdf") == ["", "ii"]


def test_a_label_of_a_megabyte_ends_the_labels(tmp_path: Path) -> None:
    writer = report(tmp_path, 3)
    writer.set_page_label(0, 0, None, "x", 0)
    writer.set_page_label(1, 1, None, "y" * 1_000_000, 0)
    writer.set_page_label(2, 2, None, "z", 0)
    writer.write(tmp_path / "ga.pdf")
    assert labels(tmp_path / "ga.pdf") == ["x", "", ""]


def test_labels_that_are_none_cost_no_text(tmp_path: Path) -> None:
    whole = [document.page_content for document in parse(labelled(tmp_path), tmp_path)]
    for broken in (NumberObject(3), TextStringObject("x"), NameObject("/Nums")):
        writer = report(tmp_path)
        writer.root_object[NameObject("/PageLabels")] = broken
        writer.write(tmp_path / "ga.pdf")
        documents = parse(tmp_path / "ga.pdf", tmp_path)
        assert [d.page_content for d in documents] == whole
        assert {d.metadata["page_label"] for d in documents} == {""}


def cited(library: Library, number: int) -> Citation:
    """Page `number` of the report as an answer cites it."""
    (chunk,) = (h.chunk for h in hits(library) if h.chunk.page == number)
    place = (chunk.path, "보고서", "2025-03-02", chunk.page, chunk.heading, chunk.start, chunk.end)
    return Citation(1, *place, chunk.text, chunk.scanned, chunk.page_label)


def hits(library: Library) -> tuple[Hit, ...]:
    return tuple(HybridRetriever.over(library).find(Wording(QUESTION), 10).hits)


def test_a_citation_names_the_page_as_printed_and_as_counted(library: Library) -> None:
    labelled(library.settings.documents)
    library.sync()
    c = cited(library, 4)
    answer = Answer("?", "답이다. [1]", Status.ANSWERED, citations=(c,), hits=hits(library))
    korean, english = (panel_html([answer], library.catalogue, language) for language in ("ko", "en"))
    assert "2025-03-02 · iii쪽(파일의 4번째 쪽)" in korean and "p. iii (page 4 of the file)" in english
    assert 'data-page="4"' in korean  # which is drawn
    assert "ga, A-9쪽(파일의 8번째 쪽)" in korean  # among the passages that were considered
    assert reference(c).startswith("「보고서」, 2025-03-02, iii쪽(파일의 4번째 쪽) (ga.pdf)")
    said = hit_json(1, next(h for h in answer.hits if h.chunk.page == 4))
    assert (said["page"], said["page_label"]) == (4, "iii")
    documents = HybridRetriever.over(library).invoke(QUESTION)
    assert {(d.metadata["page"], d.metadata["page_label"]) for d in documents} >= {(4, "iii"), (5, "1")}
    said_so = Answer("?", "", Status.ANSWERED, (Sentence("답이다.", True, (1,)),), (), (c,))
    assert "(보고서 iii쪽(파일의 4번째 쪽), 2025-03-02)" in brief([said_so])


def test_the_command_line_names_both(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    labelled(settings.documents)
    library = Library(settings, HashedEmbeddings())
    library.sync()
    library.close()
    monkeypatch.setattr(rag.assistant, "Assistant", lambda settings: Assistant(settings, HashedEmbeddings()))
    where = ["--documents", str(settings.documents), "--data", str(settings.data)]
    for language, said in (
        ("ko_KR.UTF-8", "ga.pdf, 1쪽(파일의 5번째 쪽)"),
        ("C", "ga.pdf, p. 1 (page 5 of the file)"),
    ):
        monkeypatch.setenv("LC_ALL", language)
        assert main(["search", QUESTION, "-k", "10", *where]) == 0
        assert said in capsys.readouterr().out


def test_labels_of_files_that_were_read_without_come_with_their_vectors_kept(settings: Settings) -> None:
    labelled(settings.documents)
    library = Library(settings, HashedEmbeddings())
    library.sync()
    library.close()
    with contextlib.closing(sqlite3.connect(settings.data / "catalogue.sqlite")) as db:
        db.execute("DELETE FROM page_labels")
        db.execute("UPDATE documents SET reader = '10' || substr(reader, instr(reader, '/'))")
        db.commit()
    library = Library(settings, HashedEmbeddings())
    assert {h.chunk.page_label for h in hits(library)} == {""}
    assert [status.status for status in library.sync()] == ["updated"]
    assert library.embeddings and not library.embeddings.embedded
    assert {h.chunk.page_label for h in hits(library)} == set(
        PdfReader(settings.documents / "ga.pdf").page_labels
    )
    (settings.documents / "ga.pdf").unlink()
    library.sync()
    library.close()
    with contextlib.closing(sqlite3.connect(settings.data / "catalogue.sqlite")) as db:
        assert db.execute("SELECT COUNT(*) FROM page_labels").fetchone() == (0,)
