"""The loopback Ollama through the clients that its users have: ``ollama`` and ``langchain-ollama``."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator

import ollama
import pytest
from langchain_ollama import ChatOllama, OllamaEmbeddings

from evals.loopback_ollama import DIMENSION, FakeOllama, ollama_server
from rag.errors import ModelUnavailable
from rag.llm import stream_chat
from rag.models import AnswerSettings

ASKED = [{"role": "user", "content": "Combien ?"}]


@pytest.fixture
def fake() -> Iterator[FakeOllama]:
    with ollama_server(FakeOllama(reply="Douze postes, dit-on, à Zubrov.")) as served:
        yield served


@pytest.fixture
def client(fake: FakeOllama) -> ollama.Client:
    return ollama.Client(host=fake.url, timeout=5)


def test_what_it_holds(client: ollama.Client, fake: FakeOllama) -> None:
    assert [m.model for m in client.list().models] == ["tiny:latest"]
    assert [m.model for m in client.ps().models] == ["tiny:latest"]
    with urllib.request.urlopen(f"{fake.url}/api/version") as answer:
        assert json.load(answer)["version"]
    shown = client.show("tiny")
    assert shown.details is not None
    assert shown.details.family == "tiny"
    assert shown.modelinfo is not None
    assert shown.modelinfo["tiny.embedding_length"] == DIMENSION
    assert shown.capabilities == ["completion"]


def test_an_embedding_for_each_text_the_same_every_time(client: ollama.Client, fake: FakeOllama) -> None:
    one, two = client.embed("tiny", ["un", "deux"]).embeddings
    assert len(one) == len(two) == DIMENSION
    assert one != two
    assert client.embed("tiny", "un").embeddings == [one]
    langchain = OllamaEmbeddings(model="tiny", base_url=fake.url)
    assert langchain.embed_documents(["un", "deux"]) == [list(one), list(two)]
    assert langchain.embed_query("deux") == list(two)


def test_a_chat_in_pieces_and_whole(client: ollama.Client, fake: FakeOllama) -> None:
    pieces = list(client.chat("tiny", ASKED, stream=True))
    assert len(pieces) > 2
    assert "".join(p.message.content or "" for p in pieces) == fake.reply
    assert [p.done for p in pieces] == [False] * (len(pieces) - 1) + [True]
    assert pieces[-1].done_reason == "stop"
    assert client.chat("tiny", ASKED).message.content == fake.reply
    chat = ChatOllama(model="tiny", base_url=fake.url)
    assert chat.invoke("Combien ?").content == fake.reply
    assert "".join(str(p.content) for p in chat.stream("Combien ?")) == fake.reply
    assert fake.asked[-1]["messages"][0]["content"] == "Combien ?"


def test_a_pull_tells_how_far_it_is(client: ollama.Client) -> None:
    steps = list(client.pull("small:1b", stream=True))
    assert steps[0].status == "pulling manifest"
    counted = [(s.completed, s.total) for s in steps if s.total]
    assert [done or 0 for done, _ in counted] == sorted(done or 0 for done, _ in counted)
    assert counted[-1] == (100, 100)
    assert steps[-1].status == "success"
    assert "small:1b" in [m.model for m in client.list().models]
    assert client.pull("other").status == "success"
    client.delete("other")
    assert "other:latest" not in [m.model for m in client.list().models]


@pytest.mark.parametrize("stream", [True, False])
def test_a_pull_of_what_does_not_exist(client: ollama.Client, stream: bool) -> None:
    with pytest.raises(ollama.ResponseError, match="file does not exist"):
        list(client.pull("absent", stream=stream))
    assert [m.model for m in client.list().models] == ["tiny:latest"]


def test_error_objects_with_their_status(client: ollama.Client, fake: FakeOllama) -> None:
    for call in (
        lambda: client.chat("absent", ASKED),
        lambda: list(client.chat("absent", ASKED, stream=True)),
        lambda: client.show("absent"),
        lambda: client.embed("absent", "x"),
        lambda: client.delete("absent"),
    ):
        with pytest.raises(ollama.ResponseError, match="not found") as caught:
            call()
        assert caught.value.status_code == 404
    fake.fault = "error"
    with pytest.raises(ollama.ResponseError, match="out of memory") as caught:
        client.chat("tiny", ASKED)
    assert caught.value.status_code == 500


@pytest.mark.parametrize(("body", "status"), [(b"{}", 400), (b"no json", 400), (b'{"model": "absent"}', 404)])
def test_requests_that_cannot_be(fake: FakeOllama, body: bytes, status: int) -> None:
    request = urllib.request.Request(f"{fake.url}/api/chat", data=body, method="POST")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    assert caught.value.code == status
    assert json.load(caught.value)["error"]


def _listen(client: ollama.Client, heard: list[str]) -> None:
    for piece in client.chat("tiny", ASKED, stream=True):
        heard += [piece.message.content or ""]


def test_an_error_in_mid_stream(client: ollama.Client, fake: FakeOllama) -> None:
    fake.fault = "midway"
    heard: list[str] = []
    with pytest.raises(ollama.ResponseError, match="while running the model"):
        _listen(client, heard)
    assert 0 < len("".join(heard)) < len(str(fake.reply))


def test_a_stream_that_breaks_off(client: ollama.Client, fake: FakeOllama) -> None:
    fake.fault = "cut"
    heard: list[str] = []
    with pytest.raises(Exception, match=r"(?i)peer closed|incomplete|disconnected"):
        _listen(client, heard)
    assert 0 < len("".join(heard)) < len(str(fake.reply))


@pytest.mark.parametrize(
    ("fault", "model", "timeout", "cause"),
    [
        ("cut", "ollama:tiny", 5.0, ""),
        ("midway", "ollama:tiny", 5.0, "while running the model"),
        ("error", "ollama:tiny", 5.0, "out of memory"),
        ("garbage", "ollama:tiny", 5.0, ""),
        ("slow", "ollama:tiny", 0.4, "slow"),
        ("", "ollama:absent", 5.0, "ollama pull absent"),
        ("", "ollama:", 5.0, ""),
        ("", "nobody:nothing", 5.0, ""),
    ],
)
def test_every_fault_is_one_error_with_a_cause(
    fake: FakeOllama, fault: str, model: str, timeout: float, cause: str
) -> None:
    fake.fault = fault
    settings = AnswerSettings(ollama_url=fake.url, timeout=timeout)
    with pytest.raises(ModelUnavailable) as caught:
        list(stream_chat(model, [("human", "Combien ?")], settings))
    assert cause in caught.value.cause
    assert 0 < len(caught.value.cause) <= 120
    assert "\n" not in caught.value.cause
    assert "status code" not in caught.value.cause


def test_the_model_is_asked_with_the_budget_of_the_settings(fake: FakeOllama) -> None:
    settings = AnswerSettings(ollama_url=fake.url, context_tokens=2048)
    assert "".join(stream_chat("ollama:tiny", [("human", "Combien ?")], settings)) == fake.reply
    assert fake.asked[0]["options"]["num_ctx"] == 2048
    assert fake.asked[0]["options"]["temperature"] == 0
