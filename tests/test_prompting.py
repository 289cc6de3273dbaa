"""Prompts are checked when they are loaded, and document text in them stays text."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.config import ROOT
from rag.errors import ConfigError
from rag.model.prompting import load_prompt


@pytest.mark.parametrize("name", ["reading", "easy"])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_shipped_prompts_put_the_passage_before_the_question(name: str, language: str) -> None:
    system, user = load_prompt(ROOT / "prompts", name, language).messages(
        "얼마인가?\n", "제목", "본문 {x} {{7*7}} $where ${none}"
    )
    passage, question = user.content
    assert "본문 {x} {{7*7}} $where ${none}" in passage and "얼마인가?" not in passage
    assert "얼마인가?" in question
    assert {"ko": "없음", "en": "NONE"}[language] in system.content


def test_a_missing_variable_is_named(tmp_path: Path) -> None:
    (tmp_path / "reading_ko.txt").write_text(
        "=== system\n$none\n=== passage\n$context $passage\n=== question\n묻는다\n", encoding="utf-8"
    )
    with pytest.raises(ConfigError, match=r"\$question"):
        load_prompt(tmp_path, "reading", "ko")
    with pytest.raises(ConfigError, match="reading_en"):
        load_prompt(tmp_path, "reading", "en")
