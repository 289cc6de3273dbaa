"""One frozen Settings. Flags override RAG_* variables, which override the defaults explained here.

Importing this module reads nothing; `Settings.load` does.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from rag.errors import ConfigError
from rag.messages import Message
from rag.root import ROOT

MOST_MB = 1 << 20  # a terabyte; more is a slip of the finger


def _named(value: Any) -> Any:
    """Refuse an empty path, which would be the folder that the program was started in."""
    if value == "":
        raise ValueError
    return value


def _written(value: Any) -> Any:
    """A path may be given where a name or a path as text is meant."""
    return str(value) if isinstance(value, Path) else value


def _absolute(path: Path) -> Path:
    try:
        return path.expanduser().absolute()
    except RuntimeError as error:  # ~nobody
        raise ValueError from error


Folder = Annotated[Path, BeforeValidator(_named), AfterValidator(_absolute)]
Text = Annotated[str, BeforeValidator(_written)]


class Settings(BaseSettings):
    """Everything that can be set; make it with `load`. Each field is also a variable: `chat_model` is
    RAG_CHAT_MODEL.
    """

    model_config = SettingsConfigDict(env_prefix="RAG_", frozen=True, extra="forbid")

    documents: Folder = Field(ROOT / "documents", description="the folder that sync mirrors")
    data: Folder = Field(
        ROOT / "data", description="the index; may be deleted at any time, sync makes it anew"
    )
    models_dir: Folder = Field(ROOT / "models", description="weights; several checkouts may share one folder")
    prompts: Folder = Field(ROOT / "prompts", description="the instructions that the model is given")
    chat_model: Text = Field(
        "chat", min_length=1, description="a name in models/catalog.toml, or the path of any GGUF file"
    )
    chat_url: Text = Field(
        "",
        description=(
            'an OpenAI-compatible server that writes the answers instead, up to and with /v1; "" is none'
        ),
    )
    chat_name: Text = Field("", description='the model on that server; "" takes its first')
    chat_key: SecretStr = Field(SecretStr(""), description="the key that the server asks for, if it does")
    embedding_model: Text = Field(
        "embedding",
        min_length=1,
        description="a name in the catalogue, or a local sentence-transformers folder",
    )
    reranker: Text = Field("", description='folder of a local sentence-transformers CrossEncoder; "" is off')
    host: Text = Field("127.0.0.1", min_length=1, description="address that the page listens on")
    port: int = Field(7860, ge=1, le=65535, description="port that the page listens on")
    auth: Text = Field(
        "",
        description=(
            "a file of people with hashed passwords (rag/people.py), needed for any host but this computer"
        ),
    )
    host_names: Text = Field(
        "",
        description=(
            "names that the page is reached by behind a proxy, with commas between; others are refused"
        ),
    )
    queue_size: int = Field(
        16,
        ge=1,
        le=10_000,
        description="questions that may wait for the model; a further one is told to come back",
    )
    n_ctx: int = Field(
        4096,
        ge=1024,
        le=1 << 20,
        description="tokens; prefix, passage, question and answer together need about 1,000",
    )
    n_threads: int = Field(
        0, ge=0, le=512, description="0: what a short test finds fastest, kept in data/tuning.json"
    )  # llama.cpp's most
    n_gpu_layers: int = Field(
        -2,
        ge=-2,
        le=10_000,
        description=(
            "-2: as many as fit where llama.cpp was built for a GPU and answers faster with it; -1: "
            "all; 0: none"
        ),
    )
    chunk_chars: int = Field(
        300,
        ge=50,
        le=10_000,
        description="small chunks beat larger ones on Korean PDFs (see rag/ingest/splitting.py)",
    )
    overlap_chars: int = Field(
        50, ge=0, le=10_000, description="what a chunk repeats of the one before, less than chunk_chars"
    )
    dense_weight: float = Field(
        0.85,
        ge=0,
        le=1,
        description=(
            "share of the embedding in a hit's score; the rest is BM25. Measured by benchmarks/fusion.py"
        ),
    )
    top_k: int = Field(
        10, ge=1, le=100, description="hits that search returns"
    )  # of each ranking no more are looked at (rag/search/retriever.py)
    read_k: int = Field(6, ge=1, le=100, description="passages that the model may read for one question")
    keep_conversations: bool = Field(
        True, description="in data/conversations.sqlite3, which only the page reads"
    )
    read_ahead: bool = Field(
        True, description="let the model read passages in idle time and while a question is typed"
    )
    read_scans: bool = Field(
        True,
        description="recognise the letters of pages that are pictures, with Tesseract where it is installed",
    )
    parse_timeout_s: int = Field(
        30, ge=1, le=86_400, description="a file that takes longer to read is given up"
    )
    parse_memory_mb: int = Field(
        1024, ge=1, le=MOST_MB, description="a file that needs more to be read is given up"
    )
    max_file_mb: int = Field(200, ge=1, le=MOST_MB, description="a larger file is not read")

    @property
    def local_models(self) -> tuple[str, ...]:
        """The models whose weights must be here."""
        return (self.embedding_model,) if self.chat_url else (self.chat_model, self.embedding_model)

    @classmethod
    def load(cls, **flags: Any) -> Settings:
        """Read RAG_* variables, then apply the flags that are not None.

        Raises:
            ConfigError: a value has the wrong type or is out of range, or a flag is unknown.
        """
        given = {name: value for name, value in flags.items() if value is not None}
        for name in given:
            if name not in cls.model_fields:
                raise ConfigError("setting-unknown", name=name)
        try:
            return cls(**given)
        except ValidationError as error:
            wrong = error.errors()[0]
            name = str(wrong["loc"][0])
            allowed = allowed_values(cls.model_fields[name])
            raise ConfigError(
                "setting-value", name=name, variable=name.upper(), value=repr(wrong["input"]), allowed=allowed
            ) from None

    def changed(self, **values: Any) -> Settings:
        """Return these settings with other values. Raises ConfigError, see `load`."""
        return self.load(**{**self.model_dump(), **values})

    @field_validator("chat_url")
    @classmethod
    def _is_url(cls, value: str) -> str:
        if value and not re.match(r"https?://[^/\s]+", value):
            raise ConfigError("setting-chat-url", value=value)
        return value

    @model_validator(mode="after")
    def _fit_together(self) -> Settings:
        if self.overlap_chars >= self.chunk_chars:
            raise ConfigError("setting-overlap", overlap=self.overlap_chars, chunk=self.chunk_chars)
        return self


def allowed_values(field: FieldInfo) -> Message:
    """Say in words what a field of the settings may be.

    >>> allowed_values(Settings.model_fields["port"]).in_language("en")
    'a whole number from 1 to 65535'
    >>> allowed_values(Settings.model_fields["read_ahead"]).in_language("ko")
    '1(켬)이나 0(끔)'
    """
    low, high = (
        next((getattr(bound, name) for bound in field.metadata if hasattr(bound, name)), None)
        for name in ("ge", "le")
    )
    if field.annotation is bool:
        return Message("allowed-switch")
    if field.annotation is int:
        return Message("allowed-whole-number", low=low, high=high)
    if field.annotation is float:
        return Message("allowed-number", low=low, high=high)
    return Message("allowed-folder") if field.annotation is Path else Message("allowed-text")


def table() -> str:
    """Return all settings as a Markdown table: variable, default, range and reason; docs/settings.md holds
    it.
    """
    lines = ["| variable | default | may be | what for |", "|---|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, Path):
            default = default.relative_to(ROOT).as_posix() + "/"
        elif isinstance(default, bool):
            default = int(default)
        elif isinstance(default, SecretStr):
            default = default.get_secret_value()
        may_be = "a text" if default == "" else allowed_values(field)
        lines.append(
            f"| `RAG_{name.upper()}` | {f'`{default}`' if default != '' else ''} | {may_be} | "
            f"{field.description} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())  # noqa: T201


__all__ = ["ROOT", "Settings", "allowed_values", "table"]
