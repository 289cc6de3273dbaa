"""BM25 over arrays in memory: which chunks, and which pages, hold the words of a question.

The catalogue keeps for each document which morpheme stands how often in which of its chunks (`Postings`, one
blob of some 100 KB for 100 chunks). From these the index of the whole library is put together when it is
first searched (0.5 to 0.9 s for 100,000 chunks), and then follows each document that comes or goes. A search
adds up a few arrays for each word, where SQLite's FTS5 walks its lists row by row.

The formula is Okapi BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009) with the
constants and the least rarity of FTS5's bm25(), so that both rank alike; what stands above a chunk (title,
headings, caption) counts CONTEXT_WEIGHT of what stands in it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.caches import remember

CONTEXT_WEIGHT = 0.5  # of the title, headings and caption against the body: see docs/log.md
K1, B = 1.2, 0.75
LEAST_IDF = 1e-6  # of a word that most chunks hold
FOLDED = 8  # the later documents are folded into the first once they hold one chunk for so many of it
RECENT = 32  # words whose places are remembered from one question to the next
_PART = re.compile(r"[^\W_]+")
_MOST = np.iinfo(np.uint16).max

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Holding(NamedTuple):
    """Where a word stands: the chunks and the windows that hold it, ascending, with its weighted frequency in
    each.
    """

    chunks: Ints
    in_chunks: Floats
    windows: Ints
    in_windows: Floats


class Totals(NamedTuple):
    """How many chunks and windows there are, and the words of each kind."""

    chunks: int
    windows: int
    chunk_words: int
    window_words: int


@dataclass(frozen=True, slots=True)
class Postings:
    """The words of one document: for each of its chunks the window (page) it stands in and the lengths of
    both in words; for each word (its hash, ascending) in how many chunks it stands, and, word after word, in
    which, how often in their text and how often above it.
    """

    windows: NDArray[np.uint32]  # (n_chunks,)
    lengths: NDArray[np.uint32]  # (n_chunks,)
    window_lengths: NDArray[np.uint32]  # (n_chunks,)
    terms: NDArray[np.uint64]  # (n_terms,)
    counts: NDArray[np.uint32]  # (n_terms,)
    chunks: NDArray[np.uint32]  # (n_postings,)
    body: NDArray[np.uint16]  # (n_postings,)
    context: NDArray[np.uint16]  # (n_postings,)

    @classmethod
    def of(cls, chunks: Iterable[tuple[int, str, str]]) -> Postings:
        """Count words. `chunks`: (window, morphemes of the text, morphemes of what stands above), in order,
        morphemes joined by blanks.
        """
        rows = [(window, body.split(), above.split()) for window, body, above in chunks]
        windows = np.array([window for window, _, _ in rows], np.uint32)
        terms: list[int] = []
        sizes = []  # of the chunks' texts, then of what stands above them
        for words in (*(body for _, body, _ in rows), *(above for _, _, above in rows)):
            before = len(terms)
            for word in words:
                terms += _terms(word)
            sizes.append(len(terms) - before)
        body_lengths = np.array([_length(body) for _, body, _ in rows], np.uint32)
        lengths = body_lengths + np.array([_length(above) for _, _, above in rows], np.uint32)
        in_window: dict[int, int] = {}
        above_window: dict[int, set[str]] = {}
        for (window, _, above), length in zip(rows, body_lengths.tolist(), strict=True):
            in_window[window] = in_window.get(window, 0) + length
            above_window.setdefault(window, set()).update(above)
        window_lengths = {
            window: length + _length(above_window[window]) for window, length in in_window.items()
        }

        term = np.array(terms, np.uint64)
        chunk = np.repeat(np.tile(np.arange(len(rows), dtype=np.uint32), 2), sizes)
        in_body = np.arange(len(terms)) < sum(sizes[: len(rows)])
        order = np.lexsort((chunk, term))
        term, chunk, in_body = term[order], chunk[order], in_body[order]
        first = np.flatnonzero(
            np.append(True, (term[1:] != term[:-1]) | (chunk[1:] != chunk[:-1]))[: len(term)]
        )
        total = np.diff(np.append(first, len(term)))
        body_count = np.add.reduceat(in_body, first, dtype=np.int64) if len(first) else np.zeros(0, np.int64)
        unique, counts = np.unique(term[first], return_counts=True)
        return cls(
            windows=windows,
            lengths=lengths,
            window_lengths=np.array([window_lengths[window] for window in windows.tolist()], np.uint32),
            terms=unique,
            counts=counts.astype(np.uint32),
            chunks=chunk[first],
            body=np.minimum(body_count, _MOST).astype(np.uint16),
            context=np.minimum(total - body_count, _MOST).astype(np.uint16),
        )

    def to_bytes(self) -> bytes:
        """Return it as bytes, little-endian."""
        sizes = np.array([len(self.windows), len(self.terms), len(self.chunks)], "<u4")
        parts = (
            self.windows,
            self.lengths,
            self.window_lengths,
            self.terms,
            self.counts,
            self.chunks,
            self.body,
            self.context,
        )
        return sizes.tobytes() + b"".join(
            part.astype(part.dtype.newbyteorder("<")).tobytes() for part in parts
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Postings:
        """Return what `to_bytes` was given."""
        chunks, terms, postings = (int(n) for n in np.frombuffer(data, "<u4", 3))
        place, parts = 12, []
        for kind, size in (("<u4", chunks),) * 3 + (
            ("<u8", terms),
            ("<u4", terms),
            ("<u4", postings),
            ("<u2", postings),
            ("<u2", postings),
        ):
            part: NDArray[Any] = np.frombuffer(data, kind, size, place)
            parts.append(part)
            place += part.nbytes
        return cls(*parts)


@remember(1 << 17)
def _terms(word: str) -> tuple[int, ...]:
    """Return the hashes that a word is found by: its own, and those of its parts (gpt of gpt-4o)."""
    parts = _PART.findall(word)
    return tuple(_hash(form) for form in ([word, *parts] if parts != [word] else parts))


def _hash(word: str) -> int:
    return int.from_bytes(
        hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little"
    )


@remember(1 << 17)
def _parts(word: str) -> int:
    return len(_PART.findall(word))


def _length(words: Iterable[str]) -> int:
    return sum(map(_parts, words))


@dataclass(frozen=True, slots=True)
class Ranking:
    """What a search by words gives: (chunk id, score), best first, by the chunks themselves and by the
    windows they stand in; scores are positive.
    """

    chunks: list[tuple[str, float]]
    windows: list[tuple[str, float]]


class _Part:
    """The postings of many documents put together. Only `alive` ever changes, when a document is
    forgotten.
    """

    def __init__(self, documents: Sequence[tuple[int, Sequence[str], Postings]]) -> None:
        kept = [p for _, _, p in documents]
        sizes = [len(p.windows) for p in kept]
        first = np.cumsum([0, *sizes])
        self.ids = np.array([id for _, ids, _ in documents for id in ids], "S")
        self.places = {id.decode(): place for place, id in enumerate(self.ids.tolist())}
        self.documents = np.repeat(np.array([d for d, _, _ in documents], np.int64), sizes)
        windows = _concatenate([p.windows for p in kept], np.uint32)
        new = np.ones(len(windows), bool)
        new[1:] = (windows[1:] != windows[:-1]) | (self.documents[1:] != self.documents[:-1])
        self.windows: Ints = np.cumsum(new) - 1
        self.lengths = _concatenate([p.lengths for p in kept], np.uint32)
        self.window_lengths = _concatenate([p.window_lengths for p in kept], np.uint32)[new]
        self.alive = np.ones(len(windows), bool)
        terms = _concatenate([p.terms for p in kept], np.uint64)
        counts = _concatenate([p.counts for p in kept], np.uint32).astype(np.int64)
        order = np.argsort(terms, kind="stable")
        starts = (np.cumsum(counts) - counts)[order]
        counts = counts[order]
        ends = np.cumsum(counts)
        gather = np.arange(ends[-1] if len(ends) else 0)
        gather += np.repeat(starts - (ends - counts), counts)
        self.chunks = _concatenate(
            [p.chunks + np.uint32(start) for p, start in zip(kept, first, strict=False)], np.uint32
        )[gather]
        self.body = _concatenate([p.body for p in kept], np.uint16)[gather]
        self.context = _concatenate([p.context for p in kept], np.uint16)[gather]
        terms = terms[order]
        firsts = np.flatnonzero(np.append(True, terms[1:] != terms[:-1])[: len(terms)])
        self.terms = terms[firsts]
        self.ends = np.append((ends - counts)[firsts], len(gather))

    def forget(self, documents: Collection[int]) -> None:
        self.alive = self.alive & ~np.isin(self.documents, list(documents))

    def totals(self) -> Totals:
        windows = np.bincount(self.windows[self.alive], minlength=len(self.window_lengths)) > 0
        return Totals(
            chunks=int(self.alive.sum()),
            windows=int(windows.sum()),
            chunk_words=int(self.lengths[self.alive].sum()),
            window_words=int(self.window_lengths[windows].sum()),
        )

    def holding(self, term: int) -> Holding:
        """Return the chunks that hold a term with its weighted frequency in each, and the same of windows."""
        place = int(np.searchsorted(self.terms, np.uint64(term)))
        if place == len(self.terms) or int(self.terms[place]) != term:
            nothing = np.zeros(0, np.int64)
            return Holding(nothing, nothing.astype(float), nothing, nothing.astype(float))
        span = slice(int(self.ends[place]), int(self.ends[place + 1]))
        chunks, body, above = (
            self.chunks[span].astype(np.int64),
            self.body[span].astype(float),
            self.context[span].astype(float),
        )
        if not self.alive.all():
            there = self.alive[chunks]
            chunks, body, above = chunks[there], body[there], above[there]
        if not len(chunks):
            return Holding(chunks, body, chunks, body)
        windows = self.windows[chunks]
        first = np.flatnonzero(np.append(True, windows[1:] != windows[:-1]))
        # once above a window, however many of its chunks it stands above
        frequency = np.add.reduceat(body, first) + CONTEXT_WEIGHT * np.minimum(
            np.maximum.reduceat(above, first), 1
        )
        return Holding(chunks, body + CONTEXT_WEIGHT * above, windows[first], frequency)


class WordIndex:
    """The words of a library. Not safe for use by several threads at once: the catalogue guards it."""

    def __init__(self, documents: Sequence[tuple[int, Sequence[str], Postings]]) -> None:
        """Put it together. `documents`: (document id, ids of its chunks in order, its postings)."""
        self._first = _Part(documents)
        self._later: dict[int, tuple[int, Sequence[str], Postings]] = {}
        self._parts = [self._first]
        self._recent: dict[str, list[Holding]] = {}
        self._measure()

    def update(self, gone: Collection[int], come: Sequence[tuple[int, Sequence[str], Postings]]) -> bool:
        """Follow a change: documents that are gone (or another now), and those that have come.

        Returns: False once so many have come that the index had better be put together anew.
        """
        self._first.forget(gone)
        self._later = {id: row for id, row in self._later.items() if id not in gone} | {
            row[0]: row for row in come
        }
        self._parts = [self._first, *([_Part(list(self._later.values()))] if self._later else [])]
        self._measure()
        return FOLDED * sum(len(ids) for _, ids, _ in self._later.values()) <= max(len(self._first.ids), 1000)

    def _measure(self) -> None:
        self._recent.clear()
        totals = [part.totals() for part in self._parts]
        self._chunks, self._windows = sum(t.chunks for t in totals), sum(t.windows for t in totals)
        self._documents = sum(len(np.unique(part.documents[part.alive])) for part in self._parts)
        mean_chunk = sum(t.chunk_words for t in totals) / max(1, self._chunks)
        mean_window = sum(t.window_words for t in totals) / max(1, self._windows)
        self._norms = [
            (
                K1 * (1 - B + B * part.lengths / max(mean_chunk, 1)),
                K1 * (1 - B + B * part.window_lengths / max(mean_window, 1)),
            )
            for part in self._parts
        ]

    def _holding(self, word: str) -> list[Holding]:
        """Look a word up in each part; a question's words are looked up several times."""
        if word not in self._recent:
            if len(self._recent) >= RECENT:
                self._recent.clear()
            self._recent[word] = [part.holding(_hash(word)) for part in self._parts]
        return self._recent[word]

    def rank(self, words: Iterable[str], limit: int, documents: Collection[int] | None = None) -> Ranking:
        """Rank chunks by BM25 of their own words, and by that of the window that they stand in.

        Args:
            words: morphemes; any of them may match. documents: ids, to search these only.
        """
        scores = [(np.zeros(len(part.lengths)), np.zeros(len(part.window_lengths))) for part in self._parts]
        for word in dict.fromkeys(words):
            held = self._holding(word)
            of_documents = self._rare_in_documents(held)
            rare = max(of_documents, _idf(self._chunks, sum(len(h.chunks) for h in held)))
            rare_window = max(of_documents, _idf(self._windows, sum(len(h.windows) for h in held)))
            for (chunk_scores, window_scores), (norm, window_norm), holding in zip(
                scores, self._norms, held, strict=True
            ):
                chunk_scores[holding.chunks] += rare * _saturation(holding.in_chunks, norm[holding.chunks])
                window_scores[holding.windows] += rare_window * _saturation(
                    holding.in_windows, window_norm[holding.windows]
                )
        ids = list(documents) if documents is not None else None
        by_chunk: list[tuple[str, float]] = []
        by_window: list[tuple[str, float]] = []
        for part, (chunk_scores, window_scores) in zip(self._parts, scores, strict=True):
            allowed = part.alive if ids is None else part.alive & np.isin(part.documents, ids)
            by_chunk += _best(part, np.where(allowed, chunk_scores, 0.0), limit)
            by_window += _best(part, np.where(allowed, window_scores[part.windows], 0.0), limit)
        return Ranking(
            *(sorted(ranked, key=lambda row: (-row[1], row[0]))[:limit] for ranked in (by_chunk, by_window))
        )

    def rarity(self, words: Iterable[str]) -> dict[str, float]:
        """Return the inverse document frequency of each word, log(1 + (N - n + 0.5) / (n + 0.5)), higher is
        rarer: of chunks or of documents, whichever is greater. A title's words stand above all chunks of a
        document, which may be most of a small library.
        """
        rare = {}
        for word in set(words):
            holdings = self._holding(word)
            of_chunks = _idf(self._chunks, sum(len(h.chunks) for h in holdings))
            rare[word] = max(of_chunks, self._rare_in_documents(holdings))
        return rare

    def _rare_in_documents(self, holdings: Sequence[Holding]) -> float:
        """Return the inverse document frequency of a word among whole documents."""
        count = sum(
            len(np.unique(part.documents[holding.chunks]))
            for part, holding in zip(self._parts, holdings, strict=True)
        )
        return _idf(self._documents, count)

    def matching_words(self, words: Iterable[str], ids: Sequence[str]) -> dict[str, frozenset[str]]:
        """Return which of the words each chunk's window and what stands above it hold, by chunk id."""
        matches: dict[str, set[str]] = {id: set() for id in ids}
        for number, part in enumerate(self._parts):
            place_of = {
                id: place for id in ids if (place := part.places.get(id)) is not None and part.alive[place]
            }
            places = np.fromiter(place_of.values(), np.int64, len(place_of))
            for word in set(words):
                holding = self._holding(word)[number]
                for id, is_match in zip(place_of, _among(holding.windows, part.windows[places]), strict=True):
                    if is_match:
                        matches[id].add(word)
        return {id: frozenset(words) for id, words in matches.items()}


def _concatenate(arrays: Sequence[NDArray[Any]], kind: type) -> NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.zeros(0, kind)


def _saturation(frequency: Floats, norm: Floats) -> Floats:
    return frequency * (K1 + 1) / (frequency + norm)


def _idf(total: int, holding: int) -> float:
    return max(LEAST_IDF, float(np.log((total - holding + 0.5) / (holding + 0.5))))


def _among(ascending: Ints, values: Ints) -> list[bool]:
    """Tell of each value whether it is among those that ascend."""
    if not len(ascending):
        return [False] * len(values)
    places = np.minimum(np.searchsorted(ascending, values), len(ascending) - 1)
    return [bool(found) for found in ascending[places] == values]


def _best(part: _Part, scores: Floats, limit: int) -> list[tuple[str, float]]:
    """Return the ids of the best scores above 0; where the last are equal, all of them."""
    if np.count_nonzero(scores > 0) > limit:
        least = np.partition(scores, -limit)[-limit]
        places = np.flatnonzero(scores >= least)
    else:
        places = np.flatnonzero(scores > 0)
    return [(part.ids[place].decode(), float(scores[place])) for place in places]
