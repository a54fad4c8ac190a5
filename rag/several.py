"""Several questions in one text: "How many jobs, and which skills?", "Combien chez Amazon ? Et chez Google ?". Each is answered, or
declined, by itself, so that one without an answer takes no other's away."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from rag.conversation import whole_question
from rag.models import Answer, AnswerEvent, Citation, Filters, Passage, Question, Sentence
from rag.question import read_question
from rag.wording import say

MOST_QUESTIONS = 4
SHORT = 4
"""Words of a question that says nothing without the one before: "et pourquoi ?", "et chez Google ?"."""
NEAREST = 5
_VERB = r"(?:do|does|did|is|are|was|were|will|can|could|has|have|should)"
_ASKS = (
    r"(?:(?:à|de|dans|pour|chez|avec|par|sur|en|depuis|vers) )?quel(?:le)?s?\b(?! que)|(?:de |pour )?combien\b|pourquoi\b|comment\b|depuis quand\b|"
    r"quand (?:a|ont|est|sont|sera|seront|aura)\b|où (?:a|ont|est|sont|en|se)\b|qu['’]est-ce|qu['’]en\b|"
    rf"how (?:many|much|long|often|{_VERB})\b|why\b|what (?:(?:\w+ )?{_VERB}|share|percentage|skills?|jobs?|kinds? of)\b|"
    rf"(?:when|where) {_VERB}\b|(?:in |at |for |to )?which (?!{_VERB}\b|would\b|had\b|in turn\b)\w+"
)
_JOINED = re.compile(rf"(?:\s*[,;]\s*|\s+)(?:et|and|puis|then|mais|but)(?: also| aussi)?\s+(?={_ASKS})", re.IGNORECASE)
_ADDS = re.compile(
    r"\W*(?:(?:et|and)\s+)?(?:avec|chez|par|pour|sur|dans|en|de|à|with|for|in|at|by|from|to|on)\s+(?:quel|which|what|whom)",
    re.IGNORECASE,
)
"""What asks for one more thing of the same deed: "et avec quel partenaire ?"."""
_OF_IT = re.compile(r"-(?:t-)?(?:il|elle|ils|elles)\b|\b(?:it|they|he|she)\b", re.IGNORECASE)
_LEAD = re.compile(r"^[^?]{0,40}?[,:]\s+")
"""What may stand before a question: "En 2025, combien ...?"."""
_QUESTION = re.compile(
    rf"^(?:\W*(?:et|and|mais|but)\s+)?(?:{_ASKS}|who\b|whom\b|which\b|what\b|when\b|where\b|how\b|{_VERB}\b|qui\b|que\b|qu['’]|quand\b|où\b|est-ce\b)|-t-(?:il|elle|ils|elles|on)\b",
    re.IGNORECASE,
)


def asked_questions(text: str) -> tuple[str, ...]:
    """The questions of a text in order, as they stand in it; the text alone where it asks but one."""
    text = " ".join(text.split())
    found: list[str] = []
    for piece in re.split(r"(?<=\?)\s+(?=\w|«|“|\")", text):
        if "?" not in piece and found:
            found[-1] = f"{found[-1]} {piece}"
            continue
        parts = _JOINED.split(piece)
        first = parts[0]
        bare = len(first.split()) < (SHORT + 1 if _ADDS.match(first) else SHORT - 1)
        if len(parts) > 1 and (bare or not _asks(first, marked="?" in piece)):
            parts = [piece]
        found += parts
    return tuple(found) if 1 < len(found) <= MOST_QUESTIONS else (text,)


def _of_one_thing(parts: Sequence[str], names: Sequence[str]) -> bool:
    """Whether the pieces ask the same of several names: they share most of their other words, or one has hardly any."""
    named = {word for name in names for word in name.lower().split()}
    words = [set(re.findall(r"\w+", part.lower())) - named for part in parts]
    common, every = set.intersection(*words), set.union(*words)
    return len(common) * 2 >= len(every) or min(len(part.split()) for part in parts) <= SHORT


def _asks(text: str, *, marked: bool) -> bool:
    """Whether a piece asks something; after an opening ("En 2025, ...") only where the text has its question mark."""
    return _QUESTION.search(text) is not None or (marked and _QUESTION.search(_LEAD.sub("", text)) is not None)


def whole_questions(
    text: str, now: datetime, sources: Sequence[str] = (), known: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """The questions of a text, each made whole by those before it: with the bodies that it leaves unsaid. One that compares
    stays one question."""
    parts = asked_questions(text)
    compared = read_question(text, now, sources, known=known)
    if len(parts) == 1 or (compared.parts and _of_one_thing(parts, compared.companies)):
        return (" ".join(text.split()),)
    whole = [parts[0] if parts[0].endswith("?") else f"{parts[0].rstrip(' ,;')} ?"]
    for part in parts[1:]:
        asked = part if part.rstrip().endswith("?") else f"{part.rstrip(' ,;')} ?"
        short = len(asked.rstrip(" ?").split()) <= SHORT
        if short and _ADDS.match(asked):
            return (" ".join(text.split()),)
        if short and not _OF_IT.search(asked):
            follow = asked if re.match(r"\W*(?:et|and)\b", asked, re.IGNORECASE) else f"et {asked}"
            made = whole_question(follow, whole, now, sources, known)
            if not read_question(made, now, sources, known=known).companies:
                made = f"{asked.rstrip(' ?')} : {whole[0]}"
            whole.append(made[0].upper() + made[1:])
            continue
        asked = asked[0].upper() + asked[1:]
        here = read_question(asked, now, sources, known=known)
        there = read_question(whole[0], now, sources, known=known)
        bodies = ", ".join(there.companies)
        whole.append(asked if here.companies or not bodies else f"{asked.rstrip(' ?')} ({bodies}) ?")
    return tuple(dict.fromkeys(whole))


def answered_severally(
    text: str, question: Question, parts: Sequence[str], ask: Callable[[str], Iterator[AnswerEvent]]
) -> Iterator[AnswerEvent]:
    """The answers to ``parts`` one after the other as one, citations numbered through; where none is answered, ``text`` is
    asked as it stands."""
    answers: list[Answer] = []
    passages: dict[str, Passage] = {}
    sentences: dict[str, Sentence] = {}
    citations: list[Citation] = []
    for part in parts:
        offset, before = len(citations), dict(sentences)
        for event in ask(part):
            if event.kind == "passages":
                passages.update({p.chunk_id: p for p in event.passages})
                yield replace(event, passages=tuple(passages.values()))
            elif event.kind == "sentence" and event.sentence is not None and event.sentence.text not in sentences:
                sentences[event.sentence.text] = _renumbered(event.sentence, offset)
                yield replace(event, sentence=sentences[event.sentence.text])
            elif event.kind == "withdrawn":
                sentences = dict(before)
                yield event
                for held in before.values():
                    yield AnswerEvent("sentence", text=held.text, sentence=held)
            elif event.answer is not None:
                answers.append(event.answer)
                if event.answer.answered:
                    citations += [replace(c, number=c.number + offset) for c in event.answer.citations]
    given = [a for a in answers if a.answered]
    if not given:
        yield from ask(text)
        return
    language = question.language
    notices = [say(language, "several", questions=" ; ".join(parts))]
    notices += [
        say(language, "part_declined", question=p) for p, a in zip(parts, answers, strict=True) if not a.answered
    ]
    notices += [notice for a in given for notice in a.notices]
    notices = list(dict.fromkeys(notices))
    for notice in notices:
        yield AnswerEvent("notice", text=notice)
    nearest = {p.article_id: p for a in answers if not a.answered for p in a.nearest}
    stages = dict.fromkeys(stage for a in answers for stage in a.timings_ms)
    yield AnswerEvent(
        "answer",
        answer=Answer(
            question=question,
            language=language,
            answered=True,
            engine=given[0].engine,
            sentences=tuple(sentences.values()),
            citations=tuple(citations),
            nearest=tuple(nearest.values())[:NEAREST],
            as_of=given[0].as_of,
            filters=given[0].filters if len({a.filters for a in given}) == 1 else Filters(as_of=given[0].filters.as_of),
            notices=tuple(notices),
            confidence=min(a.confidence for a in given),
            timings_ms={s: round(sum(a.timings_ms.get(s, 0.0) for a in answers), 3) for s in stages},
        ),
    )


def _renumbered(sentence: Sentence, offset: int) -> Sentence:
    return replace(sentence, citations=tuple(n + offset for n in sentence.citations))
