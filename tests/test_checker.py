"""The checker against false sentences made from true ones in ten ways, and against true ones said in other words."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import unseen_mutations
from benchmarks.checker import PARAPHRASES, paraphrases, respelled, sources
from benchmarks.mutations import MUTATIONS
from rag.answer import checker
from rag.answer.style import polite
from rag.answer.verdict import Confirmed, Rejected
from rag.text import korean

CASES = sources(None)


@pytest.mark.parametrize("kind", MUTATIONS)
def test_false_sentences_are_flagged(kind: str) -> None:
    rng = random.Random(11)
    drawn = {
        (MUTATIONS[kind](sentence, passage, rng), passage, title) for sentence, passage, title in CASES * 3
    }
    made = sorted((f, p, t) for f, p, t in drawn if f and korean.normalise(f) not in korean.normalise(p))
    made = rng.sample(made, min(40, len(made)))
    assert len(made) >= 8
    missed = [case[0] for case in made if isinstance(checker.check(*case), Confirmed)]
    assert len(missed) <= 0.05 * len(made), missed


def test_true_sentences_in_other_words_are_kept() -> None:
    said = [
        (t, passage, title)
        for rewrite in (polite, respelled)
        for sentence, passage, title in CASES
        if (t := rewrite(sentence)) and t != sentence
    ]
    lost = [case[0] for case in [*said, *paraphrases()] if isinstance(checker.check(*case), Rejected)]
    assert len(said) > 60 and len(lost) <= 0.03 * (len(said) + len(paraphrases())), lost


def test_changes_by_rules_that_the_checker_does_not_share_are_flagged() -> None:
    rng = random.Random(11)
    pages = [passage for _, passage, _ in CASES]
    made = []
    for kind, mutate in unseen_mutations.MUTATIONS.items():
        drawn = [
            (mutate(sentence, passage, rng.choice(pages), rng), passage, title)
            for sentence, passage, title in CASES
        ]
        false = [(f, p, t) for f, p, t in drawn if f and korean.normalise(f) not in korean.normalise(p)]
        made += [case for case in false if kind not in unseen_mutations.NUMERIC]
    missed = [case[0] for case in made if isinstance(checker.check(*case), Confirmed)]
    assert len(made) > 50 and len(missed) <= 0.06 * len(made), (len(made), missed)


@pytest.mark.parametrize(
    ("kind", "sentence", "expected"),
    [
        ("modality", "시장은 허가를 취소할 수 있다.", "시장은 허가를 취소하여야 한다."),
        ("negation", "신청인은 수수료를 낸다.", "신청인은 수수료를 내지 않는다."),
        ("negation", "예산이 줄어들지 않습니다.", "예산이 줄어듭니다."),
        ("stage", "시는 계획을 검토하였다", "시는 계획을 시행하였다"),
        ("exception", "광역시(군은 제외한다)는 2천만 원", "광역시는 2천만 원"),
        ("quantifier", "아직 시작하지 않았다", "이미 시작하지 않았다"),
    ],
)
def test_a_change_reads_well(kind: str, sentence: str, expected: str) -> None:
    said = {unseen_mutations.MUTATIONS[kind](sentence, "", "", random.Random(n)) for n in range(20)}
    assert expected in said


def test_the_false_are_made_without_what_is_measured() -> None:
    source = Path(unseen_mutations.__file__).read_text(encoding="utf-8")
    assert "from rag" not in source and "import rag" not in source


def test_without_its_folder_the_measurement_says_so(tmp_path: Path) -> None:
    command = [sys.executable, "benchmarks/checker.py", "--unseen", str(tmp_path / "none")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=PARAPHRASES.parents[2], check=False)
    assert done.returncode == 2 and "nothing to measure" in done.stdout
