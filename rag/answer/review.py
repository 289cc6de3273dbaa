"""Review what the chat model wrote from an excerpt, sentence by sentence: each gets its verdicts.

The words are checked by `rag.answer.checker`; here stands what else a sentence must be before it is shown: an
answer to the question that says the words which answer, whole, and true of the row of a table that it cites.
Pure but for Kiwi (`rag.text.korean`).
"""

from __future__ import annotations

import re

from rag.answer import checker, style
from rag.answer.verdict import Confirmed, Quoted, Rejected, Reviewed, Verdict
from rag.question import premises
from rag.question.question import Question
from rag.text import korean
from rag.text.numbers import numbers
from rag.text.quantity import missing_numbers
from rag.text.sides import label_of
from rag.types import Passage

BARE_CHARS = 8  # an answer no longer than this is a bare figure or name, whatever it ends in (캐나다)
WORD_SHARE = 0.5  # of the words that answer, which a sentence must hold to say them
_QUESTION = re.compile(r"(나요|까요|습니까|인가요|는가|을까|은가요)[.?]?$|\?$")
_COMPLETE = re.compile(r"(다|요|까|죠|음|함|임)[.!?]?[”’\"')\]]*$|[a-z][.!?]$")
_LEADS = re.compile(
    r"(다음과\s?같|아래와\s?같|다음은)[^.]*[:.]?$"
)  # what announces a list and claims nothing itself
_BULLET = re.compile(r"^(\d{1,2}[.)]|[-*•·])\s+")
_PICTURE = re.compile(
    r"!\[[^\]]*\](\([^)]*\)|\[[^\]]*\])"
)  # what a document may order to be written, to be fetched by whoever shows it
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def review(text: str, excerpt: Passage, question: Question, words: str = "") -> list[Reviewed]:
    """Return the sentences of a text with their verdicts, in order; what announces, or says that there is
    nothing, is left out.

    Args:
        text: what the model wrote. excerpt: what it was shown. question: that it answers.
        words: the shortest words that answer; a text that does not say them is rejected as a whole.
    """
    text = _LINK.sub(r"\1", _PICTURE.sub("", text)).replace("**", "")
    sentences = []
    for start, end in korean.sentences(text):
        sentence, _ = checker.strip_markers(_BULLET.sub("", text[start:end]), 1)
        if not sentence or _says_none(sentence) or _LEADS.search(sentence):
            continue
        if question.language == "ko":
            sentence = style.spaced(style.in_hangul(sentence, excerpt.text), excerpt.text)
        if _QUESTION.search(sentence):
            sentence = style.as_statement(sentence) or sentence
        sentences.append(sentence)
    if not says(" ".join(sentences), words):
        return [Reviewed(sentence, (Rejected("answer", words),)) for sentence in sentences]
    return [Reviewed(sentence, _verdicts(sentence, excerpt, question)) for sentence in sentences]


def _verdicts(sentence: str, excerpt: Passage, question: Question) -> tuple[Verdict, ...]:
    language = question.language
    verdict = checker.check(sentence, excerpt.text, excerpt.chunk.context, question)
    if isinstance(verdict, Rejected):
        return (verdict,)
    if (
        checker.echoes(sentence, question)
        or style.topicalises_verb(sentence, question)
        or _QUESTION.search(sentence)
    ):
        return (Rejected("form", sentence),)
    span = verdict.spans[0]
    quoted = excerpt.text[slice(*span)]
    line = excerpt.text[excerpt.text.rfind("\n", 0, span[0]) + 1 : span[1]]
    if not _true_to_row(sentence, quoted, excerpt, question) or not _tells_side(sentence, line, question):
        # the row with its name, which neither question nor sentence says
        return Rejected("row", quoted), Quoted(span)
    if language != korean.language_of(sentence):  # an English question about a Korean source
        return (Quoted(span),)
    if len(sentence) > BARE_CHARS and _COMPLETE.search(sentence) and not _is_title(sentence, quoted):
        return (Confirmed(verdict.spans, style.polite(sentence) if language == "ko" else sentence),)
    return _complete_fragment(sentence, verdict, excerpt, question)


def _complete_fragment(
    sentence: str, verdict: Confirmed, excerpt: Passage, question: Question
) -> tuple[Verdict, ...]:
    """Return the verdicts on a fragment: whole by the question's words where the source says that, else a
    name or a figure leads and its sentence follows; of a longer one the sentence holds the words.
    """
    context = excerpt.chunk.context
    korean_asked = question.language == "ko"
    if korean_asked and (completion := style.completed(sentence, question)):
        whole_verdict = checker.check(completion, excerpt.text, context, question)
        if isinstance(whole_verdict, Confirmed):
            return (Confirmed(whole_verdict.spans, completion),)
    quoted = Quoted(verdict.spans[0])
    if len(sentence) > BARE_CHARS:
        return (quoted,)
    polite_ending = style.as_sentence(sentence) if korean_asked else sentence
    is_confirmed = isinstance(checker.check(polite_ending, excerpt.text, context, question), Confirmed)
    return Confirmed(verdict.spans, polite_ending if is_confirmed else sentence), quoted


def _true_to_row(sentence: str, quoted: str, excerpt: Passage, question: Question) -> bool:
    """True unless a row of a table is cited for what is said of no row by name."""
    rows = [line for line in excerpt.text.split("\n") if " | " in line]
    return (
        " | " not in quoted
        or "\n" in quoted
        or len(rows) < 2
        or premises.row_is_named(f"{question.normalised} {korean.normalise(sentence)}", quoted, rows)
    )


def _tells_side(sentence: str, line: str, question: Question) -> bool:
    """True unless a sentence leaves open which of two wordings it cites, and the question does, too."""
    side = "".join(label_of(line).rstrip(": ").split())
    return side in "".join(f"{question.text} {sentence}".split())


def _is_title(sentence: str, quoted: str) -> bool:
    """True where a sentence stands in quotation marks in its source: the title of something, or somebody's
    words.
    """
    return re.search("[「『“‘《〈]" + re.escape(sentence.rstrip(".")), quoted) is not None


def _says_none(sentence: str) -> bool:
    return re.fullmatch(r"\W*(없음|NONE)\W*", sentence) is not None


def says(text: str, words: str) -> bool:
    """True where a text says the words that answer: their numbers, and WORD_SHARE of their content.

    >>> says("예산은 3억 원입니다.", "3억 원"), says("예산이 늘었습니다.", "3억 원")
    (True, False)
    """
    if not words or "".join(words.split()) in "".join(text.split()):
        return True
    if missing_numbers(numbers(words), numbers(text)):
        return False
    answer_words = set(korean.content(korean.morphemes(words)))
    return len(answer_words & set(korean.morphemes(text))) >= WORD_SHARE * len(answer_words)
