"""The LangChain retriever over a small real library, by LangChain's own standard tests and ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableLambda
from langchain_tests.integration_tests import RetrieversIntegrationTests

import vigie
from corpus.models import Article
from rag.langchain import VigieRetriever, document_of
from rag.models import Passage

NOW = datetime(2026, 7, 1, tzinfo=UTC)
QUESTION = "suppression de postes"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[vigie.Library]:
    folder: Path = tmp_path_factory.mktemp("langchain") / "library"
    with vigie.Library(folder, vigie.Settings(), clock=lambda: NOW) as made:
        made.add(
            Article(
                f"https://a.example/{i}",
                f"Note {i}",
                f"Entreprise {i} supprime {100 + i} postes dans sa division numéro {i}, a-t-elle annoncé.",
                ("Les Échos", "Post")[i % 2],
                NOW - timedelta(days=i),
                ("fr", "en")[i % 2],
            )
            for i in range(8)
        )
        yield made


class TestStandard(RetrieversIntegrationTests):
    """LangChain's standard tests."""

    library: vigie.Library

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _open(cls, library: vigie.Library) -> None:
        cls.library = library

    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return VigieRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"search": self.library.search}

    @property
    def retriever_query_example(self) -> str:
        return QUESTION


def test_documents_are_the_passages_in_their_order(library: vigie.Library) -> None:
    passages = library.search(QUESTION, top=4)
    documents = VigieRetriever(search=library.search, k=4).invoke(QUESTION)
    assert [d.id for d in documents] == [p.chunk_id for p in passages]
    assert [d.page_content for d in documents] == [p.text for p in passages]
    first = documents[0].metadata
    assert datetime.fromisoformat(first["published"]) == passages[0].published
    assert first["url"] == passages[0].url
    assert first["scores"] == passages[0].scores
    assert json.loads(json.dumps(first)) == first


def test_filters_of_the_retriever_and_of_a_call(library: vigie.Library) -> None:
    retriever = VigieRetriever(search=library.search, filters={"languages": ["fr"]})
    assert {d.metadata["language"] for d in retriever.invoke(QUESTION)} == {"fr"}
    assert {d.metadata["language"] for d in retriever.invoke(QUESTION, languages=["en"])} == {"en"}
    recent = retriever.invoke(QUESTION, since=NOW - timedelta(days=3))
    assert {d.metadata["title"] for d in recent} == {"Note 0", "Note 2"}


def test_what_it_does_not_know_is_refused(library: vigie.Library) -> None:
    with pytest.raises(ValueError, match="unknown filter 'language': use since"):
        VigieRetriever(search=library.search, filters={"language": "fr"})
    retriever = VigieRetriever(search=library.search)
    with pytest.raises(ValueError, match="unknown filter 'lang'"):
        retriever.invoke(QUESTION, lang="fr")
    with pytest.raises(ValueError, match="at least one passage"):
        retriever.invoke(QUESTION, k=0)
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        VigieRetriever(search=library.search, k=0)


def test_it_stands_in_a_chain(library: vigie.Library) -> None:
    chain = VigieRetriever(search=library.search, k=2) | RunnableLambda(
        lambda found: [d.metadata["url"] for d in found]
    )
    assert chain.invoke(QUESTION) == [p.url for p in library.search(QUESTION, top=2)]
    assert chain.batch([QUESTION, QUESTION])[1] == chain.invoke(QUESTION)


def test_a_passage_of_text_alone() -> None:
    document = document_of(Passage("text"))
    assert (document.page_content, document.id, document.metadata["published"]) == ("text", None, "")
