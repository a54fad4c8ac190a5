"""Asks a library a dataset's questions, and keeps what came: ten chunks as a reader gets them, and how deep the rest lies.

Scored are at most 10 unjoined chunks of at most 256 tokens; a longer one is refused, so that size is no way to win.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import vigie
from corpus.embedding import TokenEmbedder
from corpus.errors import CorpusError
from evals.measures import EvaluationError
from rag.errors import RagError
from rag.models import Passage

TOP, DEEP = 10, 100
LONGEST_CHUNK = 256
CHARACTERS_A_TOKEN = 4
ENOUGH_TO_JUDGE = 50
"""Passages from which on a stage that gave all of them one score is taken to have failed."""

Told = Callable[[int, int], None]


class Question(Protocol):
    """What every dataset's questions have."""

    @property
    def id(self) -> str: ...

    @property
    def question(self) -> str: ...


Q = TypeVar("Q", bound=Question)


@dataclass(frozen=True, slots=True)
class Found:
    """``first``: what a reader gets; ``deep``: the same and what a deeper search adds, where anything was missed."""

    first: tuple[Passage, ...]
    deep: tuple[Passage, ...]
    timings_ms: Mapping[str, float]


@dataclass(slots=True)
class Asked:
    """The rows of a run as they come about."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    timings: dict[str, list[float]] = field(default_factory=dict)
    tokens: list[int] = field(default_factory=list)
    words: list[int] = field(default_factory=list)
    """Words of each scored passage: the length that does not depend on the embedder's own tokens."""
    failures: list[str] = field(default_factory=list)


def find(library: vigie.Library, text: str, complete: Callable[[Sequence[Passage]], bool], **filters: Any) -> Found:
    """The first ten; and, off the clock, what came below them, unless they are ``complete``."""
    result = library.search_result(text, top=TOP, **filters)
    first = result.passages
    if complete(first):
        return Found(first, first, result.timings_ms)
    known = {p.chunk_id for p in first}
    deeper = library.retriever.deeper(result, DEEP, library.now()).passages
    return Found(first, (*first, *(p for p in deeper if p.chunk_id not in known))[:DEEP], result.timings_ms)


def ask_all(
    library: vigie.Library,
    questions: Sequence[Q],
    ask: Callable[[vigie.Library, Q], tuple[dict[str, Any], Found]],
    told: Told | None = None,
) -> Asked:
    """Every question's row. One that fails is kept with its error, and makes the run one that cannot be scored.

    Raises EvaluationError for a passage that is too long to be scored.
    """
    asked, counted = Asked(), dict[str, int]()
    for number, question in enumerate(questions, start=1):
        try:
            row, found = ask(library, question)
        except (vigie.VigieError, CorpusError, RagError, OSError, ValueError, RuntimeError) as error:
            row = {"slices": [], "expected": [], "ranking": [], "measures": {}, "error": str(error) or repr(error)}
            asked.failures.append(f"question {question.id}: {row['error']}")
        else:
            asked.tokens += scored_tokens(library, found.first, counted)
            asked.words += [len(p.text.split()) for p in found.first]
            for stage, ms in found.timings_ms.items():
                asked.timings.setdefault(stage, []).append(ms)
        asked.rows.append({"id": question.id, "question": question.question, **row})
        if told:
            told(number, len(questions))
    asked.failures += silent_stages(library, asked.rows)
    if asked.rows and not asked.failures and not any(row["ranking"] for row in asked.rows):
        asked.failures.append("no passage came for any question: the library is empty, or a filter hides all of it")
    return asked


def scored_tokens(library: vigie.Library, passages: Sequence[Passage], counted: dict[str, int]) -> list[int]:
    """Tokens of each passage; ``counted`` keeps those of earlier ones, by text. Raises EvaluationError for more than ten,
    joined ones, and ones that are too long."""
    if len(passages) > TOP or len({p.chunk_id for p in passages}) < len(passages):
        raise EvaluationError(f"{len(passages)} passages came; at most {TOP}, each once, are scored")
    texts = [p.text for p in passages]
    fresh = list(dict.fromkeys(text for text in texts if text not in counted))
    if fresh and isinstance(library.embedder, TokenEmbedder):
        counted.update(zip(fresh, map(int, library.embedder.count_tokens(fresh)), strict=True))
    elif fresh:  # As the indexer counts for an embedder that does not show its tokens.
        counted.update((text, 1 + len(text) // CHARACTERS_A_TOKEN) for text in fresh)
    counts = [counted[text] for text in texts]
    if max(counts, default=0) > LONGEST_CHUNK:
        long = passages[counts.index(max(counts))]
        raise EvaluationError(
            f"passage {long.chunk_id} has {max(counts)} tokens; only chunks of at most {LONGEST_CHUNK} are scored"
        )
    return counts


def silent_stages(library: vigie.Library, rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Stages that should have scored and did not: every passage of the run got the same from them."""
    search = library.settings.search
    wanted = [stage for stage in ("dense", "lexical") if stage not in search.without]
    if search.rerank and "rerank" not in search.without and isinstance(library.embedder, TokenEmbedder):
        wanted.append("rerank")
    came = [entry["scores"] for row in rows for entry in row["ranking"]]
    if len(came) < ENOUGH_TO_JUDGE:
        return []
    return [
        f"the stage '{stage}' gave all {len(came)} passages the same score"
        for stage in wanted
        if len({scores.get(stage) for scores in came}) < 2
    ]


def ranking(passages: Sequence[Passage], right: Callable[[Passage], bool]) -> list[dict[str, Any]]:
    """The passages as run files keep them, best first."""
    return [
        {
            "chunk": p.chunk_id,
            "title": p.title,
            "score": round(p.score, 4),
            "scores": dict(p.scores),
            "right": right(p),
        }
        for p in passages
    ]


def came_at(passages: Sequence[Passage], right: Callable[[Passage], bool]) -> dict[str, Any]:
    """Rank and scores of the first right passage; nothing where none came."""
    for rank, passage in enumerate(passages, start=1):
        if right(passage):
            return {"rank": rank, "chunk": passage.chunk_id, "scores": dict(passage.scores)}
    return {}
