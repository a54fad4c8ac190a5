"""Vigie's search as a LangChain retriever: passages become LangChain documents, and nothing else of LangChain comes in.

from rag.langchain import VigieRetriever
retriever = VigieRetriever(search=library.search, k=5, filters={"languages": ["fr"]})
documents = retriever.invoke("suppressions de postes chez Amazon", k=3)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import Field, field_validator

from rag.models import Filters, Passage

FILTERS = tuple(field.name for field in fields(Filters))


class VigieRetriever(BaseRetriever):
    """The passages of an open library, best first, as LangChain documents.

    ``search`` is the library's own (``vigie.Library.search``): question, ``top`` and filters -> passages. ``k`` is how many
    come at most, ``filters`` holds for every question. Both may be given to ``invoke`` too, which then wins; filters have
    the names of ``rag.models.Filters``. Raises ValueError for another name and for a ``k`` below 1.

    A document's ``page_content`` is the passage's text and its ``id`` the chunk's; ``metadata`` has the passage's other
    fields in values that JSON knows, ``published`` in ISO 8601, "" where no date is known.
    """

    search: Callable[..., Sequence[Passage]] = Field(exclude=True, repr=False)
    k: int = Field(default=10, ge=1)
    filters: Mapping[str, Any] = Field(default_factory=dict)

    @field_validator("filters")
    @classmethod
    def _known(cls, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        refuse_unknown(filters)
        return filters

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, k: int | None = None, **filters: Any
    ) -> list[Document]:
        del run_manager  # One step, with nothing in between to tell of.
        refuse_unknown(filters)
        top = self.k if k is None else k
        if top < 1:
            raise ValueError(f"k is {top}; ask for at least one passage")
        return [document_of(passage) for passage in self.search(query, top=top, **{**self.filters, **filters})]


def refuse_unknown(filters: Mapping[str, Any]) -> None:
    """Raises ValueError for a filter that Vigie does not have: left out in silence, it would let everything through."""
    for name in filters:
        if name not in FILTERS:
            raise ValueError(f"unknown filter '{name}': use {', '.join(FILTERS)}")


def document_of(passage: Passage) -> Document:
    """A passage as LangChain's value."""
    return Document(
        id=passage.chunk_id or None,
        page_content=passage.text,
        metadata={
            "title": passage.title,
            "url": passage.url,
            "source": passage.source,
            "published": passage.published.isoformat() if passage.published else "",
            "language": passage.language,
            "article_id": passage.article_id,
            "chunk_id": passage.chunk_id,
            "start": passage.start,
            "end": passage.end,
            "score": passage.score,
            "scores": dict(passage.scores),
            "suspicious": passage.suspicious,
        },
    )
