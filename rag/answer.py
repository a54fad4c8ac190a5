"""A question's way to a cited answer: read, retrieve, decide, write, check; streamed as it comes about."""

from __future__ import annotations

import re
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from corpus.enrich.injection import no_statements, states_nothing
from corpus.sentences import sentences
from corpus.store import Store
from rag.citations import CitationList, read_markers
from rag.claims import check_claim
from rag.conversation import whole_question
from rag.decline import calibration, confidence, missing_publications
from rag.errors import ModelUnavailable, UnknownEngine
from rag.evidence import Evidence
from rag.extractive import Extract, extract
from rag.known_names import KnownNames
from rag.llm import stream_chat
from rag.models import (
    Answer,
    AnswerEvent,
    AnswerSettings,
    Citation,
    ClaimCheck,
    Filters,
    Passage,
    Question,
    Reason,
    SearchResult,
    Sentence,
)
from rag.prompts import REFUSALS, messages
from rag.question import LONGEST_QUESTION, read_question, told_language
from rag.retrieve import Retriever
from rag.several import answered_severally, whole_questions
from rag.wording import cause_in, narrowed_by, say

PASSAGES = 20
NEAREST = 5
_MARKS = re.compile(r"(?:\s*\*{0,2}(?:\[[^\]]*\](?:\([^)\s]*\))?|【[^】]*】|\(\d{1,2}\))\*{0,2}(?:\s*[.,;])?)+")
_MARK_TO_COME = re.compile(r"\s*\*{0,2}(?:\[[^\]]{0,40}|【[^】]{0,40}|\(\d{0,2})?\s*")
_ENDS = re.compile(r"[.!?…][»”\"')\]]*(?:\s*(?:\[[^\]]*\]|【[^】]*】|\(\d+\)))*\s")


class Answerer:
    """Answers from one library. Safe to share between threads."""

    def __init__(self, retriever: Retriever, store: Store, settings: AnswerSettings, known: KnownNames) -> None:
        self._retriever = retriever
        self._store = store
        self._settings = settings
        self._known = known

    def stream(
        self,
        text: str,
        filters: Filters,
        *,
        engine: str = "auto",
        history: Sequence[str] = (),
        best_guess: bool = False,
        now: datetime,
    ) -> Iterator[AnswerEvent]:
        """The answer as it comes about; the last event carries all of it.

        ``engine`` is "auto", "extractive" or "provider:model"; a model that does not answer is replaced by the extractive
        answer, with a notice. Raises UnknownEngine for an engine that cannot be.
        """
        model = self._model(engine)
        if filters.as_of is not None:
            filters = replace(filters, as_of=min(filters.as_of, now))  # Nobody knows yet what will be known.
        sources, known = self._store.sources(), self._known()
        moment = filters.as_of or now
        parts = whole_questions(text, moment, sources, known) if len(text) <= LONGEST_QUESTION else (text,)

        def ask(part: str) -> Iterator[AnswerEvent]:
            return self._one(part, filters, model=model, history=history, best_guess=best_guess, now=now)

        if len(parts) == 1:
            yield from ask(text)
        else:
            whole = read_question(text, moment, sources, known=known)
            yield from answered_severally(text, whole, parts, ask)

    def _one(
        self, text: str, filters: Filters, *, model: str, history: Sequence[str], best_guess: bool, now: datetime
    ) -> Iterator[AnswerEvent]:
        started = time.perf_counter()
        sources, known = self._store.sources(), self._known()
        asked = whole_question(text, history, now, sources, known)[:LONGEST_QUESTION]
        same = asked == " ".join(text.split())[:LONGEST_QUESTION]
        spoken = "" if same else _spoken(text, read_question(text, now, sources, known=known).companies)
        asked = asked if re.search(r"\w", asked) else ""
        question = read_question(asked, filters.as_of or now, sources, spoken, known=known)
        result = self._retriever.search(question, filters, PASSAGES, filters.as_of or now)
        passages = tuple(p for p in result.passages if p.text)
        yield AnswerEvent("passages", passages=passages)
        timings = dict(result.timings_ms)
        if not asked or not passages:
            key = "empty" if not asked else "nothing_matches" if _narrowed(result.filters) else "declined"
            if asked and not sources:
                key = "empty_library"
            refusal = self._declined(question, result, (), 0.0, say(question.language, key), now)
            refusal = replace(refusal, notices=tuple(_how_understood(text, asked, result, question.language)))
            yield AnswerEvent("answer", answer=_timed(refusal, timings, started))
            return
        found = extract(question, passages, self._retriever.closeness(question.text, question.companies))
        missing = missing_publications(asked, sources)
        sure = confidence(question, found, missing)
        least = self._settings.decline_below
        threshold = calibration()["threshold"] if least is None else least
        unsure = sure < threshold or found.elsewhere
        if (unsure or not found.sentences) and not (best_guess and found.sentences):
            refusal = self._declined(
                question, result, found.evidence, sure, say(question.language, "declined_near"), now
            )
            absent = [say(question.language, "no_source", name=name) for name in missing]
            told = _how_understood(text, asked, result, question.language)
            refusal = replace(refusal, notices=(*absent, *told))
            yield AnswerEvent("answer", answer=_timed(refusal, timings, started))
            return
        notices = [say(question.language, "best_guess")] if unsure else []
        told = _how_understood(text, asked, result, question.language)
        notices += [say(question.language, "one_sided", name=name) for name in found.absent]
        notices += [say(question.language, "no_source", name=name) for name in missing]
        answer: Answer | None = None
        if model:
            answer = yield from self._written(question, result, passages, model, sure, notices, now)
        if answer is None:
            answer = yield from self._extracted(question, result, found, sure, notices, now)
        for notice in told:
            yield AnswerEvent("notice", text=notice)
        answer = replace(answer, notices=(*answer.notices, *told))
        yield AnswerEvent("answer", answer=_timed(answer, timings, started))

    def _model(self, engine: str) -> str:
        if engine in ("", "auto"):
            return self._settings.model
        if engine == "extractive":
            return ""
        if not all(engine.partition(":")):
            raise UnknownEngine(
                f"unknown engine '{engine}': use auto, extractive, or PROVIDER:MODEL such as ollama:qwen3:4b"
            )
        return engine

    def _declined(
        self,
        question: Question,
        result: SearchResult,
        evidence: Sequence[Evidence],
        sure: float,
        text: str,
        now: datetime,
    ) -> Answer:
        ranked = [e.passage for e in evidence] + list(result.passages)
        nearest: dict[str, Passage] = {}
        for passage in ranked:
            if passage.text:
                nearest.setdefault(passage.article_id, passage)
        return Answer(
            question=question,
            language=question.language,
            answered=False,
            engine="none",
            sentences=(Sentence(text),),
            nearest=tuple(nearest.values())[:NEAREST],
            as_of=result.filters.as_of or now,
            filters=result.filters,
            confidence=round(sure, 4),
        )

    def _extracted(
        self, question: Question, result: SearchResult, found: Extract, sure: float, notices: list[str], now: datetime
    ) -> Generator[AnswerEvent, None, Answer]:
        for notice in notices:
            yield AnswerEvent("notice", text=notice)
        for sentence in found.sentences:
            yield AnswerEvent("sentence", text=sentence.text, sentence=sentence)
        return self._answer(question, result, "extractive", found.sentences, found.citations, sure, notices, now)

    def _answer(
        self,
        question: Question,
        result: SearchResult,
        engine: str,
        written: Sequence[Sentence],
        citations: Sequence[Citation],
        sure: float,
        notices: Sequence[str],
        now: datetime,
    ) -> Answer:
        return Answer(
            question=question,
            language=question.language,
            answered=True,
            engine=engine,
            sentences=tuple(written),
            citations=tuple(citations),
            as_of=result.filters.as_of or now,
            filters=result.filters,
            notices=tuple(notices),
            confidence=round(sure, 4),
        )

    def _written(
        self,
        question: Question,
        result: SearchResult,
        passages: Sequence[Passage],
        model: str,
        sure: float,
        notices: list[str],
        now: datetime,
    ) -> Generator[AnswerEvent, None, Answer | None]:
        """The model's answer, sentence by sentence checked; None when it gave none that can be shown."""
        safe = [p for p in passages if not p.suspicious]
        prompt, count = messages(question, safe, self._settings.context_tokens)
        citations, kept, withheld, dropped = CitationList(), list[Sentence](), 0, 0
        try:
            for raw in sentences_of(stream_chat(model, prompt, self._settings)):
                if any(refusal in raw.upper() for refusal in REFUSALS):
                    raise ModelUnavailable(model, "found no answer in the passages")
                marked = read_markers(raw, count)
                dropped += marked.dropped
                if len(marked.text) < 3:
                    continue
                sentence = self._checked(marked.text, marked.numbers, safe[:count], citations)
                if sentence is None or (sentence.status == "unsupported" and self._settings.withhold_unsupported):
                    withheld += 1
                    continue
                kept.append(sentence)
                yield AnswerEvent("sentence", text=sentence.text, sentence=sentence)
            if not any(s.status in ("supported", "partly") for s in kept):
                raise ModelUnavailable(model, "said nothing that its sources bear out")
        except ModelUnavailable as error:
            notices.append(
                say(
                    question.language, "model_failed", model=error.model, cause=cause_in(question.language, error.cause)
                )
            )
            if kept:
                yield AnswerEvent("withdrawn")
            return None
        marked_count = sum(s.status == "unsupported" for s in kept)
        for key, number in (("withheld", withheld), ("unsupported", marked_count), ("dropped", dropped)):
            if number:
                notices.append(say(question.language, key, count=number))
        for notice in notices:
            yield AnswerEvent("notice", text=notice)
        return self._answer(question, result, model, kept, citations.all(), sure, notices, now)

    def _checked(
        self, text: str, numbers: Sequence[int], passages: Sequence[Passage], citations: CitationList
    ) -> Sentence | None:
        """A written sentence with its verdict. Without a marker it gets the citation of a passage that bears it out; none
        does: it is not shown at all."""
        if numbers:
            cited = [passages[n - 1] for n in numbers]
            check = _borne_out(text, cited)
        else:
            bearing = next((p for p in passages if _borne_out(text, [p]).status == "supported"), None)
            if bearing is None:
                return None
            cited, check = [bearing], _borne_out(text, [bearing])
        marks = tuple(dict.fromkeys(citations.cite(p, *_best_span(text, p)) for p in cited))
        return Sentence(text, marks, check.status, check.reasons)


def _borne_out(text: str, cited: Sequence[Passage]) -> ClaimCheck:
    """The claim check against what the passages state: questions and orders that stand in an article bear nothing out."""
    if states_nothing(text):
        return ClaimCheck(
            "unsupported", (Reason("content", (0, len(text)), message="a question or an order states nothing"),)
        )
    return check_claim(text, [replace(p, text=_statements(p.text)) for p in cited])


@lru_cache(maxsize=1024)
def _statements(text: str) -> str:
    """A text with its questions and orders blanked out, so that spans stay."""
    for start, end in no_statements(text):
        text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    return text


def sentences_of(pieces: Iterator[str]) -> Iterator[str]:
    """The sentences of a stream, each as soon as it is whole, markers included."""
    waiting = ""
    for piece in pieces:
        waiting += piece
        while (match := _ENDS.search(waiting)) is not None:
            if _MARK_TO_COME.fullmatch(waiting, match.end()):
                break  # What follows may be a marker of this sentence, which has not come whole.
            whole, waiting = waiting[: match.end()], waiting[match.end() :]
            # A marker that follows the stop belongs to the sentence before it.
            if (mark := _MARKS.match(waiting)) is not None:
                whole, waiting = whole + mark.group(), waiting[mark.end() :]
            yield whole.strip(" \n-*•")
    if waiting.strip():
        yield waiting.strip(" \n-*•")


def _best_span(text: str, passage: Passage) -> tuple[int, int]:
    """The sentence of a passage that shares most words with a text: what a citation opens at."""
    words = set(re.findall(r"\w+", text.lower()))
    spans = sentences(passage.text) or [(0, len(passage.text))]
    return max(spans, key=lambda s: len(words & set(re.findall(r"\w+", passage.text[s[0] : s[1]].lower()))))


def _how_understood(text: str, asked: str, result: SearchResult, language: str) -> list[str]:
    """What a reader should know of how the question was taken: made whole from the conversation, narrowed by filters."""
    same = asked in ("", " ".join(text.split())) or len(text) > LONGEST_QUESTION
    told = [] if same else [say(language, "understood", question=asked)]
    filters = narrowed_by(result.filters, language)
    return [*told, say(language, "narrowed", filters=filters)] if filters else told


def _spoken(text: str, names: Sequence[str]) -> str:
    """The language of a follow-up by its words besides names; "" where they do not tell, as in "Google ?": that of what it follows, then."""
    for name in names:
        text = text.replace(name, " ")
    return told_language(text)


def _narrowed(filters: Filters) -> bool:
    return filters != Filters(as_of=filters.as_of)


def _timed(answer: Answer, timings: dict[str, float], started: float) -> Answer:
    return replace(answer, timings_ms={**timings, "total": round((time.perf_counter() - started) * 1000, 3)})
