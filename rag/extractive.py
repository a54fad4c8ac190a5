"""An answer without a model: whole sentences of the articles, chosen, dated, ordered, each cited and checked. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from corpus.analysis import fold_accents
from rag.assertion import ATTRIBUTION, mode_of
from rag.citations import CitationList
from rag.claims import check_claim
from rag.evidence import Evidence, Similarity, plain_sentence, weigh
from rag.models import Citation, Passage, Question, Sentence
from rag.scope import speaks_of
from rag.tokens import tokens
from rag.wording import lead_in, long_date, quoted

Shape = Callable[[Question, Sequence[Evidence]], list[Evidence]]
MOST_SENTENCES = 5
_BECAUSE = re.compile(
    r"\b(?:parce qu|car|en raison|à cause|du fait|faute de|afin d|grâce à|pour (?:réduire|simplifier|financer|investir|gagner|alléger|économiser|améliorer|compenser|redéployer|rester|devenir|libérer|des raisons)|raisons?|motifs?|justifi\w+|expliqu\w+|invoqu\w+|attribu\w+|impute\w*|moteurs?|because|due to|owing to|as a result|reasons?|blam\w+|(?:citing|cites?|cited)(?! (?:people|sources?|a person|an? \w+ source))|explain\w*|attribut\w+|driven by|in order to|so that|to (?:become|reduce|free|fund|invest|focus|simplify|cut costs|make|save|offset|streamline|move))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Extract:
    """Sentences of an answer with their citations, and all evidence that was weighed, best first. ``beside``: nothing is of
    what the question names, so that the sentences are a guess: they are of another time, or of none of its names."""

    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    evidence: tuple[Evidence, ...]
    beside: bool = False


def extract(question: Question, passages: Sequence[Passage], similarity: Similarity | None = None) -> Extract:
    """The extractive answer to a question from its passages; without sentences when none can be shown."""
    evidence = weigh(question, passages, similarity)
    timely = [e for e in evidence if speaks_of(question, e.passage, e.text)]
    named = not question.companies or any(e.names > 0 for e in timely)
    chosen = _SHAPES.get(question.intent, _few)(question, timely or evidence)
    citations = CitationList()
    sentences = []
    for item in chosen:
        check = check_claim(item.text, [item.passage])
        if check.status != "supported":
            continue
        number = citations.cite(item.passage, item.start, item.end)
        dated_first = question.intent == "what-happened"
        sentences.append(
            Sentence(_worded(item, question.language, dated_first), (number,), check.status, check.reasons)
        )
    return Extract(tuple(sentences), citations.all(), tuple(evidence), beside=not (timely and named))


def _worded(evidence: Evidence, language: str, dated_first: bool) -> str:
    """The sentence in the answer: in its own language with its source, in the other one introduced as a quotation."""
    passage, text = evidence.passage, plain_sentence(evidence.text)
    if passage.language and passage.language != language:
        lead = lead_in(passage.source, passage.published, language, quoted_language=passage.language)
        colon = " : " if language == "fr" else ": "
        return f"{lead}{colon}{quoted(text, passage.language)}"
    origin = ", ".join(
        filter(None, (passage.source, long_date(passage.published, language) if passage.published else ""))
    )
    if dated_first and passage.published:
        mark = " : " if language == "fr" else ": "
        return f"{long_date(passage.published, language)} ({passage.source}){mark}{text}"
    if not origin:
        return text
    stop = text[-1] if text[-1] in ".!…" else ""
    return f"{text[: len(text) - len(stop)]} ({origin}){stop or '.'}"


def _few(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The best sentences that add something to each other."""
    if not evidence:
        return []
    best = evidence[0].weight
    wanted = [e for e in evidence if e.weight >= best - 1.6]
    if question.recency:
        wanted.sort(key=_newest_first)
    return _distinct(wanted, 3)


def _figures(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Sentences with a figure of the kind asked for, the newest figure first, each figure once."""
    with_figure = [e for e in evidence if e.quantities]
    if not with_figure:
        return _few(question, evidence)
    most = max(e.names for e in with_figure)
    best = max(e.weight for e in with_figure if e.names == most)
    wanted = [e for e in with_figure if e.names >= min(most, 0.6) and e.weight >= best - 2.2]
    names = [fold_accents(n.lower()) for n in question.companies]

    def worth(item: Evidence) -> float:
        # The article about the company itself says it best, and a sentence with one figure says it plainest.
        own = any(n in fold_accents(item.passage.title.lower()) for n in names)
        return item.weight + 1.0 * own - 0.3 * (len(item.quantities) - 1)

    chosen: list[Evidence] = []
    said: set[tuple[float, bool]] = set()
    for item in sorted(wanted, key=lambda e: (-worth(e), e.passage.chunk_id, e.start)):
        # A figure as reported beforehand and the same one as announced are two things to know.
        figures = {(max(q.values), _is_hearsay(item.text)) for q in item.quantities}
        if figures - said and len(_distinct([*chosen, item], MOST_SENTENCES)) == len(chosen) + 1:
            chosen.append(item)
            said |= figures
    return sorted(chosen[:MOST_SENTENCES], key=_newest_first)


def _is_hearsay(text: str) -> bool:
    """Whether a sentence reports what others say or expect rather than what was announced or done."""
    return bool(ATTRIBUTION.search(text)) or any(
        mode_of(token.fold) in ("rumoured", "possible", "conditional") for token in tokens(text)
    )


def _reasons(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Sentences that give a reason, the best first; without one, the best sentences."""
    if not evidence:
        return []
    best = max(e.weight for e in evidence)
    telling = [
        e for e in evidence if _BECAUSE.search(e.text) and e.weight >= best - 3.0 and e.names > 0 and e.coverage >= 0.3
    ]
    return _distinct(telling, 3) or _few(question, evidence)


def _timeline(_question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """One sentence an article, in the order of publication."""
    if not evidence:
        return []
    best = evidence[0].weight
    first_of: dict[str, Evidence] = {}
    for item in evidence:
        if item.weight >= best - 3.0:
            first_of.setdefault(item.passage.article_id or item.passage.title, item)
    chosen = _distinct(list(first_of.values()), MOST_SENTENCES)
    return sorted(chosen, key=_newest_first, reverse=True)


def _sides(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """For each name of the question its best sentences, one side after the other."""
    if len(question.companies) < 2:
        return _figures(question, evidence) if any(e.quantities for e in evidence[:5]) else _few(question, evidence)
    chosen: list[Evidence] = []
    for name in question.companies[:4]:
        folded = fold_accents(name.lower())
        mine = [e for e in evidence if folded in fold_accents(e.text.lower())]
        alone = [
            e
            for e in mine
            if not any(fold_accents(o.lower()) in fold_accents(e.text.lower()) for o in question.companies if o != name)
        ]
        with_figures = [e for e in (alone or mine) if e.quantities] or alone or mine
        chosen += sorted(_distinct(with_figures, 2), key=_newest_first)
    return _distinct(chosen, 2 * MOST_SENTENCES)


def _list(_question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Several sentences on one matter, from several articles where there are."""
    if not evidence:
        return []
    best = evidence[0].weight
    return _distinct([e for e in evidence if e.weight >= best - 2.0], MOST_SENTENCES)


_SHAPES: dict[str, Shape] = {
    "how-many": _figures,
    "what-happened": _timeline,
    "compare": _sides,
    "skills": _list,
    "why": _reasons,
}


def _newest_first(evidence: Evidence) -> tuple[float, float]:
    published: datetime | None = evidence.passage.published
    return (-(published.timestamp() if published else 0.0), -evidence.weight)


def _distinct(evidence: Sequence[Evidence], most: int) -> list[Evidence]:
    """The first ones that do not say again what one before them says, at most two of an article."""
    chosen: list[Evidence] = []
    for item in evidence:
        words = set(fold_accents(item.text.lower()).split())
        again = any(
            len(words & set(fold_accents(c.text.lower()).split())) > 0.7 * min(len(words), len(c.text.split()))
            for c in chosen
        )
        overlaps = any(
            c.passage.chunk_id == item.passage.chunk_id and c.start < item.end and item.start < c.end for c in chosen
        )
        same = sum(c.passage.article_id == item.passage.article_id for c in chosen if item.passage.article_id)
        if not again and not overlaps and same < 2:
            chosen.append(item)
        if len(chosen) == most:
            break
    return chosen
