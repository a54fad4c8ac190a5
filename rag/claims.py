"""Whether cited passages say what a sentence says: numbers, dates, names, polarity and what is left of the content. Pure, no model.

A false acceptance is worse than a false refusal: what is not found is not supported. Numbers must stand in a sentence of a
passage that is about the same name; a negated or denied statement does not support its opposite.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from corpus.analysis import analyse, fold_accents
from corpus.sentences import sentences
from rag.lexicon import concepts_of
from rag.models import ClaimCheck, Passage, Reason, SentenceStatus
from rag.periods import MONTHS
from rag.quantities import Quantity, agrees, find_quantities
from rag.question import question_language

LEAST_COVERAGE = 0.5
"""Share of a claim's content terms that must stand in the passages, in one language."""
LEAST_CONCEPTS = 0.5
"""Share of a claim's known concepts that a passage in the other language must have."""

_M = "|".join(sorted(MONTHS, key=len, reverse=True))
_DATE = re.compile(
    rf"\b(?:(?P<d1>\d{{1,2}})(?:er|st|nd|rd|th)?\s+(?:de\s+|of\s+)?(?P<m1>{_M})\b\.?(?:,?\s+(?P<y1>(?:19|20)\d{{2}}))?|(?P<m2>{_M})\b\.?\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?\s+(?P<y2>(?:19|20)\d{{2}}))?|(?P<m3>{_M})\b\.?\s+(?P<y3>(?:19|20)\d{{2}})|(?P<iso>(?:19|20)\d{{2}}-\d{{2}}-\d{{2}})|(?P<y4>(?<![\d.,$€£])(?:19|20)\d{{2}}(?![\d.,]*\d|\s*(?:%|postes|emplois|jobs|employees|salariés|workers|people|personnes)))|\b(?P<m4>janvier|février|avril|juin|juillet|août|septembre|octobre|novembre|décembre|january|february|april|june|july|august|september|october|november|december)\b)",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<![\w’'-])(?:[A-ZÀ-ÖØ-Þ][\w&+-]*\w|[a-z]?[A-Z]{2,}\w*|[a-z][A-Z]\w+)")
_ELISION = re.compile(r"^(?:[lLdDnNsScCjJ]|[qQ]u)['’]|['’]s$")
_NEGATION = re.compile(
    r"\b(?:ne|n['’])\b.{0,40}?\b(?:pas|plus|jamais|aucune?|ni|rien)\b|\b(?:not|never|no longer|none|neither|nor|without|cannot|sans)\b|n['’]t\b|\b(?:no|aucune?)\s+\w+",
    re.IGNORECASE,
)
_MODES: dict[str, re.Pattern[str]] = {
    "denied": re.compile(r"\b(?:d[ée]ment\w*|d[ée]ni(?:e|es|ent|é)\w*|nie(?:nt|r)?\b|réfut\w+|conteste\w*|den(?:y|ies|ied|ying)|refut\w+|disput\w+|rejects?|rejected)\b", re.IGNORECASE),
    "rumoured": re.compile(r"\b(?:rumeurs?|rumou?r\w*|reportedly|would reportedly|envisag\w+|considering|mulling|weigh\w+|pourrai\w+|serai(?:t|ent)|aurai(?:t|ent)|could|might|may\b|susceptible|potentiel\w*|éventuel\w*|speculat\w+)\b", re.IGNORECASE),
    "planned": re.compile(r"\b(?:prévoi\w+|prévu\w*|projet\w*|compte\b|entend\b|va\b|vont\b|plans?\b|planned|planning|intends?|will\b|expects?|set to|d['’]ici)\b", re.IGNORECASE),
}  # fmt: skip
_COMMON = frozenset(
    """le la les un une des du de en au aux il elle ils elles on ce cette ces cet son sa ses leur leurs dans sur sous avec pour par mais
    ou et donc or ni car selon après avant depuis lors lorsque quand si que qui dont où the a an this that these those it he she they we
    you i in on at by for with from to of and but or so if when while after before since according as its his her their our my your no
    not more most many some all both each every other such only just also even still yet there here what which who how why est sont
    monday tuesday wednesday thursday friday saturday sunday lundi mardi mercredi jeudi vendredi samedi dimanche ai ia pdg ceo
    président directeur mr mrs ms m mme dr inc corp ltd sa sas plc group groupe company entreprise""".split()
) | frozenset(MONTHS)
_EXONYMS = {
    "londres": "london", "allemagne": "germany", "espagne": "spain", "italie": "italy", "inde": "india", "chine": "china", "japon": "japan",
    "royaume-uni": "uk", "etats-unis": "us", "usa": "us", "u.s": "us", "u.k": "uk", "irlande": "ireland", "suede": "sweden", "suisse": "switzerland",
    "pays-bas": "netherlands", "belgique": "belgium", "europe": "europe", "californie": "california", "bruxelles": "brussels", "ue": "eu",
    "coree": "korea", "bresil": "brazil", "canada": "canada", "francais": "french", "francaise": "french", "americain": "american",
    "americaine": "american", "britannique": "british", "allemand": "german", "allemande": "german", "geneve": "geneva", "pologne": "poland",
    "seattle": "seattle", "israel": "israel", "australie": "australia", "mexique": "mexico", "roumanie": "romania", "turquie": "turkey",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StatedDate:
    """A date as far as it is stated."""

    year: int | None
    month: int | None
    day: int | None
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Unit:
    """One sentence of a passage with what it states; ``context`` adds the title and the sentence before."""

    span: tuple[int, int]
    text: str
    quantities: tuple[Quantity, ...]
    dates: tuple[StatedDate, ...]
    names: frozenset[str]
    context_names: frozenset[str]


def check_claim(sentence: str, passages: Sequence[Passage]) -> ClaimCheck:
    """The verdict on a sentence given its cited passages, each needing only its text.

    "supported": everything found; "partly": the facts are there but the wording claims more certainty than the source;
    "unsupported": something is not there, with a reason and the spans on both sides.
    """
    if not sentence.strip():
        return ClaimCheck("unsupported", (Reason("content", (0, 0), message="an empty sentence"),))
    if not passages:
        return ClaimCheck("unsupported", (Reason("content", (0, len(sentence)), message="no passage is cited"),))
    plain = " ".join(sentence.split())
    if any(plain in " ".join(p.text.split()) for p in passages):
        return ClaimCheck("supported")
    language = question_language(sentence)
    best: ClaimCheck | None = None
    for number, passage in enumerate(passages):
        check = _check(sentence, language, passage, number)
        if check.status == "supported":
            return check
        if best is None or (check.status == "partly", -len(check.reasons)) > (
            best.status == "partly",
            -len(best.reasons),
        ):
            best = check
    assert best is not None
    if len(passages) > 1 and best.status == "unsupported":
        joined = Passage(
            text="\n\n".join(p.text for p in passages),
            title=" ".join(p.title for p in passages),
            published=passages[0].published,
        )
        check = _check(sentence, language, joined, 0)
        if check.status != "unsupported":
            return check
    return best


def _check(sentence: str, language: str, passage: Passage, number: int) -> ClaimCheck:
    units = _units(passage.text, passage.title)
    dates = find_dates(sentence)
    quantities = find_quantities(sentence, tuple(d.span for d in dates))
    names = _names(sentence)
    reasons = [*_date_reasons(sentence, dates, units, passage, number)]
    reasons += _name_reasons(sentence, names, units, passage, number)
    reasons += _quantity_reasons(sentence, quantities, names, units, number)
    evidence = _evidence(sentence, language, quantities, names, units)
    reasons += _coverage_reasons(sentence, language, passage, evidence, number)
    if reasons:
        return ClaimCheck("unsupported", tuple(reasons))
    return _polarity(sentence, evidence, number)


def find_dates(text: str) -> tuple[StatedDate, ...]:
    """Every date that a text states, as far as it states it."""
    found = []
    for match in _DATE.finditer(text):
        value = match.groupdict()
        if value["iso"]:
            year, month, day = (int(p) for p in value["iso"].split("-"))
            found.append(StatedDate(year, month, day, match.span()))
            continue
        stated = value["y1"] or value["y2"] or value["y3"] or value["y4"]
        name = value["m1"] or value["m2"] or value["m3"] or value["m4"]
        if (
            name
            and name.islower()
            and name.lower() in ("mar", "may", "mai", "sept", "dec", "jun")
            and not (stated or value["d1"] or value["d2"])
        ):
            continue
        if name == "may" or (name in ("sept", "mar") and not (value["d1"] or stated)):
            continue
        number = value["d1"] or value["d2"]
        found.append(
            StatedDate(
                int(stated) if stated else None,
                MONTHS[name.lower()] if name else None,
                int(number) if number else None,
                match.span(),
            )
        )
    return tuple(found)


@lru_cache(maxsize=2048)
def _units(text: str, title: str) -> tuple[_Unit, ...]:
    made: list[_Unit] = []
    title_names = frozenset(_names(title).values())
    before: frozenset[str] = frozenset()
    for start, end in [(0, 0), *sentences(text)]:
        piece = text[start:end] if end else title
        dates = find_dates(piece)
        names = frozenset(_names(piece).values())
        quantities = find_quantities(piece, tuple(d.span for d in dates))
        made.append(_Unit((start, end), piece, quantities, dates, names, names | before | title_names))
        before = names or before
    return tuple(made)


def _names(text: str) -> dict[tuple[int, int], str]:
    """Names by their span, folded: a capitalised word that is no common one; the first word of a sentence only when it is
    written as a name elsewhere or in capitals inside."""
    openings = {a for a, _ in sentences(text)}
    found: dict[tuple[int, int], str] = {}
    for match in _NAME.finditer(text):
        word = _ELISION.sub("", match.group())
        folded = fold_accents(word.lower()).strip(".-")
        if len(folded) < 2 or folded in _COMMON or word.lower() in _COMMON:
            continue
        if _opens(text, match.start(), openings) and not _surely_a_name(word, text, match):
            continue
        found[match.span()] = _EXONYMS.get(folded, folded)
    return found


def _opens(text: str, start: int, openings: Iterable[int]) -> bool:
    return any(a <= start and not re.search(r"\w", text[a:start]) for a in openings)


def _surely_a_name(word: str, text: str, match: re.Match[str]) -> bool:
    if any(c.isupper() for c in word[1:]):
        return True
    elsewhere = [m.start() for m in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text)]
    if len(elsewhere) > 1:
        return True
    # "Amazon supprime": a word that no dictionary form of the language opens with would be better; a verb after it tells.
    return (
        bool(
            re.match(
                r"['’]s\b|\s+(?:a|est|va|has|is|will|says?|said|cuts?|plans?|[a-zà-ÿ]{3,}(?:e|it|nt|ed|es|s))\b",
                text[match.end() :],
            )
        )
        and fold_accents(word.lower()) not in _COMMON
    )


def _date_reasons(
    sentence: str, dates: Sequence[StatedDate], units: Sequence[_Unit], passage: Passage, number: int
) -> list[Reason]:
    """A date of the claim must be compatible with one of the passage, or with the day the passage was published."""
    stated = [d for unit in units for d in unit.dates]
    if passage.published is not None:
        p = passage.published
        stated.append(StatedDate(p.year, p.month, p.day, (0, 0)))
    known_years = {d.year for d in stated if d.year}
    return [
        Reason("date", date.span, number, None, f"the passage does not state {sentence[slice(*date.span)]}")
        for date in dates
        if not any(_compatible(date, other, known_years, passage.published) for other in stated)
    ]


def _compatible(claim: StatedDate, source: StatedDate, years: set[int], published: datetime | None) -> bool:
    if claim.month is not None and claim.month != source.month:
        return False
    if claim.day is not None and claim.day != source.day:
        return False
    if claim.year is not None and source.year is not None:
        return claim.year == source.year
    if claim.year is not None:
        # The source leaves the year out: it is that of its publication, or the one before for a later month.
        base = published or (datetime(max(years), 12, 31, tzinfo=UTC) if years else None)
        if base is None:
            return False
        year = base.year - (1 if (source.month or 1) > base.month else 0)
        return claim.year in (year, *years) if source.month else claim.year in years
    return True


def _name_reasons(
    sentence: str, names: dict[tuple[int, int], str], units: Sequence[_Unit], passage: Passage, number: int
) -> list[Reason]:
    present = {n for unit in units for n in unit.names}
    whole = fold_accents(f"{passage.title} {passage.text}".lower())
    initials = {
        "".join(w[0] for w in run.split()).lower()
        for run in re.findall(r"(?:[A-ZÀ-Þ][\w-]+\s+){1,4}[A-ZÀ-Þ][\w-]+", passage.text)
    }
    reasons = []
    for span, name in names.items():
        if name in present or name in initials or re.search(rf"(?<!\w){re.escape(name)}(?!\w)", whole):
            continue
        if any(_EXONYMS.get(fold_accents(w)) == name for w in re.findall(r"[\w.-]+", whole)):
            continue
        reasons.append(Reason("name", span, number, None, f"the passage does not name {sentence[slice(*span)]}"))
    return reasons


def _quantity_reasons(
    sentence: str,
    quantities: Sequence[Quantity],
    names: dict[tuple[int, int], str],
    units: Sequence[_Unit],
    number: int,
) -> list[Reason]:
    """Every number must stand in a sentence of the passage that speaks of the name nearest to it in the claim."""
    reasons = []
    for quantity in quantities:
        holders = [(unit, q) for unit in units for q in unit.quantities if agrees(quantity, q)]
        written = sentence[slice(*quantity.span)]
        if not holders:
            reasons.append(
                Reason("number", quantity.span, number, None, f"the passage does not state {written.strip()}")
            )
            continue
        nearest = _nearest(names, quantity.span)
        if nearest and not any(_speaks_of(nearest, unit, held) for unit, held in holders):
            unit, held = holders[0]
            at = (unit.span[0] + held.span[0], unit.span[0] + held.span[1])
            reasons.append(
                Reason("number", quantity.span, number, at, f"the passage states {written.strip()} of somebody else")
            )
    return reasons


def _speaks_of(name: str, unit: _Unit, held: Quantity) -> bool:
    """Whether a sentence's number is that of a name: it names it, or it names nobody before the number and what comes before
    it does."""
    if name in unit.names:
        return True
    other_subject = any(span[1] <= held.span[0] for span in _names(unit.text))
    return not other_subject and (name in unit.context_names or not unit.context_names)


def _nearest(names: dict[tuple[int, int], str], span: tuple[int, int]) -> str:
    if not names:
        return ""
    before = [(span[0] - s[1], n) for s, n in names.items() if s[1] <= span[0]]
    after = [(s[0] - span[1], n) for s, n in names.items() if s[0] >= span[1]]
    # News puts the subject before its number.
    return min(before)[1] if before else min(after)[1] if after else ""


def _evidence(
    sentence: str,
    language: str,
    quantities: Sequence[Quantity],
    names: dict[tuple[int, int], str],
    units: Sequence[_Unit],
) -> _Unit:
    """The sentence of the passage that says most of what the claim says."""
    terms = set(analyse(sentence, language))
    wanted = set(names.values())

    def weight(unit: _Unit) -> float:
        numbers = sum(any(agrees(q, other) for other in unit.quantities) for q in quantities)
        shared = len(terms & set(analyse(unit.text, language))) / (len(terms) or 1)
        concepts = len(concepts_of(sentence) & concepts_of(unit.text)) / (len(concepts_of(sentence)) or 1)
        return 2.0 * numbers + len(wanted & unit.names) + 3.0 * max(shared, concepts)

    return max(units, key=weight)


def _coverage_reasons(sentence: str, language: str, passage: Passage, evidence: _Unit, number: int) -> list[Reason]:
    """What is left of the content must be there too: by terms in the same language, by concepts across."""
    other = passage.language or question_language(passage.text)
    if other == language or not {language, other} <= {"fr", "en"}:
        terms = [t for t in dict.fromkeys(analyse(sentence, language)) if not t[0].isdigit()]
        there = set(analyse(f"{passage.title} {passage.text}", language))
        share = sum(t in there for t in terms) / len(terms) if terms else 1.0
        near = sum(t in set(analyse(evidence.text, language)) for t in terms) / len(terms) if terms else 1.0
        if share < LEAST_COVERAGE or near < LEAST_COVERAGE / 2:
            return [Reason("content", (0, len(sentence)), number, evidence.span, "the passage does not say this")]
        return []
    wanted = concepts_of(sentence)
    if not wanted:
        # Nothing that the lexicon knows: names and numbers alone cannot carry a claim across languages.
        return (
            []
            if find_quantities(sentence) and _names(sentence)
            else [Reason("content", (0, len(sentence)), number, None, "not comparable across languages")]
        )
    share = len(wanted & concepts_of(f"{passage.title} {passage.text}")) / len(wanted)
    return (
        []
        if share >= LEAST_CONCEPTS
        else [Reason("content", (0, len(sentence)), number, evidence.span, "the passage does not say this")]
    )


def _polarity(sentence: str, evidence: _Unit, number: int) -> ClaimCheck:
    claim_denies, source_denies = bool(_MODES["denied"].search(sentence)), bool(_MODES["denied"].search(evidence.text))
    claim_negates, source_negates = bool(_NEGATION.search(sentence)), bool(_NEGATION.search(evidence.text))
    if claim_denies != source_denies or (claim_negates != source_negates and claim_denies == source_denies):
        reason = Reason(
            "polarity",
            (0, len(sentence)),
            number,
            evidence.span,
            "the passage denies or negates what is claimed, or the reverse",
        )
        return ClaimCheck("unsupported", (reason,))
    hedged = (
        _MODES["rumoured"].search(evidence.text)
        and not _MODES["rumoured"].search(sentence)
        and not _MODES["planned"].search(sentence)
    )
    status: SentenceStatus = "partly" if hedged else "supported"
    reasons = (
        (Reason("attribution", (0, len(sentence)), number, evidence.span, "the passage is less certain"),)
        if hedged
        else ()
    )
    return ClaimCheck(status, reasons)
