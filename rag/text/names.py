"""Is a name said in a text, under any of its names?

A body stands for itself, for what its document calls it ("이하 진흥원", 진흥원(NIA)), and for its
abbreviation: 기재부 is 기획재정부, 공정위 is 공정거래위원회. A person whom the document names in full may be
a surname with a title later on. What is not sure is another name: a name that is taken for another's would
let an answer about somebody else pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from rag.text import korean, lexicon
from rag.text.korean import Morpheme
from rag.text.vocabulary import alternatives, vocabulary

_NOUNS = ("NNG", "NNP", "XSN", "XPN", "SL", "XR")
_WORDS = vocabulary(__file__)
_BODIES = _WORDS["bodies"].words()
_STATUS = re.compile(r"(특별자치|특별|광역)(?=[시도]$)")  # 서울특별시 is called 서울시
_ALIAS_LEAD = re.compile("^(?:" + alternatives(_WORDS["other name"].words()) + r")\s*[:,]?\s*")
_CLOSING = re.compile(r"\s*(?:(?:이)?라고?\s*(?:한다|함|칭한다|부른다)|(?:으)?로\s*약칭(?:한다)?)[.]?$")
_PARENTHESIS = re.compile(r"([^()\n]{2,40})\(([^()\n]{2,60})\)")
_WINDOW_CHARS = 100  # characters on each side of a name in which its definition stands
_MAX_PLACES = 20  # places of a name that are looked at: it is defined where it is named first
_QUOTES = "\"'“”‘’「」『』〈〉《》"


def is_mentioned(name: str, text: str, document: str = "", question: str = "") -> bool:
    """True where a text says a name, or another that is certainly the same.

    Args:
        document: all that the text is a part of, which may say what else the name is called, and who has
            which title.
        question: where the name comes from, for the title that stands behind it.

    >>> is_mentioned("기획재정부", "기재부는 예산을 늘렸다.")
    True
    >>> is_mentioned("기획재정부", "교육부는 예산을 늘렸다.")
    False
    >>> document = "한국지능정보사회진흥원(NIA, 이하 '진흥원')은 2020년에 이름을 바꿨다."
    >>> is_mentioned("NIA", "진흥원은 예산을 늘렸다.", document)
    True
    """
    normal = korean.normalise(text)
    if contains(name, normal) or any(contains(other, normal) for other in aliases_of(name, document or text)):
        return True
    return _has_abbreviation(korean.normalise(name).replace(" ", ""), normal) or _by_title(
        name, normal, document, question
    )


def contains(name: str, text: str) -> bool:
    """True where a name stands in a normalised text as it is written, with or without blanks. A Latin name
    is a whole word, as H20 is none of H200.

    >>> contains("H20", "h200 한 장"), contains("gpt-4", "gpt 4는"), contains("네이버", "네이버클라우드")
    (False, True, True)
    """
    return pattern_of(name).search(text) is not None


def pattern_of(name: str) -> re.Pattern[str]:
    """Return what finds a name as it is written, in a text of any form."""
    name = korean.normalise(name)
    if re.search("[가-힣]", name):
        return re.compile(r"\s?".join(map(re.escape, name.replace(" ", ""))), re.IGNORECASE)
    runs = re.findall(r"[a-z]+|\d+|[^a-z\d\s-]", name) or [name]
    first = re.escape(runs[0][0])
    rest = r"[\s-]?".join(map(re.escape, runs))[len(first) :]
    return re.compile(
        rf"{first}(?<![a-z0-9]{first}){rest}(?![a-z0-9])", re.IGNORECASE
    )  # from a letter it can skip to the next


def aliases_of(name: str, document: str) -> set[str]:
    """Return what else a document says that a name is called: B of its "A(이하 B)" or "A(B)", A of its "B",
    and so on from there.

    Without 이하, A(B) are two names of one thing only where one is Latin and the other is not, or one
    shortens the other: 네이버(김필수) are two.
    """
    aliases: set[str] = set()
    todo = [name]
    while todo:
        for other in _parenthesis_names(todo.pop(), document):
            if other not in aliases and other != name:
                aliases.add(other)
                todo.append(other)
    return aliases


def _parenthesis_names(name: str, document: str) -> Iterator[str]:
    """Yield what the parentheses behind a name, or around it, say that it is called."""
    flat_name = korean.normalise(name).replace(" ", "")
    lines: dict[str, None] = {}
    for match in islice(pattern_of(name).finditer(document), 10 * _MAX_PLACES):
        around = document[max(0, match.start() - _WINDOW_CHARS) : match.end() + _WINDOW_CHARS]
        if "(" in around:
            lines[around] = None
        if len(lines) == _MAX_PLACES:
            break
    for before, inside in (parts for line in lines for parts in _PARENTHESIS.findall(line)):
        inner_names = _inside(inside)
        is_alias = {korean.normalise(other).replace(" ", ""): announced for other, announced in inner_names}
        heads = _before(before)
        if flat_name in is_alias:
            yield from (head for head in heads if is_alias[flat_name] or _same_kind(head, name))
        elif flat_name not in (head.replace(" ", "") for head in heads):
            continue
        yield from (
            korean.normalise(other)
            for other, announced in inner_names
            if announced or _same_kind(name, other)
        )


def _inside(text: str) -> list[tuple[str, bool]]:
    """Return the names in a parenthesis, and whether each is said to be one (이하).

    >>> _inside("NIA, 이하 “진흥원”이라 한다")
    [('NIA', False), ('진흥원', True)]
    """
    inner_names = []
    for part in re.split(r"[,;/]", text):
        rest = _ALIAS_LEAD.sub("", part.strip())
        bare = _CLOSING.sub("", rest).strip().strip(_QUOTES).strip()
        if re.fullmatch(r"[가-힣A-Za-z][가-힣A-Za-z·&. -]{1,30}", bare):
            inner_names.append((bare, rest != part.strip()))
    return inner_names


def _before(text: str) -> list[str]:
    """Return the noun phrase at the end of a text, which a parenthesis behind it is about, and its last
    words: the longest first.
    """
    normal = korean.normalise(text)
    nouns: list[Morpheme] = []
    for token in reversed(korean.tokens(normal)):
        if token.tag not in _NOUNS or (nouns and normal[token.end : nouns[-1].start].strip()):
            break
        nouns.append(token)
    starts = [t.start for t in reversed(nouns) if t.start == 0 or normal[t.start - 1] in " \"'"]
    names = [normal[start:].strip() for start in starts]
    has_name = bool(nouns) and any(t.tag in ("NNP", "SL") for t in nouns)
    return [name for name in names if has_name or len(name.replace(" ", "")) >= 4 or len(names) == 1]


def _same_kind(name: str, other: str) -> bool:
    """True where two names side by side, A(B), are one thing's: in two scripts, or one of them the other's
    abbreviation.
    """
    latin = [re.fullmatch(r"[A-Za-z][A-Za-z&. -]+", text) is not None for text in (name, other)]
    if latin[0] != latin[1]:
        return not any(word in lexicon.TITLES for word in f"{name} {other}".split())
    short, long = sorted((name.replace(" ", ""), other.replace(" ", "")), key=len)
    return not latin[0] and len(short) < len(long) and _in_order(short, long)


def _in_order(short: str, long: str) -> bool:
    """True where the syllables of one stand in the other in their order, the first at its beginning."""
    places = iter(long)
    return long[:1] == short[:1] and all(letter in places for letter in short)


def abbreviates(short: str, long: str) -> bool:
    """True where a name is the abbreviation of another: it takes, in order, the beginnings of its words, of
    the first and the last at least.

    More words are taken than left out, and none is left out of a university's name or of one that begins
    with a place or a company, which just that word may tell apart: 서울대 is not 서울시립대학교.
    Two syllables are taken only of two words of which the last names a body: 한은 is 한국은행, 중국 is not
    중소국가.

    >>> (abbreviates("중기부", "중소벤처기업부"), abbreviates("과기정통부", "과학기술정보통신부"),
    ... abbreviates("금융위", "금융분쟁조정위원회"))
    (True, True, False)
    """
    if short == long:
        return False
    if _STATUS.sub("", long) == short:
        return True
    if not (2 <= len(short) < len(long)) or not _in_order(short, long):
        return False
    words, strict = _words(long)
    if len(short) == 2:
        return (
            len(words) == 2
            and words[1] in _BODIES
            and len(words[1]) > 1
            and [word[0] for word in words] == list(short)
        )
    return any(
        not n_left_out or (not strict and n_taken > n_left_out)
        for n_taken, n_left_out in _ways_to_abbreviate(words, short)
    )


def is_body(noun: str) -> bool:
    """True for a noun that ends as the names of bodies do.

    >>> is_body("기재부"), is_body("금융위원회"), is_body("일부"), is_body("위원회")
    (True, True, False, False)
    """
    ends = [end for end in _BODIES if len(end) > 1 or end in "부처청"]
    return len(noun) > 2 and noun not in _BODIES and any(noun.endswith(end) for end in ends)


def _ways_to_abbreviate(words: Sequence[str], short: str) -> Iterator[tuple[int, int]]:
    """Yield in how many words, of the first and the last at least, an abbreviation's syllables can be taken,
    and how many are left out.
    """

    def take(i: int, rest: str, n_taken: int, n_left_out: int) -> Iterator[tuple[int, int]]:
        if i == len(words):
            if not rest:
                yield n_taken, n_left_out
            return
        for n in range(1, len(words[i]) + 1):
            if rest[:n] == words[i][:n] and len(rest) >= n:
                yield from take(i + 1, rest[n:], n_taken + 1, n_left_out)
        if 0 < i < len(words) - 1 and len(words[i]) > 1:
            yield from take(i + 1, rest, n_taken, n_left_out + 1)

    yield from take(0, short, 0, 0)


def _words(name: str) -> tuple[list[str], bool]:
    """Return the words of a compound name, and whether each of them may tell it apart: it begins with a
    proper noun, or is a university's.

    >>> _words("중소벤처기업부")
    (['중소', '벤처', '기업', '부'], False)
    """
    tokens = korean.tokens(name)
    words: list[str] = []
    for token in tokens:
        form = name[token.start : token.end]
        body = next(
            (
                end
                for end in _BODIES
                if form not in _BODIES and form.endswith(end) and len(form) - len(end) > 1
            ),
            "",
        )
        stem = form.removesuffix(body)
        if len(stem) > 4 or (
            body and len(stem) == 4
        ):  # one token of several words, each of two syllables, the last perhaps of three
            cuts = [*range(0, len(stem) - 1, 2), len(stem)]
            words += [stem[a:b] for a, b in pairwise(cuts)]
        else:
            words.append(stem)
        words += [body] if body else []
    first = tokens[0] if tokens else None
    return words, words[-1:] == ["대학교"] or bool(
        first and first.tag == "NNP" and first.end - first.start < len(name)
    )


def _has_abbreviation(name: str, text: str) -> bool:
    """True where a normalised text has a noun that is a name's abbreviation, or that the name abbreviates."""
    if not re.fullmatch("[가-힣]{2,}", name):
        return False
    candidates = [
        word
        for word in re.findall(r"(?<![가-힣])[가-힣]{2,}", text)
        if word[0] == name[0] and len(set(word) & set(name)) > 1
    ]
    for word in dict.fromkeys(candidates):
        noun = _noun(word)
        for form in {
            noun,
            noun.removesuffix("의"),
        }:  # which Kiwi may take together with a name that it does not know
            if abbreviates(form, name) or abbreviates(name, form):
                return True
    return False


def _noun(word: str) -> str:
    """Return the nouns that a written word begins with: 기재부 of 기재부는."""
    end = 0
    for token in korean.tokens(word):
        if (
            token.tag not in (*_NOUNS, "NNB") or token.start != end
        ):  # 위 of 개인정보위 is one that hangs on nothing
            break
        end = token.start + len(token.form)  # not token.end, where a name was taken together with its 의
    return word[:end]


def _by_title(name: str, text: str, document: str, question: str) -> bool:
    """True where 김필수 is 김 상무 in a normalised text, and 김필수 in its document, which has no other 김
    with that title.
    """
    if not re.fullmatch("[가-힣]{2,4}", name) or name not in document:
        return False
    titled = re.findall(re.escape(name) + r"\s?([가-힣]{1,5})", f"{document}\n{korean.normalise(question)}")
    for title in {
        max((t for t in lexicon.TITLES if follows.startswith(t)), key=len, default="") for follows in titled
    } - {""}:
        namesakes = {
            other
            for other in re.findall(rf"(?<![가-힣])({name[0]}[가-힣]{{1,2}})\s?{title}", document)
            if other != name
        }
        if not namesakes and re.search(rf"(?<![가-힣]){name[0]}\s?{title}", text):
            return True
    return False
