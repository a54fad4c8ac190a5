"""The values of the way from a question to a cited answer.

Frozen and slotted; ``--json`` prints the same names. NumPy arrays cross the border between the stages of retrieval,
these values cross the border to the interface.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from corpus.models import Block

SentenceStatus = Literal["supported", "partly", "unsupported", "unchecked"]


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions that every result must meet. Empty tuples and None mean no condition.

    ``since`` is inclusive, ``until`` exclusive, both aware UTC, against the date of publication (first seen where a
    publisher gave none). ``as_of`` shows what could be known then: articles published by then (first seen, where there
    is no date), in the last revision read by then.
    """

    since: datetime | None = None
    until: datetime | None = None
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What a question says: its text, and what was read from it. Made by ``rag.question.read_question``."""

    text: str
    language: str = ""
    conditions: Filters = field(default_factory=Filters)
    """What the question demands ("in Les Echos", "since Monday")."""
    wishes: Filters = field(default_factory=Filters)
    """What the question prefers; it lifts but never hides."""
    periods: tuple[tuple[datetime | None, datetime | None], ...] = ()
    """Each period that the question names without demanding it (since, until); ``wishes`` holds the span of them all."""
    companies: tuple[str, ...] = ()
    recency: bool = False
    """The question asks for the latest state."""
    parts: tuple[str, ...] = ()
    """Sub-questions when it asks about several articles, sources or companies."""
    clauses: tuple[Question, ...] = ()
    """What a long question says, clause by clause, each with the sources and periods that it names itself."""
    intent: Literal["how-many", "who-when-which", "what-happened", "compare", "skills", "why", "open"] = "open"


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of an article found for a question. Only the text is required, so that any caller can build one.

    ``start`` and ``end`` are character offsets into the article's text. ``scores`` holds one score per stage
    ("dense", "lexical", "fused", "rerank", ...), ``score`` the one that ordered the results.
    """

    text: str
    title: str = ""
    url: str = ""
    source: str = ""
    published: datetime | None = None
    language: str = ""
    article_id: str = ""
    chunk_id: str = ""
    start: int = 0
    end: int = 0
    score: float = 0.0
    scores: Mapping[str, float] = field(default_factory=dict)
    first_seen: datetime | None = None
    suspicious: bool = False
    """The passage addresses a reader's AI: data that tries to be an instruction."""
    blocks: tuple[Block, ...] = ()
    """Headings, quotations and items of lists, as far as they are known, with offsets into ``text``."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """``passages`` best first; ``timings_ms`` by stage; ``explanation`` per passage the rank at each stage."""

    question: Question
    filters: Filters
    passages: tuple[Passage, ...]
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    explanation: tuple[Mapping[str, object], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered reference. ``quote`` stands in the article's text at ``start:end`` (characters)."""

    number: int
    passage: Passage
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a claim is not (fully) supported. Spans are (start, end) in the sentence and in ``passage``'s text."""

    kind: str
    """"number", "date", "name", "polarity", "attribution", "place", "content"."""
    span: tuple[int, int]
    passage: int | None = None
    passage_span: tuple[int, int] | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class ClaimCheck:
    """The verdict on one sentence against its cited passages."""

    status: SentenceStatus
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer. ``citations`` are numbers of ``Answer.citations``."""

    text: str
    citations: tuple[int, ...] = ()
    status: SentenceStatus = "unchecked"
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A cited answer, or a refusal with the nearest articles.

    ``answered`` False: the library does not support an answer; ``sentences`` then says so without a citation and
    ``nearest`` offers what came closest. ``notices`` tell the reader what happened on the way ("the model did not
    answer: extractive answer", "2 sentences withheld").
    """

    question: Question
    language: str
    answered: bool
    engine: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...] = ()
    nearest: tuple[Passage, ...] = ()
    as_of: datetime | None = None
    filters: Filters = field(default_factory=Filters)
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    confidence: float = 0.0
    """In [0, 1]; declined below the calibrated threshold."""

    @property
    def text(self) -> str:
        """The sentences joined, each followed by its markers: ``... [1][2] ...``."""
        return " ".join(
            sentence.text + "".join(f" [{n}]" if i == 0 else f"[{n}]" for i, n in enumerate(sentence.citations))
            for sentence in self.sentences
        )


@dataclass(frozen=True, slots=True)
class AnswerEvent:
    """One step of a streamed answer: "passages" (found), "text" (a piece of a sentence), "sentence" (finished and
    checked), "withdrawn" (every sentence so far is taken back, what still holds follows again: the model failed midway),
    "notice", and last "answer" (the whole value)."""

    kind: Literal["passages", "text", "sentence", "withdrawn", "notice", "answer"]
    text: str = ""
    sentence: Sentence | None = None
    passages: tuple[Passage, ...] = ()
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class DigestSection:
    """``more``: stories of the topic that found no room."""

    title: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Digest:
    """What came in between ``since`` and ``until`` (by first seen), one section a topic, every line cited."""

    since: datetime
    until: datetime
    language: str
    sections: tuple[DigestSection, ...]
    withheld: int = 0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """Retrieval. Weights are set by ``evals``' tuning script, not by hand."""

    candidates: int = 100
    rerank: bool = True
    without: tuple[str, ...] = ()
    """Stages left out (ablation): "dense", "lexical", "rerank", "recency", "question", "clauses", "diversify"."""


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    """Generation."""

    engine: str = "auto"
    """"auto" (the model if it answers, else extractive), "extractive", or "provider:model"."""
    model: str = ""
    """"ollama:qwen3:4b" and the like; "" for none: then "auto" is extractive."""
    ollama_url: str = "http://127.0.0.1:11434"
    timeout: float = 60.0
    context_tokens: int = 4096
    withhold_unsupported: bool = False
    """False: an unsupported sentence is shown marked; True: left out, and counted in a notice."""
    decline_below: float | None = None
    """Overrides the calibrated threshold."""
