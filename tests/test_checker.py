"""What the checker confirms and what it takes out; against false sentences made from true ones in ten ways, and against true ones said in other words."""

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
from rag.question.wording import Wording
from rag.text import korean

CASES = sources(None)
PASSAGE = (
    "시는 4월부터 도서관 12곳을 밤 10시까지 연다. 예산은 4억 5천만 원이다. 담당 부서는 교통정책과가 아니다."
)
CONTEXT = "도서관 운영 계획 | 2025-03-02"

TRUE = [
    "예산은 4억 5천만 원입니다.",
    "도서관 예산은 450,000,000원이다.",
    "도서관 12곳은 4월부터 밤 10시까지 문을 연다.",
    "시는 4월부터 도서관 12곳을 밤 10시까지 연다.",
]
FALSE = [
    ("예산은 5억 원입니다.", "5억 원"),
    ("도서관 15곳을 연다.", "15곳"),
    ("삼성전자는 도서관 12곳을 연다.", "삼성전자"),
    ("OpenAI의 예산은 4억 5천만 원이다.", "openai"),
    ("시장은 올해 체육관을 새로 지어 시민에게 무료로 개방한다고 발표했다.", ""),
]


def confirmed(sentence: str, passage: str, context: str = "", question: str = "") -> bool:
    return isinstance(checker.check(sentence, passage, context, Wording(question)), Confirmed)


@pytest.mark.parametrize("sentence", TRUE)
def test_what_the_source_says_is_confirmed_with_its_span(sentence: str) -> None:
    verdict = checker.check(sentence, PASSAGE, CONTEXT)
    assert isinstance(verdict, Confirmed), verdict
    assert all(PASSAGE[a:b] for a, b in verdict.spans)


@pytest.mark.parametrize(("sentence", "why"), FALSE)
def test_what_the_source_does_not_say_is_not_confirmed(sentence: str, why: str) -> None:
    verdict = checker.check(sentence, PASSAGE, CONTEXT)
    assert isinstance(verdict, Rejected)
    assert why in verdict.word


def test_a_denial_that_the_source_does_not_make_is_not_confirmed() -> None:
    assert not confirmed("도서관 12곳을 밤 10시까지 열지 않는다.", PASSAGE, CONTEXT)


@pytest.mark.parametrize(
    ("source", "false", "kind"),
    [
        ("시는 도서관을 고친다.", "시는 도서관을 고쳤다.", "tense"),
        ("업주를 돕는 지원책이 있었으면 함", "업주를 돕는 지원책이 있습니다.", "tense"),
        ("수출은 3% 늘고 수입은 2% 줄었다.", "수출은 3% 줄고 수입은 2% 줄었다.", "direction"),
        ("수출은 3%, 수입은 2% 늘었다.", "수출은 2% 늘었다.", ""),
        ("구청이 학교를 도왔다.", "학교가 구청을 도왔다.", "role"),
        (
            "한빛마트 온라인 고객은 매장에서보다 5%를 더 씁니다.",
            "한빛마트는 온라인 고객을 매장에서보다 5%를 더 씁니다.",
            "role",
        ),
        ("도서관 12곳 이상을 연다.", "도서관 12곳 미만을 연다.", "number"),
        ("도서관 12곳을 연다.", "도서관 12곳 이상을 연다.", "number"),
        ("비용에는 인건비가 들어 있지 않다.", "비용에는 인건비가 들어 있다.", "denial"),
        (
            "한빛재단의 박민준 이사가 말했다. 별빛재단의 김서연 이사가 들었다.",
            "별빛재단의 박민준 이사가 말했다.",
            "",
        ),
        ("연금은 30~40년 뒤에 고갈된다.", "연금은 30년 뒤에 고갈된다.", "number"),
        ("2024년 2분기 예산은 3억 원이다.", "2024년 예산은 3억 원이다.", "number"),
        ("시장은 허가를 취소할 수 있다.", "시장은 허가를 취소하여야 한다.", "modality"),
        ("시장은 허가를 취소하여야 한다.", "시장은 허가를 취소할 수 있다.", "modality"),
        ("시장은 위원회를 매년 소집한다.", "시장은 위원회를 매년 소집할 수 있다.", "modality"),
        ("수수료는 신청인이 부담한다.", "수수료는 신청인이 부담하지 아니한다.", "denial"),
        ("근로자를 차별하여서는 아니 된다.", "근로자를 차별할 수 있다.", "denial"),
        ("예산의 이월은 지급 불가하다.", "예산의 이월은 지급 가능하다.", ""),
        ("시는 내년에 버스 운행을 중단할 예정이다.", "시는 내년에 버스 운행을 중단하였다.", "tense"),
        ("보조금은 정당한 사유 없이 환수할 수 없다.", "보조금은 환수할 수 없다.", "limit"),
        ("광역시(군 지역은 제외한다)의 보증금은 2천만 원이다.", "광역시의 보증금은 2천만 원이다.", "limit"),
        ("시는 노인에게만 표를 준다.", "시는 노인에게 표를 준다.", "limit"),
        (
            "예산안은 지방의회에 내고 결과는 자치구에 알린다.",
            "예산안은 자치구에 내고 결과는 자치구에 알린다.",
            "",
        ),
        ("시는 도서관 계획을 검토한다.", "시는 도서관 계획을 시행한다.", ""),
        ("위원회는 요금 인상을 우려하였다.", "위원회는 요금 인상을 전망하였다.", ""),
        ("위원회는 요금 인하를 권고하였다.", "위원회는 요금 인하를 요구하였다.", ""),
        ("이 사업은 이미 승인되었다.", "이 사업은 아직 승인되었다.", ""),
        ("회원은 모두 참석하였다.", "회원은 일부 참석하였다.", ""),
    ],
)
def test_what_is_changed_is_found_and_named(source: str, false: str, kind: str) -> None:
    verdict = checker.check(false, source)
    assert isinstance(verdict, Rejected) and (not kind or verdict.kind == kind), verdict


@pytest.mark.parametrize(
    ("source", "true"),
    [
        ("연금은 30~40년 뒤에 고갈된다.", "연금은 30년에서 40년 뒤에 고갈됩니다."),
        ("시는 예산이 늘었다고 밝혔다.", "시는 예산이 증가했다고 말했습니다."),
        ("표에는 35라고 적혀 있다.", "35입니다."),
        ("한빛재단 박민준 이사가 말했다.", "박민준 이사는 한빛재단 소속입니다."),
        ("국민의 30%가 쓴다.", "국민의 10분의 3이 씁니다."),
        ("지원 대상은 세 곳이다.", "지원 대상은 3곳입니다."),
        ("시는 청년 수당 예산을 삭감하였다.", "청년 수당 예산이 깎였습니다."),
        ("시는 민원에 신속히 대응한다.", "시는 민원에 빠르게 대응합니다."),
        ("분담금은 지급 불가하나 교통비는 지급 가능하다.", "분담금은 줄 수 없지만 교통비는 줄 수 있습니다."),
        ("의무 불이행 시 보조금을 회수한다.", "의무를 이행하지 않으면 보조금을 회수합니다."),
        ("근로자를 차별하여서는 아니 된다.", "근로자를 차별할 수 없습니다."),
        ("이사하면 새 주소지의 시장에게 신고하여야 한다.", "이사하면 그곳의 시장에게 신고해야 합니다."),
        ("시장은 보조금 신청을 거부할 수 있다.", "시장은 보조금 신청을 거부할 수 있습니다."),
    ],
)
def test_other_words_for_the_same_are_confirmed(source: str, true: str) -> None:
    assert confirmed(true, source), checker.check(true, source)


def test_a_tables_caption_gives_its_rows_their_unit() -> None:
    row, caption = "구분: 예산 | 2024년: 35", "예산 (단위: 억 원)"
    assert confirmed("2024년 예산은 35억 원입니다.", row, caption)
    assert not confirmed("2024년 예산은 35만 원입니다.", row, caption)


def test_the_quote_is_the_sentence_that_holds_the_number() -> None:
    found = checker.check("예산은 4억 5천만 원입니다.", PASSAGE, CONTEXT)
    assert isinstance(found, Confirmed)
    (span,) = found.spans
    assert PASSAGE[slice(*span)] == "예산은 4억 5천만 원이다."


def test_a_heap_of_numbers_supports_nothing_but_itself() -> None:
    heap = "민간소비 GDP 2.6 0.9 1.8 1.4 22"
    assert not confirmed("2024년 GDP 성장률은 2.6%입니다.", f"2024년 전망\n{heap}", "성장률 전망")
    assert not confirmed("민간소비는 2.6입니다.", heap)
    assert confirmed("민간소비는 2.6입니다.", "민간소비: 2.6 | 투자: 0.9")


def test_two_sentences_may_support_one() -> None:
    passage = "예산은 4억 5천만 원이다. 그 사이에 다른 문장이 있다. 도서관은 12곳이다."
    verdict = checker.check("도서관 12곳의 예산은 4억 5천만 원이다.", passage)
    assert isinstance(verdict, Confirmed)
    assert [passage[a:b] for a, b in verdict.spans] == ["예산은 4억 5천만 원이다.", "도서관은 12곳이다."]


def test_what_must_be_done_stands_in_the_source_though_the_question_says_it() -> None:
    question = "시가 사야 한다고 한 버스는 몇 대인가요?"
    said = "시가 사야 한다고 한 버스는 30대입니다."
    assert not confirmed(said, "운전사들은 버스 30대를 몰아 본 경험이 필요하다고 했다.", "", question)
    assert confirmed(said, "운전사들은 시가 버스 30대를 사야 한다고 했다.", "", question)


@pytest.mark.parametrize(
    ("text", "n", "expected"),
    [
        ("가이다 [1].", 1, ("가이다.", (1,))),
        ("가이다 [0].", 3, ("가이다.", ())),
        ("가이다 [99].", 3, ("가이다.", ())),
        ("가이다 [2][1].", 2, ("가이다.", (2, 1))),
    ],
)
def test_marks_of_the_model_are_taken_out_and_inventions_dropped(
    text: str, n: int, expected: tuple[str, tuple[int, ...]]
) -> None:
    assert checker.strip_markers(text, n) == expected


def test_sentences_are_ranked_by_what_they_share_with_the_question() -> None:
    ranked = checker.rank_sentences(["예산"], {"예산": 2.0}, PASSAGE, CONTEXT)
    assert PASSAGE[ranked[0][1] : ranked[0][2]] == "예산은 4억 5천만 원이다."


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
