"""What a sentence says of a predicate, by the morphemes around that: is it denied, can or must it be, is it
past.

`i` is the place of the predicate among the morphemes of its sentence, as `rag.text.korean.tokens` gives them.
"""

from __future__ import annotations

from pathlib import Path

from rag.text import lexicon
from rag.text.korean import Morpheme
from rag.text.vocabulary import vocabulary

_PLANS = frozenset(vocabulary(Path(__file__).with_name("grammar"))["plans"].words())


def base(word: str) -> str:
    """Return the word that a verb or an adverb is made of: a verb in -어지다 (많아지), the passive of a
    known verb (깎이), an adverb in -히 or -로.

    >>> base("넓어지"), base("커지"), base("떨어지")
    ('넓', '크', '떨어지')
    >>> base("깎이"), base("신속히"), base("실제로")
    ('깎', '신속', '실제')
    """
    if word in lexicon.BECOMING:
        return lexicon.BECOMING[word]
    passive = word[-1] in "이히리기" and word not in lexicon.SYNONYMS and word[:-1] in lexicon.SYNONYMS
    return word[:-1] if passive or (len(word) > 2 and word[-1] in "히로") else word


def obligations(tokens: tuple[Morpheme, ...]) -> frozenset[str]:
    """Return what a sentence says must be done: the words before -어야 하다 or -어야 되다."""
    words = set()
    for i, token in enumerate(tokens):
        if (
            token.tag == "EC"
            and token.form.endswith("야")
            and i
            and any(t.form in ("하", "되") for t in tokens[i + 1 : i + 3])
        ):
            before = tokens[i - 2] if tokens[i - 1].tag in ("XSV", "XSA") and i > 1 else tokens[i - 1]
            words.add(base(before.form))
    return frozenset(words)


def is_affirmed(tokens: tuple[Morpheme, ...], i: int) -> bool:
    """Tell whether the predicate at `i` is said (True) or denied: 안/못 before it, 지 않/아니하/못하/말, 수
    없 or 어서는 안 되 after it.
    """
    denials = sum(
        1
        for t in tokens[max(0, i - 2) : i]
        if t.tag == "MAG" and t.form in ("안", "못") and t.end >= tokens[max(0, i - 1)].start - 1
    )
    j = i + 1
    while j < len(tokens):
        token = tokens[j]
        if (
            (token.tag in ("VX", "VA") and token.form in ("않", "아니하", "못하", "말"))
            or _forbids(tokens, j)
            or (token.tag == "MAG" and token.form == "못" and tokens[j - 1].form == "지")
            or (token.form == "없" and tokens[j - 1].form in ("수", "ᆯ"))
            or (token.form == "없" and j > 1 and tokens[j - 2].form == "수")
        ):
            denials += 1
        elif (
            token.tag in ("NNG", "NNP", "VV", "SN")
            or (token.tag == "VA" and token.form not in ("있", "없"))
            or (token.tag in ("ETM", "JKO") and (j + 1 >= len(tokens) or tokens[j + 1].form != "수"))
        ):
            break
        j += 1
    return denials % 2 == 0


def possibility(tokens: tuple[Morpheme, ...], i: int) -> bool | None:
    """Tell whether the noun at `i` is said to be possible (지급 가능, 지급이 가능하다) or not (지급 불가);
    None where neither is said.
    """
    after = [t.form for t in tokens[i + 1 : i + 3] if t.tag not in ("JKS", "JX")][:1]
    return {"가능": True, "불가": False}.get(after[0]) if after else None


def _forbids(tokens: tuple[Morpheme, ...], j: int) -> bool:
    """True at the 안 of 어서는 안 되다, 면 안 되다."""
    if j + 1 >= len(tokens) or tokens[j].form not in ("안", "아니") or tokens[j + 1].form != "되":
        return tokens[j].form == "안되" and tokens[j - 1].tag in ("EC", "JX")
    return tokens[j - 1].tag in ("EC", "JX")


def mode_of(tokens: tuple[Morpheme, ...], i: int) -> tuple[str, bool]:
    """Tell whether the predicate at `i` can, must or will be, and whether the sentence ends with it. 할 수
    없다 is a denial, no mode.
    """
    mode = ""
    j = i + 1
    while j < len(tokens):
        token, rest = tokens[j], [t.form for t in tokens[j + 1 : j + 4]] + [""]
        if token.tag == "ETM" and rest[0] == "수" and ("있" in rest or "없" in rest):
            mode = "can" if "있" in rest else mode
            j += 2 + rest.index("있" if "있" in rest else "없") - 1
        elif token.tag == "ETM" and rest[0] in _PLANS:
            mode, j = "plan", j + 1
        elif token.tag == "EC" and token.form.endswith("야") and rest[0] in ("하", "되"):
            mode, j = "must", j + 1
        elif token.tag == "EC" and token.form in ("어도", "아도") and rest[0] in ("되", "좋"):
            mode, j = "can", j + 1
        elif token.tag == "EC" and token.form in ("려고", "으려고", "고자") and rest[0] == "하":
            mode, j = "plan", j + 1
        elif token.form == "기" and rest[:2] == ["로", "하"]:
            mode, j = "plan", j + 2
        elif token.tag == "EC" and token.form in ("도록", "게") and rest[0] == "하":
            j += 1
        elif token.tag == "EF":
            return mode, True
        elif token.tag[:2] in ("NN", "VV", "VA", "JK") or (
            token.tag in ("EC", "ETM", "ETN") and rest[0] not in ("않", "아니하", "못하", "는", "안", "아니")
        ):
            return mode, False
        j += 1
    return mode, True


def tense_of(tokens: tuple[Morpheme, ...], i: int) -> str:
    """Tell whether the predicate at `i` is said to have happened (었 before its ending), or ends the
    sentence without that.
    """
    for token in tokens[i + 1 :]:
        if token.tag == "EP" and token.form in ("었", "았", "였"):
            return "past"
        if token.tag == "EF":
            return "plain"
        if token.tag in ("EC", "ETM", "ETN", "SF") or token.tag.startswith("J"):
            return ""
    return ""


def last_predicate(tokens: tuple[Morpheme, ...], i: int) -> str:
    """The verb that 수 있다/없다 at `i` speaks of."""
    for j in range(i - 1, -1, -1):
        if tokens[j].tag in ("VV", "VA"):
            return tokens[j].form
        if tokens[j].tag in ("XSV", "XSA") and j:
            return tokens[j - 1].form
    return ""
