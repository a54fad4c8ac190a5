"""What a question says: its language, the time, sources and topics it names, what it is after. Pure.

A condition hides what does not meet it, a wish only lifts what does. Words that limit ("since", "in Les Echos") make
conditions, words that describe ("in October 2025", "according to") make wishes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from corpus.analysis import fold_accents
from corpus.enrich.language import detect
from rag.clauses import clauses
from rag.models import Filters, Question
from rag.periods import Period, find_periods

Intent = Literal["how-many", "who-when-which", "what-happened", "compare", "skills", "why", "open"]
LONGEST_QUESTION = 4000
"""Characters of a question that are read; what follows is not a question any more."""

_INTENT_PATTERNS: tuple[tuple[Intent, str], ...] = (
        ("why", r"\bpourquoi\b|\bpour quelles? raisons?\b|\bwhy\b|\bwhat reasons?\b|\bfor what reason\b"),
        ("compare", r"\b(?:compar\w+|versus|vs\.?|différences?|differences?|par rapport à|compared (?:to|with)|more than|plus que|(?:which|lequel|laquelle|who) .{0,40}\b(?:larger|bigger|greater|smaller|fewer|plus grande?|plus importante?|moins)\b|ou chez|both|either|respectivement)\b|\bce qu[e'’].+ et ce qu[ei'’]|\bwhat .+ and what\b|\bentre .+ et .+|\bbetween .+ and .+|\bplus (?:de|d['’])\b.*\bque\b"),
        ("how-many", r"\bcombien\b|\bhow (?:many|much)\b|\bnombre d[e'’]|\bnumber of\b|\bquel(?:le)?s? (?:est|sont|sera)?\s*(?:le|la|les)?\s*(?:nombre|chiffre|part|pourcentage|proportion|montant|bilan|total|taux|salaire|rémunération|prix|coût|budget|chiffre d['’]affaires)|\bwhat (?:is|are|was|were) (?:the )?(?:[\w'’]+ ){0,3}?(?:salary|pay|price|cost|budget|revenue|headcount)\b|\bwhat (?:do|does|did|would|will|is|was|were|are) .{2,60}\b(?:cost|worth|priced(?: at)?|valued at)\b|\bprice tag\b|\bwhat (?:[\w'’-]+ ){1,2}(?:percentage|share|proportion|price)\b|\bquels? (?:prix|coût|montant|salaire)\b|\bquelle (?:part|proportion|somme|valeur|marge)\b|\bwhat (?:share|percentage|percent|number|proportion|figure|count|fraction)|\b(?:latest|last|dernier) (?:count|chiffre|bilan|total|figure)"),
        ("skills", r"\bcompétences?\b|\bskills?\b|\bse former\b|\bforment\b|\bforme-t-|\bformer (?:leurs|ses|les)\b|\bformations?\b|\breconver\w+|\breskill\w*|\bupskill\w*|\bapprendre\b|\blearn\b|\btraining\b"),
        ("what-happened", r"\bque s['’]est-il passé|\bque se passe|\bwhat happened|\bwhat(?:['’]s| is) (?:new|happening)|\bquoi de neuf|\bchronologie|\btimeline|\bhistorique|\brésum\w+|\bsummar\w+|\bquelles? (?:sont les )?(?:dernières )?(?:nouvelles|actualités)|\bderni[èe]res (?:nouvelles|actualités)|\blatest news"),
        ("who-when-which", r"\bqui\b|\bquand\b|\bquel(?:le)?s?\b|\bwho\b|\bwhen\b|\bwhich\b|\bwhere\b|\boù\b|\bà quelle date\b|\bwhat\b"),
)  # fmt: skip
_INTENTS = tuple((intent, re.compile(pattern, re.IGNORECASE)) for intent, pattern in _INTENT_PATTERNS)
_RECENT = re.compile(
    r"\b(?:latest|newest|most recent|recently?|currently|right now|so far|to date|derni(?:er|ère|ers|ères)|récents?|récemment|récentes?|actuel\w*|à ce jour|désormais|maintenant|en ce moment|aujourd['’]hui|nouveaux?|nouvelles?)\b",
    re.IGNORECASE,
)
_TOPICS = {
    "layoffs": re.compile(r"\b(?:licenci\w+|suppr\w+|lay[- ]?offs?|laid off|job cuts?|cut\w*|postes|réductions? d['’]effectifs|plan social|fir(?:e|ed|ing)|redundanc\w+|effectifs|workforce)\b", re.IGNORECASE),
    "automation": re.compile(r"\b(?:automat\w+|robots?\w*|agents? (?:d['’])?IA|AI agents?|agentic|agentique|remplac\w+|replac\w+)\b", re.IGNORECASE),
    "skills": re.compile(r"\b(?:compétences?|skills?|form(?:er|ation|ations|és?)|reskill\w*|upskill\w*|reconver\w+|apprendre|learn\w*|train\w*)\b", re.IGNORECASE),
}  # fmt: skip
_AS_OF = re.compile(
    r"\b(?:(?:que|qu['’]en|ce qu(?:e l)?['’]on) savait[- ]on|(?:que|qu['’]est-ce qu['’]on|ce qu['’]on) savait|était[- ](?:on|il) connu|(?:était|étaient) conn\w+|(?:was|were) (?:it )?known|did (?:we|people|one|anyone|the press) know|vue? du|à la date du|en l['’]état (?:au|du)|as of|as seen (?:on|from))\b",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?<![\w-])(?:[A-ZÀ-ÖØ-Þ][\w&.+-]*|[a-z]?[A-Z]{2,}\w*|[a-z][A-Z]\w+)(?:[ ’'-](?:[A-ZÀ-ÖØ-Þ][\w&.+]*|de|of))*"
)
_PUBLISHED = r"(?:articles?|news|stor(?:y|ies)|coverage|reports?|posts?|pieces?|published|publies?|publiee?s?|lus?|lue?s?|read|written|ecrits?|parue?s?|newsletters?|reportages?|tribunes?)"
_DEMANDED = re.compile(
    rf"\b(?:dans|in|published by|publiee?s? (?:par|dans)|{_PUBLISHED}(?: \w+){{0,2}} (?:sur|on|from|by|par|de|du|d['’])|articles? d[eu'])(?: (?:le|la|les|the))?$"
)
_PUT_INTO = re.compile(
    r"\b(?:invest\w*|stakes?|shares?|interest|money|parts?|participations?|confidence|confiance|\w*illions?|milliards?)(?: \S+){0,2} (?:in|dans)(?: (?:le|la|les|the))?$"
)
"""What goes into a body does not stand in it: "invest in OpenAI"."""
_ATTRIBUTED = re.compile(
    r"(?:\b(?:selon|d['’]apres|according to|as reported by|reported by|rapporte par|revele par|cite par|cited by|via|(?:articles?|sources?|reports?) (?:from|by|like|including|such as|comme|dont))(?: (?:both|le|la|les|the|an?))*|\b(?:article|piece|report|story|coverage)s? (?:in|from|by|on|de|du|des|d['’])(?: (?:le|la|les|the))?|^(?:the|le|la|les))$"
)
_PUBLISHES = re.compile(
    r"['’]?s?\s+(?:articles?|reports?|reported|pieces?|stor(?:y|ies)|coverage|newsletters?|wrote|writes|written|ecrit|ecrivait|rapporte\w*|publie\w*|titre|titrait|suggest\w*|portray\w*|describ\w*|alleg\w*|claim\w*|identified|recommend\w*|argue\w*|highlight\w*|affirme\w*|decrit\w*|presente\w*|evoque\w*)\b"
)
_TOLD = re.compile(
    r"\b(?:reported|reviewed|identified|described|portrayed|covered|discussed|mentioned|highlighted|suggested|detailed|featured|noted|stated|claimed|depicted|characteri[sz]ed|presented|published|decrite?s?|presentee?s?|evoquee?s?|mentionnee?s?|rapportee?s?|relatee?s?)\b(?: \S+){0,8} (?:by|on|par|dans|sur)(?: (?:both|le|la|les|the|an?))*$"
)
"""What is told by a publisher has a participle of telling before its "by", some words back."""
_ARTICLE = re.compile(r"(?:the|le|la|les) ")
_ALSO = re.compile(
    r"['’\"»”]?\s*(?:,|,? and|,? or|,? et|,? ou|&|as well as|ainsi que|both)(?: (?:the|le|la|les|by|in|from|par|dans))?\s*['‘\"«“]?\s*$"
)
_QUOTED = re.compile(r"['‘\"«“]\s?$")

_FRENCH = re.compile(
    r"\b(?:le|la|les|des|du|de|un|une|est|sont|que|qui|quel(?:le)?s?|combien|pour|dans|chez|et|sur|au|aux|pas|ont|se|comment|pourquoi|quand|depuis|a-t-il|a-t-elle|ces?|postes?|emplois?|licenciements?|suppressions?|salariés?)\b",
    re.IGNORECASE,
)
_FRENCH_SPELLING = re.compile(r"\b(?:qu|l|d|c|j|n|s)['’](?=\w)|(?<!\w)\w*[éèêàùçœâîôû]\w*", re.IGNORECASE)
"""Elision, and words with accents; with a capital they tell little: Nestlé and Société Générale stand in English questions too."""
_ENGLISH = re.compile(
    r"\b(?:the|of|is|are|what|which|who|how|many|much|does|did|do|has|have|in|for|to|and|on|by|was|were|with|since|why|when|at|from|will|can|a|any|about|layoffs?|jobs?|cuts?|cutting|workers?|employees?|news|latest|skills?|hiring)\b",
    re.IGNORECASE,
)
_ASKED_FIRST = re.compile(
    r"(?:derni|nouvel|latest|recent|news|actualit|licenci|layoff|suppress|compar|resum|summar|list|postes?$|emplois?$|jobs?$|effectif|workforce|headcount|skills?$|competen|formation|training|automat|robots?$|salaries?$|employee|worker|chiffre|nombre|number)"
)
_NOT_NAMES = frozenset(
    """a à ai aux ce ces cela combien comment compare comparer dans de depuis des donne donnez du est et explain fais faut how il ils
    in is ia la le les l list liste lors me mon my no of on ou où par parmi parle peux pour pourquoi pouvez qu quand que quel quelle
    quelles quels qui quoi résume selon si since summarize summarise sur tell the their they this to un une was were what when where
    which who why will with y are at has have did does do can could should according between entre en au après avant after before and
    janvier février mars avril mai juin juillet août septembre octobre novembre décembre january february march april may june july
    august september october november december monday tuesday wednesday thursday friday saturday sunday q1 q2 q3 q4 t1 t2 t3 t4 ceo cto cfo coo cio pdg dg drh
    rh hr it llm llms ok also aussi by from avec over under across through following despite among within without about during while besides per than
    par sous sans vers contre malgré durant pendant jusqu jusque outre first second third fourth last next each every some most all both any tous toutes chaque plusieurs certains quelques
    premier première deuxième troisième quatrième christmas noël easter pâques thanksgiving""".split()
)


def read_question(
    text: str, now: datetime, sources: Sequence[str] = (), language: str = "", known: Mapping[str, str] | None = None
) -> Question:
    """What ``text`` says at the moment ``now``, given the names of the library's ``sources`` and the names ``known`` to it
    (folded -> as written), by which a name in lower case is seen where the question writes none with a capital."""
    asked = " ".join(text[:LONGEST_QUESTION].split())
    spoken = language or question_language(asked)
    demanded, preferred = _sources(asked, sources)
    told = (*demanded, *preferred)
    stated = find_periods(_without_sources(asked, told), now)
    as_of = _as_of(asked, stated, now)
    # A moment to answer from says how far to look, not when something happened.
    periods = stated if as_of is None else []
    topics = tuple(topic for topic, pattern in _TOPICS.items() if pattern.search(asked))
    # Where several sources are spoken of, a date is that of one of them and hides nothing of the others.
    strict = [p for p in periods if p.strict] if len(told) < 2 else []
    loose = [p for p in periods if p not in strict]
    names = _names(asked, stated, told, known or {})
    if not names and known:
        names = _known_names(asked, known)
    intent: Intent = next((name for name, pattern in _INTENTS if pattern.search(asked)), "open")
    parts = _parts(asked, names, intent)
    return Question(
        text=asked,
        language=spoken,
        conditions=replace(_within(strict, Filters(sources=demanded)), as_of=as_of),
        wishes=_within(loose, Filters(sources=preferred, topics=topics)),
        periods=_bounds(loose),
        companies=names,
        recency=bool(_RECENT.search(asked)),
        parts=parts,
        clauses=() if parts else _clauses(asked, spoken, told, loose),
        intent=intent,
    )


def question_language(text: str) -> str:
    """ "fr" or "en": of the two that Vigie answers in, the one the question is in; French where nothing tells."""
    return told_language(text) or ("en" if detect(text) == "en" else "fr")


def told_language(text: str) -> str:
    """ "fr" or "en" where the words of a question tell which; "" where they do not ("Google ?", "2025 ?")."""
    spelt = _FRENCH_SPELLING.findall(text)
    french = len(_FRENCH.findall(text)) + sum(2.0 if word[0].islower() else 0.5 for word in spelt)
    english = len(_ENGLISH.findall(text))
    return "" if french == english else "fr" if french > english else "en"


def _without_sources(text: str, sources: Sequence[str]) -> str:
    """The text with the names of sources blotted out, of the same length: "Business Today" is no day."""
    for source in sources:
        text = re.sub(re.escape(source), lambda match: "·" * len(match.group()), text, flags=re.IGNORECASE)
    return text


def _bounds(periods: Sequence[Period]) -> tuple[tuple[datetime | None, datetime | None], ...]:
    return tuple(dict.fromkeys((p.since, p.until) for p in periods))


def _clauses(text: str, language: str, sources: Sequence[str], periods: Sequence[Period]) -> tuple[Question, ...]:
    """What a long question says, clause by clause, each with its own sources and periods."""
    found = []
    for start, end in clauses(text):
        said = text[start:end].strip(" ,;:")
        folded = fold_accents(said.lower())
        mine = tuple(s for s in sources if re.search(rf"(?<!\w){re.escape(fold_accents(s.lower()))}(?!\w)", folded))
        dated = [p for p in periods if start <= p.span[0] < end]
        found.append(Question(said, language, wishes=Filters(sources=mine), periods=_bounds(dated)))
    return tuple(found)


def _as_of(text: str, periods: Sequence[Period], now: datetime) -> datetime | None:
    """The moment from whose knowledge the question wants its answer ("que savait-on le 3 novembre"): the end of that day or
    month, but not later than now."""
    ends = [p.until for p in periods if p.until is not None and not p.strict]
    if not ends or not _AS_OF.search(text):
        return None
    return min(max(ends) - timedelta(seconds=1), now)


def _known_names(text: str, known: Mapping[str, str]) -> tuple[str, ...]:
    """Words of the question that the library knows as names, as its titles write them."""
    words = re.findall(r"[^\W\d_][\w&-]*", text.replace("’", " ").replace("'", " "))
    folded = [fold_accents(w.lower()) for w in words]
    return tuple(dict.fromkeys(known[w] for w in folded if w in known and w not in _NOT_NAMES))


def _sources(text: str, sources: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Sources that the question demands ("in", "dans", "articles from", "published by") and those it speaks of as such. A body that
    has a blog in the library ("layoffs at Meta", "ousted from OpenAI") is no source for being named."""
    folded = fold_accents(text.lower())
    demanded: list[str] = []
    preferred: list[str] = []
    others: list[tuple[str, int, int]] = []
    told_at: list[tuple[int, int]] = []
    for source in sources:
        name = fold_accents(source.lower())
        match = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", folded) if len(name) > 2 else None
        if match is None:
            continue
        before, after = folded[: match.start()].rstrip(), folded[match.end() :]
        # "In the Google Search trial": the name of a product, not of a source.
        if len(folded) == len(text) and re.match(r" [A-ZÀ-Þ][a-zà-ÿ]", text[match.end() :]):
            continue
        quoted = _QUOTED.search(before) and after[:1] in tuple("'’\"»” ")
        if _DEMANDED.search(before) and not _PUT_INTO.search(before):
            demanded.append(source)
        elif (
            _ATTRIBUTED.search(before)
            or _PUBLISHES.match(after)
            or _TOLD.search(before)
            or quoted
            # A publication's name may begin with its article; a company's hardly does.
            or _ARTICLE.match(name)
        ):
            preferred.append(source)
        else:
            others.append((source, match.start(), match.end()))
            continue
        told_at.append(match.span())
    # "A and B": what stands beside a source in one list is one.
    while linked := [o for o in others if told_at and _follows(folded, o[1:], told_at)]:
        preferred += [source for source, _, _ in linked]
        told_at += [(start, end) for _, start, end in linked]
        others = [o for o in others if o not in linked]
    if preferred:
        # A question that speaks of several sources demands none of them alone.
        demanded, preferred = [], [source for source in sources if source in (*demanded, *preferred)]
    return tuple(demanded), tuple(preferred)


def _follows(text: str, span: tuple[int, int], told_at: Sequence[tuple[int, int]]) -> bool:
    """Whether a name stands in a list with a source, or after "by" where another source is told of."""
    after_by = re.search(r"\b(?:by|par|on)(?: (?:le|la|les|the))?$", text[: span[0]].rstrip())
    return after_by is not None or any(_side_by_side(text, span, other) for other in told_at)


def _side_by_side(text: str, one: tuple[int, int], two: tuple[int, int]) -> bool:
    """Whether nothing but a word or sign of listing stands between two spans."""
    (_, end), (start, _) = sorted((one, two))
    return bool(_ALSO.fullmatch(text[end:start])) if start >= end else False


def _within(periods: Sequence[Period], base: Filters) -> Filters:
    """The filters with the span that the periods make together."""
    if not periods:
        return base
    starts = [p.since for p in periods if p.since is not None]
    ends = [p.until for p in periods if p.until is not None]
    open_end = any(p.until is None for p in periods)
    return Filters(
        since=min(starts) if starts else None,
        until=max(ends) if ends and not open_end else None,
        sources=base.sources,
        topics=base.topics,
    )


def _names(text: str, periods: Sequence[Period], sources: Sequence[str], library: Mapping[str, str]) -> tuple[str, ...]:
    """Names in the question that are neither question words, dates nor sources: companies, mostly."""
    taken = [p.span for p in periods]
    known = {fold_accents(s.lower()) for s in sources}
    found: list[str] = []
    opening = len(text) - len(text.lstrip("«“\"' "))
    for match in _NAME.finditer(text):
        if any(a <= match.start() < b for a, b in taken):
            continue
        words = match.group().split(" ")
        while words and _bare(words[0]) in _NOT_NAMES:
            words.pop(0)
        if words and match.start() == opening and match.group().startswith(words[0]):
            # The first word has its capital from its place, unless the library knows it as a name.
            folded = fold_accents(words[0].lower())
            if folded not in library and _ASKED_FIRST.match(folded):
                words.pop(0)
        while words and _bare(words[-1]) in _NOT_NAMES:
            words.pop()
        name = re.sub(r"^(?:[LlDd]|[Qq]u)['’]|['’]s$", "", " ".join(words)).strip(".,'’-")
        of_source = any(fold_accents(name.lower()) in source for source in known)
        # "AI-made" describes, it names nobody.
        if re.fullmatch(r"(?:AI|IA)-[a-z]+", name):
            continue
        if len(name) > 1 and _bare(name) not in _NOT_NAMES and not of_source:
            found.append(name)
    return tuple(dict.fromkeys(found))


def _bare(word: str) -> str:
    return re.sub(r"^(?:[ld]|qu)['’]", "", word.lower()).strip(".,'’-?")


def _parts(text: str, names: Sequence[str], intent: str) -> tuple[str, ...]:
    """Sub-questions: one for each of several names that are compared or asked after together; none for a long question, whose
    names belong to one matter."""
    if not 2 <= len(names) <= 4 or intent not in ("compare", "how-many", "what-happened") or len(text) > 160:
        return ()
    return tuple(_without_others(text, name, names) for name in names)


def _without_others(text: str, name: str, names: Sequence[str]) -> str:
    for other in names:
        if other != name and other not in name:
            text = text.replace(other, " ")
    return " ".join(text.split())
