"""The evidence model: what is saved and loaded says the same, what was read is kept, and the real one picks the sentence that answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rag.answer.reader import EvidenceReader
from rag.errors import ModelError
from rag.model import evidence_model
from rag.model.embedding import LocalEmbeddings
from rag.model.evidence_model import EvidenceModel, tokens_in
from rag.model.weights import ModelStore
from rag.question.question import understand
from rag.types import Chunk, Hit, Passage
from rag.ui import read_ahead

TEXT = "도서관은 밤 열 시까지 연다. 예산은 3억 원이다. 관장은 새로 뽑는다."
SENTENCES = [(0, 16), (17, 28), (29, 41)]


@pytest.fixture(scope="module")
def small() -> tuple[Any, Any]:
    """A body of the same kind with tiny layers, and a tokenizer of words."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import Gemma3TextConfig, Gemma3TextModel, PreTrainedTokenizerFast

    torch.manual_seed(1)
    config = Gemma3TextConfig(
        vocab_size=64,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=evidence_model.TOP,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
    )
    words = {word: i for i, word in enumerate(["[UNK]", *dict.fromkeys(TEXT.split())])}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return Gemma3TextModel(config).eval(), PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]"
    )


def test_weights_that_were_saved_and_put_into_the_layers_say_the_same(
    small: tuple[Any, Any], tmp_path: Path
) -> None:
    import torch

    model = EvidenceModel(*small, training=True)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name[-2:] in (".A", ".B"):
                parameter.copy_(torch.randn_like(parameter) * 0.05)
    model.save(tmp_path / "w.safetensors")
    before = model.read(model.question("예산은?"), "도서관", TEXT, SENTENCES)
    loaded = EvidenceModel(*small).load(tmp_path / "w.safetensors")
    after = loaded.read(loaded.question("예산은?"), "도서관", TEXT, SENTENCES)
    assert before.answerable == pytest.approx(after.answerable, abs=0.02)
    assert before.sentences == pytest.approx(after.sentences, abs=0.02)
    assert not [
        name for name, _ in loaded.named_modules() if name.endswith(".base")
    ]  # as fast as the body's own layers
    model = EvidenceModel(*small)
    untrained = model.read(model.question("예산은?"), "도서관", TEXT, SENTENCES)
    assert untrained.sentences != pytest.approx(after.sentences, abs=0.02)


def test_weights_of_another_shape_are_refused(small: tuple[Any, Any], tmp_path: Path) -> None:
    from safetensors.torch import save_file
    from torch import zeros

    save_file({"something": zeros(3)}, str(tmp_path / "w.safetensors"))
    with pytest.raises(ValueError, match=r"w\.safetensors"):
        EvidenceModel(*small).load(tmp_path / "w.safetensors")


def test_a_passage_is_begun_once_and_the_oldest_is_dropped(
    small: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_model, "KEPT_PASSAGES", 2)
    model = EvidenceModel(*small)
    assert [model.prepare("", text) for text in ("가", "나", "가", "다", "가", "나")] == [
        True,
        True,
        False,
        True,
        False,
        True,
    ]


def test_what_stands_behind_the_limit_has_no_score_and_words_lie_in_the_text(
    small: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = EvidenceModel(*small)
    asked = model.question("예산은?")
    assert all(score is not None for score in model.read(asked, "", TEXT, SENTENCES).sentences)
    monkeypatch.setattr(
        evidence_model, "MAX_PASSAGE", 9
    )  # title: none | text: and five words of the first sentence
    cut = EvidenceModel(*small).read(asked, "", TEXT, SENTENCES)
    assert cut.sentences[0] is not None and cut.sentences[1:] == (None, None)
    assert cut.words is None or 0 <= cut.words[0] < cut.words[1] <= SENTENCES[0][1]
    monkeypatch.setattr(evidence_model, "MAX_PASSAGE", 2)
    assert EvidenceModel(*small).read(asked, "", TEXT, SENTENCES) == evidence_model.Scores(
        -10.0, (None, None, None), None
    )


def test_the_page_reads_no_more_ahead_than_is_kept() -> None:
    assert read_ahead.ROOM <= evidence_model.KEPT_PASSAGES


def test_tokens_of_nothing() -> None:
    assert tokens_in([(0, 2), (0, 0)], 5, 9) is None


def passage(text: str, title: str) -> Passage:
    chunk = Chunk("c", 1, "a.md", title, "2025-03-02", None, "", "", 0, len(text), text)
    return Passage(chunk, 0, len(text), text, Hit(chunk, 0.9))


@pytest.mark.model
def test_the_real_model_picks_the_sentence_that_answers(models: ModelStore) -> None:
    embeddings = LocalEmbeddings(models.path("embedding"), "embedding")
    reader = EvidenceReader(embeddings)
    hall = passage(
        "군은 마을회관 열두 곳에 승강기를 놓는다. 공사는 5월에 시작해 9월에 끝난다. 비용은 모두 18억 원이며 절반은 도가 낸다. 어르신들은 반겼다.",
        "마을회관 고치기",
    )
    rest = passage("도서관은 밤 열 시까지 연다. 예산은 3억 원이다.", "도서관")
    try:
        assert reader.prepare(hall) and not reader.prepare(hall)
        cost, when = (
            next(reader.read(understand(question), [hall]))
            for question in ("승강기 놓는 데 돈이 얼마나 들어?", "공사는 언제 끝나나요?")
        )
        (other,) = reader.read(understand("회관에서 쓰는 컴퓨터는 몇 대인가요?"), [hall])
        together = list(reader.read(understand("공사는 언제 끝나나요?"), [rest, hall, rest]))
        assert not list(reader.read(understand("공사는?"), []))
    finally:
        embeddings.end()
    assert "18억" in cost.best.text and "9월" in when.best.text
    assert [e.passage for e in together] == [rest, hall, rest] and together[0] == together[2]
    assert together[1].answerable == pytest.approx(when.answerable, abs=0.01)
    assert (
        hall.text[cost.best.start : cost.best.end] == cost.best.text
        and min(cost.answerable, when.answerable) > other.answerable
    )


def test_another_embedding_model_cannot_read() -> None:
    with pytest.raises(ModelError, match="EmbeddingGemma"):
        reader = EvidenceReader(LocalEmbeddings(Path("nowhere"), "other"))
        list(reader.read(understand("예산은?"), [passage(TEXT, "")]))
