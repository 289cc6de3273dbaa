"""The vectors in Chroma: derived from the catalogue, rebuilt from it whenever they disagree.

Only ids, document ids and vectors go in; no text does, so that a deleted document leaves no words behind in
Chroma's files. Vectors are always passed in, because Chroma's own embedder would download a model. Its
server is never started.

Of nested vectors it holds the leading components: it says which chunks may be near, and how near they are is
told by the whole vectors in the catalogue. With a third of them 100,000 chunks take 0.2 GB less and are
loaded in a third of the time.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import LibraryError
from rag.library.catalogue import Catalogue

log = logging.getLogger(__name__)
BATCH = 1000  # records a call; Chroma takes 5461, but as lists of Python's floats


class VectorStore:
    """Nearest chunks by cosine, in a folder of Chroma's.

    Args:
        folder: the data folder; Chroma's files are in its newest subfolder chroma-N.
        catalogue: what they are derived from. model: name of the vectors. leading: components to hold, 0 for
            all.
    """

    def __init__(self, folder: Path, catalogue: Catalogue, model: str, leading: int = 0) -> None:
        self.catalogue, self.model, self.leading = catalogue, model, leading
        self._name = f"{model}/{leading}" if leading else model  # of what it holds
        numbers = sorted(
            int(f.name.removeprefix("chroma-")) for f in folder.glob("chroma-*") if f.name[7:].isdigit()
        )
        self.folder = folder / f"chroma-{numbers[-1] if numbers else 1}"
        self._store: Any = None
        self._opening = threading.Lock()
        self._checked = False  # whether it was compared with the catalogue since it was opened

    def open(self) -> Any:
        """Return the LangChain store over the folder, made on first use (chromadb takes half a second to
        import).
        """
        with self._opening:
            if self._store is None:
                os.environ["ANONYMIZED_TELEMETRY"] = "False"
                import chromadb
                from langchain_chroma import Chroma

                self.folder.mkdir(parents=True, exist_ok=True)
                client = chromadb.PersistentClient(
                    str(self.folder), settings=chromadb.Settings(anonymized_telemetry=False)
                )
                self._store = Chroma(
                    "chunks", client=client, collection_configuration={"hnsw": {"space": "cosine"}}
                )
            return self._store

    def reconcile(self) -> None:
        """Make Chroma hold the vectors of the catalogue, no more and no fewer; a damaged folder is made anew.

        Raises:
            LibraryError: it cannot be written.
        """
        changed = self.catalogue.unmirrored()
        if self._checked and not changed:
            return
        try:
            mirrored = self.catalogue.mirrored()
            if mirrored not in (
                "",
                self._name,
            ):  # vectors of another model, or of another length, do not go together
                self.rebuild()
                return
            store = self.open()
            if mirrored:
                self._follow(store, changed)
            if not mirrored or (
                not self._checked and store._collection.count() != self.catalogue.count_vectors(self.model)
            ):
                self._fill(store)
            self._checked = True
        except Exception as error:  # Chroma's Rust core raises many kinds on damaged files; all mean the same
            log.warning(
                "the vectors in %s are rebuilt from the catalogue (%s)", self.folder, type(error).__name__
            )
            try:
                self.rebuild()
            except Exception as again:
                raise LibraryError("vectors-unwritten", folder=self.folder, reason=again) from again

    def rebuild(self) -> None:
        """Make the store anew from the catalogue, in another folder; the old one goes, with all that it kept
        of what was deleted.
        """
        self.close()
        old = self.folder
        # a new name: within one process Chroma cannot open a path again whose files it found damaged
        self.folder = old.with_name(f"chroma-{int(old.name[7:]) + 1}")
        self._fill(self.open())
        self._checked = True
        shutil.rmtree(old, ignore_errors=True)

    def nearest(
        self, vector: NDArray[np.float32], limit: int, document_ids: Sequence[int] | None = None
    ) -> list[str]:
        """Return the ids of the nearest chunks, best first.

        Args:
            vector: (dim,) float32, unit length. document_ids: search these only.
        """
        try:
            where = (
                {"document_id": {"$in": [int(i) for i in document_ids]}} if document_ids is not None else None
            )
            found = self.open()._collection.query(
                query_embeddings=[self._short(vector).tolist()], n_results=limit, where=where, include=[]
            )
        except Exception as error:  # of many kinds; on a full disk Chroma does not even open
            log.warning(
                "the vectors in %s cannot be searched (%s): the catalogue's are",
                self.folder,
                type(error).__name__,
            )
            return self._compared(vector, limit, document_ids)
        return [str(id) for id in found["ids"][0]]

    def _short(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what Chroma holds of a vector; it compares angles, whatever the length."""
        return vector[: self.leading or None]

    def _compared(
        self, vector: NDArray[np.float32], limit: int, document_ids: Sequence[int] | None
    ) -> list[str]:
        """Do the same without Chroma, one by one."""
        wanted = self.catalogue.embedded(self.model)
        vectors = self.catalogue.vectors(
            self.model,
            [id for id, document in wanted.items() if document_ids is None or document in document_ids],
        )
        return sorted(vectors, key=lambda id: (-float(vectors[id] @ vector), id))[:limit]

    def close(self) -> None:
        """Let go of Chroma's files."""
        if self._store is not None:
            from chromadb.api.client import SharedSystemClient

            self._store._client.close()  # else they would stay open
            SharedSystemClient.clear_system_cache()
        self._store, self._checked = None, False

    def _follow(self, store: Any, changed: Sequence[str]) -> None:
        """Bring some chunks in step."""
        for i in range(0, len(changed), BATCH):
            ids = changed[i : i + BATCH]
            wanted = self.catalogue.embedded(self.model, ids)
            if stale := [id for id in ids if id not in wanted]:
                store._collection.delete(ids=stale)
            self._put(store, wanted)
            self.catalogue.settle(self._name, ids)

    def _fill(self, store: Any) -> None:
        """Bring all chunks in step."""
        collection = store._collection
        wanted = self.catalogue.embedded(self.model)
        got = collection.get(include=["metadatas"])
        have = dict(zip(got["ids"], got["metadatas"], strict=True))
        stale = [
            id
            for id, meta in have.items()
            if id not in wanted or meta != {"document_id": wanted[id], "model": self.model}
        ]
        for i in range(0, len(stale), BATCH):
            collection.delete(ids=stale[i : i + BATCH])
        missing = sorted(set(wanted) - (set(have) - set(stale)))
        for i in range(0, len(missing), BATCH):
            self._put(store, {id: wanted[id] for id in missing[i : i + BATCH]})
        self.catalogue.settle(self._name)

    def _put(self, store: Any, documents: Mapping[str, int]) -> None:
        """Write the vectors of chunks, given with the ids of their documents."""
        if documents:
            ids = list(documents)
            vectors = self.catalogue.vectors(self.model, ids)
            metadatas = [{"document_id": documents[id], "model": self.model} for id in ids]
            store._collection.upsert(
                ids=ids, embeddings=[self._short(vectors[id]) for id in ids], metadatas=metadatas
            )
