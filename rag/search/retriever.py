"""Find the chunks that may answer a question: words and meaning, blended.

Three rankings of the same chunks, each scaled to 0..1 for the question (min-max) and summed with measured
weights:

    window   BM25 over morphemes of the page (or, without pages, of about as much text) that the chunk stands
             in
    chunk    BM25 over morphemes of the chunk itself
    dense    cosine of the question's and the chunk's vectors

BM25 of the whole page says what the place is about, BM25 of the chunk where in it, the vector what is meant,
in whatever words: people ask in others than documents use. Weights were chosen on some documents and measured
on others (`benchmarks/fusion.py`). Without vectors (while they are still
being made) the two others decide alone. Near-duplicates are dropped, and no document fills the result while
others have something to say.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from rag.library.catalogue import Catalogue
from rag.library.vectors import VectorStore
from rag.model.embedding import LocalEmbeddings
from rag.question.wording import Wording
from rag.text import korean, names
from rag.types import Chunk, Hit

CANDIDATES = 100  # of each ranking
# weight of the share of the question's words that a page holds; this and the two others: benchmarks/fusion.py
COORDINATION = 0.25
MIN_COORDINATED = 60  # hits that are ranked so at least
WINDOW_SHARE = 0.15  # of the weight of words: the rest is the chunk's own
NEIGHBOUR_JACCARD = 0.85  # from this overlap of morphemes two chunks say the same
DOCUMENT_SHARE = 0.7  # of the result that one document may fill while others match


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What retrieval knows of a question: hits, best first, and the rarity of each of its content words."""

    hits: tuple[Hit, ...]
    words: tuple[str, ...]
    idf: Mapping[str, float]


class Searchable(Protocol):
    """What can be searched: `rag.ingest.library.Library` is."""

    catalogue: Catalogue
    vectors: VectorStore
    embeddings: LocalEmbeddings | None


class HybridRetriever(BaseRetriever):
    """LangChain retriever over the words of a catalogue and the vectors of its chunks.

    Attributes:
        catalogue, vectors: where to search. embeddings: of the questions, None to search by words alone.
        k: hits to return. dense_weight: share of the vectors, 0 to 1; window_share: of the words' share, what
            the
        page has; coordination: share of how much of the question a page holds.
        reranker: folder of a sentence-transformers CrossEncoder that reorders the best hits, or "".
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)
    catalogue: Catalogue
    vectors: VectorStore
    embeddings: LocalEmbeddings | None = None
    k: int = 10
    dense_weight: float = 0.85
    window_share: float = WINDOW_SHARE
    coordination: float = COORDINATION
    reranker: str = ""
    _cross_encoder: Any = None

    @classmethod
    def over(cls, library: Searchable, **options: Any) -> HybridRetriever:
        """Return the retriever of a library. `options`: k, dense_weight, reranker."""
        return cls(
            catalogue=library.catalogue, vectors=library.vectors, embeddings=library.embeddings, **options
        )

    def find(
        self, question: Wording, k: int | None = None, documents: Sequence[str] | None = None
    ) -> SearchResult:
        """Search.

        Args:
            k: hits to return. documents: paths to search in,
                None for all.
        Returns: hits with scores 0 to 1, best first.
        """
        k = k or self.k
        catalogue = self.catalogue
        ids = (
            None
            if documents is None
            else [id for path in documents if (id := catalogue.document_id(path)) is not None]
        )
        words = question.search_words
        ranking = catalogue.rank(words, CANDIDATES, ids)
        chunk_scores, window_scores = dict(ranking.chunks), dict(ranking.windows)
        dense_scores: dict[str, float] = {}
        # in a new library there is nothing yet to compare a vector with, and the first question need not
        # wait for the model that makes it
        embeddings = self.embeddings
        if embeddings is not None and self.dense_weight and catalogue.has_vectors(embeddings.name):
            vector = embeddings.query(question.text)
            candidate_ids = {*self.vectors.nearest(vector, CANDIDATES, ids), *chunk_scores, *window_scores}
            dense_scores = {
                id: float(v @ vector)
                for id, v in catalogue.vectors(embeddings.name, list(candidate_ids)).items()
            }
        blended = blend([(chunk_scores, 1 - self.window_share), (window_scores, self.window_share)])
        dense = blend([(dense_scores, 1.0)])
        weight = self.dense_weight if dense else 0.0
        scores = {  # what has no vector yet counts by its words alone
            id: weight * dense[id] + (1 - weight) * blended.get(id, 0.0) if id in dense else blended[id]
            for id in {*blended, *dense}
        }
        best_ids = sorted(scores, key=lambda id: (-scores[id], id))[: max(3 * k, MIN_COORDINATED)]
        chunks = catalogue.chunks(best_ids)
        hits = [
            Hit(chunks[id], scores[id], blended.get(id, 0.0), dense.get(id, 0.0), dense_scores.get(id))
            for id in best_ids
            if id in chunks
        ]
        idf = catalogue.rarity(words)
        matches = catalogue.matching_words(words, [hit.chunk.id for hit in hits])
        hits = coordinate(hits, words, idf, matches, self.coordination)
        hits = self._rerank(question.text, hits[: max(3 * k, 20)])
        return SearchResult(tuple(_cap(_distinct(hits, k * 2), k)), words, idf)

    def knows(self, name: str) -> bool:
        """Tell whether a name stands anywhere in the library, however its documents' words were cut.

        The index answers for a name of one morpheme that it holds; else the texts are read, some 0.1 s for a
        thousand pages.
        """
        catalogue = self.catalogue
        words = korean.morphemes(name)
        rarity = catalogue.rarity([*words, ""])  # as rare as what stands nowhere
        if len(words) == 1 and rarity[words[0]] < rarity[""]:
            return True
        pattern = names.pattern_of(name)
        return any(pattern.search(catalogue.text(row.id)) for row in catalogue.documents())

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        return [
            Document(
                page_content=h.chunk.text,
                metadata={
                    "path": h.chunk.path,
                    "page": h.chunk.page,
                    "page_label": h.chunk.page_label,
                    "heading": h.chunk.heading,
                    "start": h.chunk.start,
                    "score": h.score,
                },
            )
            for h in self.find(Wording(query)).hits
        ]

    def _rerank(self, question: str, hits: list[Hit]) -> list[Hit]:
        """Reorder with a local cross-encoder, where one is set; scores become its own, scaled to 0..1."""
        if not self.reranker or not hits:
            return hits
        if self._cross_encoder is None:
            from sentence_transformers import CrossEncoder

            self._cross_encoder = CrossEncoder(self.reranker, local_files_only=True)
        scores = self._cross_encoder.predict(
            [(question, f"{h.chunk.context}\n{h.chunk.text}") for h in hits], show_progress_bar=False
        )
        scaled = blend([({str(i): float(s) for i, s in enumerate(scores)}, 1.0)])
        ranked = [Hit(h.chunk, scaled[str(i)], h.bm25, h.dense, h.cosine) for i, h in enumerate(hits)]
        return sorted(ranked, key=lambda hit: -hit.score)


def blend(rankings: Sequence[tuple[Mapping[str, float], float]]) -> dict[str, float]:
    """Sum rankings, each scaled to 0..1 first, with their weights.

    >>> blend([({"a": 3.0, "b": 1.0}, 0.5), ({"b": 9.0}, 0.5)])
    {'a': 0.5, 'b': 0.5}
    """
    total: dict[str, float] = defaultdict(float)
    for scores, weight in rankings:
        if not scores:
            continue
        low, high = min(scores.values()), max(scores.values())
        for id, score in scores.items():
            total[id] += weight * ((score - low) / (high - low) if high > low else 1.0)
    return dict(total)


def coordinate(
    hits: Sequence[Hit],
    words: Sequence[str],
    idf: Mapping[str, float],
    matches: Mapping[str, frozenset[str]],
    weight: float,
) -> list[Hit]:
    """Rank pages that hold more of the question's words higher, however often they hold them (coordination,
    as in Lucene's classic similarity).

    A question that asks two things is answered by a page that holds both; BM25 is as glad of one of them
    twice.

    Args:
        matches: which of the words each hit's window holds, by chunk id. weight: of that share, 0 to 1.
    """
    total = sum(idf[word] for word in set(words)) or 1.0

    def share(hit: Hit) -> float:
        return sum(idf[word] for word in set(words) if word in matches[hit.chunk.id]) / total

    ranked = [replace(hit, score=(1 - weight) * hit.score + weight * share(hit)) for hit in hits]
    return sorted(ranked, key=lambda hit: (-hit.score, hit.chunk.id))


def focus_on(search_result: SearchResult, question: Wording) -> SearchResult:
    """Return what was found with the words of another question, a part of the first."""
    return replace(
        search_result, words=tuple(word for word in question.search_words if word in search_result.idf)
    )


def _distinct(hits: Sequence[Hit], limit: int) -> list[Hit]:
    """Keep the best of chunks that say the same: overlapping spans of one document, or almost the same
    words.
    """
    unique: list[tuple[Hit, set[str]]] = []
    for hit in hits:
        words = set(hit.chunk.text.split())
        if not any(
            _is_duplicate(hit.chunk, words, other.chunk, other_words) for other, other_words in unique
        ):
            unique.append((hit, words))
        if len(unique) == limit:
            break
    return [hit for hit, _ in unique]


def _is_duplicate(a: Chunk, words: set[str], b: Chunk, other_words: set[str]) -> bool:
    return (
        a.context == b.context and len(words & other_words) >= NEIGHBOUR_JACCARD * len(words | other_words)
        if a.document_id != b.document_id
        else words == other_words
    )


def _cap(hits: Sequence[Hit], k: int) -> list[Hit]:
    """Take k hits; what one document has beyond its share comes after the others."""
    share = max(1, round(k * DOCUMENT_SHARE))
    counts: Counter[int] = Counter()
    in_share: list[Hit] = []
    over_share: list[Hit] = []
    for hit in hits:
        counts[hit.chunk.document_id] += 1
        (in_share if counts[hit.chunk.document_id] <= share else over_share).append(hit)
    return sorted((in_share + over_share)[:k], key=lambda hit: (-hit.score, hit.chunk.id))
