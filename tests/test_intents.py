"""Questions about the library itself are told from questions about what its documents say, which use the same words."""

from __future__ import annotations

import pytest

from rag.answer.whole_documents import of_whole_documents
from rag.config import ROOT, Settings
from rag.ingest.library import Library
from rag.question.intents import asks_source, recognise
from rag.question.purpose import Purpose
from rag.question.question import understand
from rag.question.wording import Wording
from rag.types import Answer
from rag.ui.suggestions import suggest

TITLES = ["소버린 AI – 기술을 전략 자산으로", "근로기준 안내서", "청년 지원 사업 시행 계획(2025)"]
PATHS = ["04_소버린_AI.hwpx", "근로기준_안내서.pdf", "2025/청년지원.docx"]

ORDINARY = """
지원금을 신청하려면 어떤 자료를 갖춰야 하나요?
정리해고는 며칠 전에 통보해야 하나요?
정리해고를 피하기 위해 회사는 무엇을 해야 하나요?
어떤 서류를 준비해야 하나요?
무슨 서류가 필요한가요?
어떤 자료를 제출해야 하나요?
어떤 문서를 보관해야 하나요?
사업자는 몇 년 동안 자료를 보관해야 하나요?
개인정보 파일은 어떻게 관리해야 하나요?
개인정보 파일에는 무엇이 있나요?
첨부 파일은 몇 개까지 올릴 수 있나요?
제출 서류 목록을 알려 주세요.
금지 품목 목록은 어디에서 볼 수 있나요?
유네스코 세계유산 목록에 오른 곳은 몇 곳인가요?
위원회는 어떤 문서를 심의하나요?
공공기관은 어떤 자료를 공개해야 하나요?
국회에 어떤 자료를 보고해야 하나요?
근로자는 어떤 자료를 가지고 있어야 하나요?
그 회사는 어떤 자료를 보유하고 있나요?
신청자가 갖고 있어야 할 문서는 무엇인가요?
어느 기관이 어떤 자료를 가지고 있나요?
교육청은 어떤 자료를 보여 주었나요?
통계 자료는 몇 월에 공표되나요?
참고 자료로 무엇을 들고 있나요?
조사 자료는 어디에 있나요?
공문서는 어떻게 보존하나요?
문서 위조의 벌칙은 무엇인가요?
전자문서의 효력은 언제 생기나요?
자료 제출을 거부하면 과태료는 얼마인가요?
자료 요구에는 며칠 안에 답해야 하나요?
소버린 AI에 관한 문서에는 무슨 조건이 있나요?
계약서에는 어떤 내용이 있나요?
계약서에 적어야 하는 내용은 무엇인가요?
근로계약서의 주요 내용은 무엇인가요?
협약의 주요 내용은 무엇인가요?
개정안의 핵심 내용은 무엇인가요?
이번 대책은 무슨 내용인가요?
교육 내용은 누가 정하나요?
연금 개혁의 핵심만 알려 주세요.
주요 내용을 변경할 때는 누구의 승인을 받나요?
요약본은 며칠 안에 내야 하나요?
사업 계획서 요약은 몇 쪽까지 쓸 수 있나요?
환경영향평가서의 요약문은 누가 작성하나요?
예산을 요약해 주세요.
소버린 AI의 문제점을 세 줄로 요약해 줘
청년 지원 사업의 신청 절차를 정리해 줘
부채를 정리해 준 기관은 어디인가요?
교통정리는 누가 하나요?
구조조정과 부실 정리는 어느 기관이 맡나요?
비교적 안정적인 직종은 무엇인가요?
비교 대상 국가는 몇 개국인가요?
미국과 일본의 실업률을 비교해 줘
작년과 비교하면 수출은 얼마나 늘었나요?
정규직과 비정규직의 차이는 무엇인가요?
남녀 임금 차이는 얼마인가요?
임금 격차와 소득 차이를 어떻게 줄이나요?
두 제도의 차이점은 무엇인가요?
두 문서를 제출한 사람은 누구인가요?
두 문서의 유효 기간은 어떻게 다른가요?
계절에 따라 전력 수요는 어떻게 차이가 나나요?
소버린 AI와 청년 지원 사업의 예산 차이는 얼마인가요?
원산지와 출처는 어떻게 표시하나요?
출처 표시 의무는 언제부터인가요?
출처를 밝히지 않으면 어떻게 되나요?
자금의 출처는 어디인가요?
신고 센터는 어디에 있나요?
접수처는 어디에 있나요?
법적 근거는 무엇인가요?
과태료 부과의 근거는 어느 조항인가요?
근거 법령은 무엇인가요?
근거 자료를 내지 않으면 어떻게 되나요?
원문 공개 대상은 어떤 정보인가요?
추가 자료로 무엇이 있나요?
이 자료를 만든 기관은 어디인가요?
이 문서의 보존 기간은 몇 년인가요?
이 보고서는 언제 나왔나요?
이 보고서가 제안한 대책은 무엇인가요?
해당 문서를 받은 사람은 무엇을 해야 하나요?
근로기준 안내서에 따르면 해고는 며칠 전에 알려야 하나요?
What documents are required to apply for the grant?
Which files must be kept for five years?
What is the main difference between the two schemes?
How does the summary procedure work?
What is the report about the dam said to cost?
보조금을 받은 단체는 어떤 자료를 남겨야 하나요?
모든 자료를 공개하나요?
어떤 파일을 올릴 수 있나요?
어떤 문서를 등록하나요?
자료를 정리하나요?
자료 정리는 어떻게 하나요?
문서는 어떻게 요약하나요?
문서 정리 담당자는 누구인가요?
자료는 몇 부 내야 하나요?
보고서를 누가 작성하나요?
보고서에는 무엇이 들어 있나요?
보고서에는 어떤 내용이 있나요?
글은 몇 자까지 쓸 수 있나요?
핵심은 무엇인가요?
핵심 과제는 무엇인가요?
소버린 AI의 핵심은 무엇인가요?
소버린 AI의 핵심 과제를 알려줘
두 나라의 차이는?
세 가지 유형의 차이를 알려줘
무엇이 다른가요?
차이가 무엇인가요?
예산 차이를 비교해 줘
기업들은 자료를 어디에 저장하나요?
저장된 자료는 언제 지우나요?
등록된 사업자는 몇 명인가요?
목록에 있는 품목은 무엇인가요?
목록을 보여 주는 기관은 어디인가요?
여기에는 무엇이 있나요?
어디에 근거를 두고 있나요?
그 근거는 무엇인가요, 법률인가요?
이 제도의 근거는?
정보의 출처를 알려 주는 서비스는?
계약 내용이 어디에 적혀 있어야 하나요?
유통 기한은 어디에 적혀 있나요?
표시 사항은 어느 면에 쓰여 있나요?
이 법에 적혀 있는 벌칙은?
어떤 자료가 더 필요해?
자료가 없으면 어떻게 되나요?
문서를 잃어버리면 어떻게 하나요?
Where is the office?
What files do applicants have to keep?
How do the two plans differ?
Which report was cited by the court?
이 문서에 나오는 회사는 어디야?
이 문서가 말하는 소버린 AI란?
내용증명은 언제 보내나요?
요약하면 예산은 얼마야?
정리하면 몇 가지야?
간략히 말해 금리가 왜 올랐어?
비교 우위란 무엇인가요?
""".strip().splitlines()

LIBRARY = """
무슨 문서가 있어? | list
어떤 문서가 있나요? | list
어떤 자료들을 가지고 있어? | list
문서 목록 보여줘 | list
문서 목록을 알려 주세요. | list
파일 리스트 좀 보여 줘 | list
자료 목록 | list
지금 무슨 자료가 들어 있나요? | list
여기에는 어떤 문서들이 있어요? | list
문서가 몇 개 있어? | list
모두 몇 개의 문서가 있나요? | list
가지고 있는 문서가 뭐야? | list
네가 가진 문서를 다 알려줘 | list
등록된 문서를 모두 보여줘 | list
라이브러리에 무슨 파일이 있지? | list
올린 파일이 뭐가 있어? | list
What documents do you have? | list
Which files are in the library? | list
List all documents. | list
Show me the list of documents | list
소버린 AI 문서를 세 줄로 요약해줘 | summary
소버린 AI를 요약해 줘 | summary
소버린 AI 요약 | summary
근로기준 안내서의 주요 내용은 무엇인가요? | summary
근로기준 안내서는 무슨 내용이야? | summary
근로기준 안내서의 핵심만 간단히 알려줘 | summary
근로기준 안내서를 간추려 주실 수 있나요? | summary
청년 지원 사업 시행 계획을 다섯 문장으로 정리해 줘 | summary
04_소버린_AI.hwpx 파일을 요약해 주세요 | summary
Summarize 소버린 AI in two sentences. | summary
소버린 AI와 근로기준 안내서의 차이는? | difference
소버린 AI 문서와 근로기준 안내서는 어떻게 달라? | difference
근로기준 안내서와 청년 지원 사업 시행 계획을 비교해 줘 | difference
소버린 AI하고 근로기준 안내서의 차이점이 뭐야? | difference
문서 뭐 있어? | list
어떤 보고서들이 있는지 알려줘 | list
지금 가지고 있는 자료 목록 좀 알려 줄래? | list
문서가 총 몇 개야? | list
저장된 문서 목록 | list
무슨 무슨 파일이 들어 있어? | list
전체 문서를 보여줘 | list
what files do you have? | list
소버린 AI 좀 요약해 봐 | summary
소버린 AI 문서는 어떤 내용인가요? | summary
근로기준 안내서 내용을 세 문장으로 알려줘 | summary
근로기준 안내서를 한 줄로 요약하면? | summary
근로기준 안내서 핵심 내용 정리 | summary
Give me a short summary of 소버린 AI | summary
What are the main points of 근로기준 안내서? | summary
근로기준 안내서랑 소버린 AI 비교 | difference
소버린 AI와 근로기준 안내서는 뭐가 달라? | difference
Compare 소버린 AI and 근로기준 안내서 | difference
""".strip().splitlines()

POINTING = """
이 문서 요약해줘 | summary
이 문서를 요약해 주세요. | summary
세 줄로 요약 | summary
세 줄로 요약해줘 | summary
요약해 줘 | summary
이 문서의 주요 내용은? | summary
그 문서는 무슨 내용이야? | summary
해당 보고서의 핵심 내용을 알려 주세요 | summary
이 자료를 짧게 정리해줘 | summary
What is this document about? | summary
Summarise this document, please. | summary
두 문서의 차이는? | difference
두 문서를 비교해 줘 | difference
두 자료는 어떻게 다른가요? | difference
What is the difference between the two documents? | difference
""".strip().splitlines()

ORDINARY_AFTER_AN_ANSWER = """
어디에 있나요?
어디에 있어요?
어디에 있습니까?
어디인가요?
어디에서 신청하나요?
어디에 쓰이나요?
근거 법령은?
자금의 출처는?
출처를 적어야 하나요?
근거를 마련한 법은?
원문은 몇 쪽인가요?
어디에 나와서 일하나요?
문서는 어디에 보관하나요?
자료는 어디에 제출하나요?
무엇을 근거로 정하나요?
""".strip().splitlines()

FOR_THE_SOURCE = """
출처는?
출처가 어디야?
출처 알려줘
출처를 보여 주세요.
그 답의 출처는 뭐야?
이 말의 근거는 어디에 있나요?
근거가 뭐야?
근거는?
원문 보여줘
어디에 나와 있어?
어디에 나와 있나요?
어디에 적혀 있나요?
그게 어디에 쓰여 있어?
어느 문서에 나와 있나요?
몇 쪽에 나와?
What is the source?
Where is that written?
Source?
그 출처가 뭔가요?
출처 좀
원문을 볼 수 있어?
어디 나온 얘기야?
어디에 나온 말이야?
그 말은 어느 자료에 있어?
몇 페이지에 있어?
근거를 보여줘
근거는 어디에 있어?
which document says that?
where does it say that?
출처를 말해 줘
""".strip().splitlines()


NAMES = {Purpose.ABOUT: "summary"}


def kind(question: str, titles: list[str], paths: list[str], chosen: tuple[int, ...] = ()) -> str:
    task = recognise(Wording(question), titles, paths, chosen)
    return NAMES.get(task.purpose, str(task.purpose)) if task else ""


@pytest.mark.parametrize("question", ORDINARY)
def test_a_question_about_the_content_is_an_ordinary_question(question: str) -> None:
    assert kind(question, TITLES, PATHS) == ""
    assert kind(question, TITLES, PATHS, (1,)) == "", "after an answer"
    assert kind(question, TITLES, PATHS, (0, 1)) == "", "after an answer from two documents"
    assert kind(question, TITLES[2:], PATHS[2:]) == "", "in a library of one document"
    assert not asks_source(Wording(question))


@pytest.mark.parametrize("line", LIBRARY)
def test_a_question_about_documents_as_such_is_known(line: str) -> None:
    question, expected = line.split(" | ")
    assert kind(question, TITLES, PATHS) == expected
    assert not asks_source(Wording(question))


@pytest.mark.parametrize("line", POINTING)
def test_the_documents_in_sight_are_meant(line: str) -> None:
    question, expected = line.split(" | ")
    assert kind(question, TITLES, PATHS, (1, 0)) == expected
    assert kind(question, TITLES, PATHS) == "", "where none is in sight"
    if expected == "summary":
        assert kind(question, TITLES[1:2], PATHS[1:2]) == "summary", "in a library of one document"
    else:
        assert kind(question, TITLES[:2], PATHS[:2]) == "difference", "in a library of two"


@pytest.mark.parametrize("question", ORDINARY_AFTER_AN_ANSWER)
def test_a_question_on_is_not_one_for_the_source(question: str) -> None:
    assert not asks_source(Wording(question))


@pytest.mark.parametrize("question", FOR_THE_SOURCE)
def test_the_source_of_the_last_answer_is_asked_for(question: str) -> None:
    assert asks_source(Wording(question))


@pytest.mark.parametrize(
    ("question", "documents", "count"),
    [
        ("소버린 AI 문서를 두 문장으로 요약해줘", (0,), 2),
        ("Summarize 소버린 AI in five lines.", (0,), 5),
        ("근로기준_안내서.pdf를 요약해 줘", (1,), 3),
        ("근로기준 안내서와 소버린 AI의 차이는?", (1, 0), 2),
        ("소버린 AI와 근로기준 안내서를 요약해 줘", (0, 1), 3),
        ("무슨 문서가 있어?", (0, 1, 2), 1),
    ],
)
def test_the_documents_are_those_that_are_named_in_their_order(
    question: str, documents: tuple[int, ...], count: int
) -> None:
    task = recognise(Wording(question), TITLES, PATHS)
    assert task is not None and (task.documents, task.count) == (documents, count)


def test_the_summary_that_the_page_suggests_is_known_of_nearly_every_title() -> None:
    files = [*(ROOT / "models" / "reader").rglob("*.md"), *(ROOT / "tests" / "eval" / "texts").glob("*.md")]
    first = [file.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ") for file in files]
    titles = list(dict.fromkeys(first))
    assert len(titles) > 60
    unknown = [
        title
        for i, title in enumerate(titles)
        if (
            task := recognise(
                Wording(suggest([(title, "")])[-1]), titles, [f"{n}.md" for n in range(len(titles))]
            )
        )
        is None
        or (task.purpose, task.documents) != (Purpose.ABOUT, (i,))
    ]
    assert len(unknown) <= 0.03 * len(titles), (len(titles), unknown)


def test_this_document_is_the_first_that_the_last_answer_cites() -> None:
    task = recognise(Wording("이 문서를 요약해줘"), TITLES, PATHS, [1, 0])
    assert task is not None and task.documents == (1,)


def test_a_name_that_two_documents_bear_names_neither() -> None:
    assert (
        recognise(
            Wording("월간 동향을 요약해 줘"), ["월간 동향 – 1월", "월간 동향 – 2월"], ["01.md", "02.md"]
        )
        is None
    )


def test_a_title_within_another_word_is_not_named() -> None:
    assert recognise(Wording("세금계산서의 내용은 무엇인가요?"), ["세금", "예산"], ["a.md", "b.md"]) is None


def test_a_question_on_about_documents_needs_nothing_of_the_question_before(
    library: Library, settings: Settings
) -> None:
    for name, text in (
        ("교통.md", "# 교통 계획\n\n버스 노선은 다음 달에 새로 짠다고 시는 밝혔다.\n"),
        ("돌봄.md", "# 돌봄 계획\n\n돌봄 로봇은 내년 봄부터 집마다 하나씩 나누어 준다.\n"),
    ):
        (settings.documents / name).write_text(text, encoding="utf-8")
    library.sync()
    before = of_whole_documents(library, understand("교통 계획을 요약해 줘"), None, 0.0)
    assert before is not None and "버스" in before.text

    def ask(asked: str) -> Answer | None:
        return of_whole_documents(library, understand(asked, [before]), None, 0.0)

    both = ask("두 문서의 차이는?")
    assert (
        both is not None
        and {"버스", "돌봄"} <= {word for word in ("버스", "돌봄") if word in both.text}
        and not both.understood
    )
    again = ask("그 문서를 한 줄로 요약해 줘")
    assert again is not None and [c.path for c in again.citations] == ["교통.md"]
    other = ask("돌봄 계획은?")
    assert other is not None and [c.path for c in other.citations] == ["돌봄.md"]
