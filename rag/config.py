"""One frozen Settings. Flags override RAG_* variables, which override the defaults explained here.

Importing this module reads nothing; `Settings.load` does.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from rag.errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent


_BOOLEANS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. Each field is also a variable: `chat_model` is RAG_CHAT_MODEL."""

    documents: Path = ROOT / "documents"  # the folder that sync mirrors
    data: Path = ROOT / "data"  # the index; may be deleted at any time, sync makes it anew
    models_dir: Path = ROOT / "models"  # weights; several checkouts may share one folder
    prompts: Path = ROOT / "prompts"
    chat_model: str = "chat"  # a name in models/catalog.toml, or the path of any GGUF file
    embedding_model: str = "embedding"  # a name in the catalogue, or a local sentence-transformers folder
    reranker: str = ""  # folder of a local sentence-transformers CrossEncoder; "" is off
    host: str = "127.0.0.1"
    port: int = 7860
    auth: str = ""  # a file of people with hashed passwords (rag/people.py), needed for any host but this computer
    host_names: str = ""  # names that the page is reached by behind a proxy, with commas between; others are refused
    queue_size: int = 16  # questions that may wait for the model; a further one is told to come back
    n_ctx: int = 4096  # tokens; prefix, passage, question and answer together need about 1,000
    n_threads: int = 0  # 0: what a short test finds fastest, kept in data/tuning.json (rag/tuning.py)
    n_gpu_layers: int = -2  # -2: as many as fit where llama.cpp was built for a GPU and answers faster with it; -1: all; 0: none
    chunk_chars: int = 300  # small chunks beat larger ones on Korean PDFs (see rag/splitting.py)
    overlap_chars: int = 50
    dense_weight: float = 0.4  # share of the embedding in a hit's score; the rest is BM25. Measured, see CHANGELOG
    top_k: int = 10  # hits that search returns
    read_k: int = 6  # passages that the model may read for one question
    state_cache_mb: int = 512  # memory for the key/value states of passages read before
    state_disk_mb: int = 2048  # the same on disk, in data/states; about 13 MB a passage; 0 keeps them in memory only
    keep_conversations: bool = True  # in data/conversations.sqlite3, which only the page reads
    read_ahead: bool = True  # let the model read passages in idle time and while a question is typed
    parse_timeout_s: int = 30  # a file that takes longer to read is given up
    parse_memory_mb: int = 1024
    max_file_mb: int = 200

    @classmethod
    def load(cls, **flags: Any) -> Settings:
        """Read RAG_* variables, then apply the flags that are not None.

        Raises:
            ConfigError: a value has the wrong type or is out of range, or a flag is unknown.
        """
        known = {f.name: f for f in fields(cls)}
        values: dict[str, Any] = {name: os.environ[f"RAG_{name.upper()}"] for name in known if f"RAG_{name.upper()}" in os.environ}
        for name, value in flags.items():
            if name not in known:
                raise ConfigError(f"There is no setting named {name!r}.")
            if value is not None:
                values[name] = value
        defaults = cls()
        for name, value in values.items():
            kind = type(getattr(defaults, name))
            try:
                values[name] = Path(value).expanduser().absolute() if issubclass(kind, Path) else _BOOLEANS[str(value).lower()] if kind is bool else kind(value)
            except (TypeError, ValueError, KeyError):
                raise ConfigError(f"RAG_{name.upper()} must be a {kind.__name__}, not {value!r}.") from None
        settings = cls(**values)
        if not 0 <= settings.dense_weight <= 1:
            raise ConfigError("RAG_DENSE_WEIGHT must be between 0 and 1.")
        if settings.n_ctx < 1024:
            raise ConfigError("RAG_N_CTX must be at least 1024 tokens.")
        if settings.chunk_chars < 50 or not 0 <= settings.overlap_chars < settings.chunk_chars:
            raise ConfigError("RAG_CHUNK_CHARS must be at least 50, and RAG_OVERLAP_CHARS smaller than it.")
        return settings
