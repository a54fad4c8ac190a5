"""Alterations that make a sentence false beside its source: figure, date, name, place, polarity, attribution, certainty. Pure.

Each changes one place. "…-elsewhere" puts in what the passage says of something else, the error that models make most.
Knows nothing of the claim check.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from evals.claim_forms import DAYS, MONTHS, Put
from evals.claim_sources import Source, chance

KINDS = (
    "figure", "figure-elsewhere", "unit", "period", "period-elsewhere", "name", "name-elsewhere",
    "place", "polarity", "attribution", "certainty",
)  # fmt: skip

_FIGURE = re.compile(r"(?<![\w.,/:’'-])[$€£]?(\d{1,3}(?:[,   ]\d{3})+|\d+)(?:([.,])(\d+))?(?![\w/:-]|[.,]\d)")
_MODEL = re.compile(r"(?:[A-Z][\w-]*|[a-z]+[A-Z]\w*|No\.?|page|chapter|n°|v|version|Article|article) ?$")
_YEAR = re.compile(r"(?<![\d,./-])(?:19[5-9]\d|20[0-3]\d)(?![\d,%]|[./-]\d)")
_NAME = re.compile(r"(?<=[a-zéà,] )[A-ZÉ][a-zéèëïö]+(?: [A-ZÉ][a-zéèëïö]+){1,2}(?![\w-]|['’]s? [A-Z])")
_ORGANISATION = re.compile(
    r"\b(?:Google|Microsoft|Apple|Amazon|Meta|Tesla|Oracle|OpenAI|Anthropic|Mistral|Nvidia|NVIDIA|Netflix|Intel|IBM|Salesforce|Boeing|"
    r"Disney|Walmart|Spotify|Uber|Airbus|Orange|Samsung|Huawei|Alibaba|Palantir|DeepSeek|Adobe)\b(?![-.])"
)
PLACES: dict[str, tuple[list[str], ...]] = {
    "en": (
        "France, Germany, Spain, Italy, Japan, India, China, Brazil, Canada, Mexico, Australia, Israel, Ukraine, Russia, Iran, Egypt, Poland, Sweden, Norway, Kenya, Ireland, Turkey, Vietnam, Taiwan".split(
            ", "
        ),
        "Paris, London, Berlin, Tokyo, Beijing, Chicago, Boston, Seattle, Houston, Miami, Atlanta, Dallas, Denver, Philadelphia, Detroit, Phoenix, Nashville, Cleveland, Toronto, Moscow, Jerusalem, Baltimore, Milwaukee".split(
            ", "
        ),
        "California, Texas, Florida, Ohio, Arizona, Michigan, Pennsylvania, Georgia, Nevada, Wisconsin, Iowa, Colorado, Illinois, Oregon, Minnesota, Tennessee, Alabama, Kansas, Utah, Indiana, Kentucky, Louisiana".split(
            ", "
        ),
    ),
    "fr": (
        "France, Allemagne, Espagne, Italie, Inde, Chine, Russie, Ukraine, Suisse, Belgique, Corée, Suède, Irlande".split(
            ", "
        ),
        "Japon, Canada, Brésil, Mexique, Maroc, Kenya, Danemark, Vietnam, Royaume-Uni, Portugal".split(", "),
        "Paris, Londres, Berlin, Tokyo, Pékin, Lyon, Toulouse, Bruxelles, Genève, Montréal, San Francisco, New York, Seattle, Nantes, Bordeaux, Grenoble, Zurich, Dublin, Stockholm, Boston, Tel Aviv, Washington, Davos".split(
            ", "
        ),
        "Europe, Afrique, Asie".split(", "),
        "Californie, Virginie, Floride".split(", "),
    ),
}
_OPPOSITES = {
    "en": "increase/decrease increased/decreased increases/decreases rise/fall rose/fell rising/falling more/fewer higher/lower highest/lowest "
    "gained/lost win/lose won/lost wins/loses hired/dismissed accepted/rejected approved/rejected before/after above/below first/last "
    "supported/opposed supports/opposes best/worst largest/smallest most/least always/never better/worse opened/closed begin/end up/down "
    "early/late young/old strong/weak easy/difficult bought/sold success/failure allowed/forbidden guilty/innocent",
    "fr": "augmente/diminue augmenté/diminué augmenter/diminuer augmentation/diminution hausse/baisse plus/moins créer/supprimer crée/détruit "
    "supérieur/inférieur meilleur/pire premier/dernier première/dernière accepte/refuse accepté/refusé gagne/perd gagné/perdu avant/après "
    "toujours/jamais possible/impossible faible/fort forte/faible élevé/bas rapide/lent facile/difficile ouvert/fermé grand/petit "
    "succès/échec autorise/interdit avantage/inconvénient réduit/accroît renforce/affaiblit accélère/ralentit positive/négative utile/inutile "
    "favorable/défavorable embauche/licencie",
}
_POLARITY: dict[str, tuple[tuple[str, str], ...]] = {
    "en": (
        (r"\b(is|are|was|were|will|can|could|would|should)(?= (?!n[o']t?\b)[a-z]+(?:ing|ed|en|e|y|t)\b)", r"\1 not"),
        (r"\b(has|have|had)(?= (?!not\b|no\b|to\b|been no)[a-z]+(?:ed|en|ne|de|ld|nt)\b)", r"\1 not"),
        (r"\b(is|are|was|were|has|have|had|will|can|could|would|should|did|does|do) not ", r"\1 "),
        (r"\b(is|are|was|were|has|have|had|would|could|should|did|does|do)n[’']t\b", r"\1"),
        (r"\bno longer ", "still "),
    ),
    "fr": (
        (
            r"(?<!n['’])(?<!ne )\b(est|était)\b(?! (?:pas|plus|jamais|ce|que|rien|aucun|-)\b)(?= [a-zé])(?<!c'est)(?<!c’est)(?<!n'est)",
            r"n'\1 pas",
        ),
        (
            r"(?<!ne )(?<!n['’])\b(sont|va|vont|peut|peuvent|doit|doivent|sera|seront|reste|permet|montre|repose)\b(?! (?:pas|plus|jamais|que|aucun|ni)\b)(?= [a-zé])",
            r"ne \1 pas",
        ),
        (
            r"(?<!ne )(?<!n['’])(?<!y )\b(a|ont|avait)(?= (?!pas|plus|jamais|été)[a-z]+(?:é|és|ée|i|u|it|is)\b)",
            r"n'\1 pas",
        ),
        (r"\bne ((?:le |la |les |se |s['’])?[a-zéè]+) pas\b", r"\1"),
        (r"\bn['’](est|était|a|ont|avait|existe) pas\b", r"\1"),
    ),
}
_DENIED: dict[str, tuple[tuple[str, str], ...]] = {
    "en": ((r"\b(?:announced|confirmed|acknowledged|admitted|claimed|alleged)\b(?! (?:by|that he was not))", "denied"),
           (r"\bsaid(?= (?:that|the|it|he|she|they|there|more|all|no|his|her)\b)", "denied that"),
           (r"\bsays(?= (?:that|the|it|he|she|they|there)\b)", "denies that")),
    "fr": ((r"\ba (?:annoncé|confirmé|déclaré|affirmé|reconnu)\b", "a démenti"),
           (r"\b(?:affirme|confirme|déclare|annonce|soutient|reconnaît)(?= (?:que|qu['’]|le|la|les|un|une|avoir))", "dément"),
           (r"\b(?:explique|montre|démontre|conclut|estime|rapporte|indique|souligne|note|rappelle)(?= (?:que|qu['’]))", "nie")),
}  # fmt: skip
_SPEAKER = {
    "en": re.compile(r"\b((?:[A-Z][\w-]+ )?[A-Z][a-z]+)(?= (?:said|told|says|wrote|added|announced|argued)\b)|(?<=\bsaid )([A-Z]\w+ [A-Z]\w+)|(?<=[Aa]ccording to )((?:the )?[A-Z]\w+(?: [A-Z]\w+)*)"),
    "fr": re.compile(r"\b((?:[A-ZÉ][\w-]+ )?[A-ZÉ]\w+)(?= (?:affirme|explique|estime|soutient|souligne|défend|propose|déclare|annonce|raconte|décrit|montre|rappelle|a déclaré|a annoncé|a affirmé)\b)|(?<=[Ss]elon )([A-ZÉ]\w+(?: [A-ZÉ]\w+)*)"),
}  # fmt: skip
_CERTAIN: dict[str, tuple[tuple[str, str], ...]] = {
    "en": ((r"\b(?:could|may|might)(?= (?!not\b)[a-z]+\b)", "will"), (r"\bis expected to\b", "will"), (r"\bare expected to\b", "will"),
           (r"(?<!its )(?<!the )(?<!their )(?<!his )(?<!her )(?<!of )\bplans to\b", "has begun to"), (r"\bplan to\b", "have begun to"), (r"\bis considering\b", "has decided on"),
           (r"\b(?:allegedly|reportedly|probably|likely) ", ""), (r"\bproposed\b(?= (?:to|a|an|the|that)\b)", "adopted")),
    "fr": ((r"\bpourrait\b", "va"), (r"\bpourraient\b", "vont"), (r"\benvisage de\b", "a décidé de"), (r"\bprévoit de\b", "a commencé à"),
           (r"\bserait\b", "est"), (r"\bseraient\b", "sont"), (r"\baurait\b", "a"), (r"\bauraient\b", "ont"),
           (r"\bdevrait\b", "va"), (r"\bdevraient\b", "vont"), (r"\b(?:probablement|sans doute|peut-être) ", "")),
}  # fmt: skip
_UNITS = {
    "en": ((r"(?<=\d )million\b", "billion"), (r"(?<=\d )billion\b", "million"), (r"(?<=\d )(?:years)\b", "months"), (r"(?<=\d )months\b", "years"),
           (r"(?<=\d )(?:days)\b", "weeks"), (r"(?<=\d )(?:hours)\b", "days"), (r"(?<=\d )miles\b", "yards"), (r"(?<=\d)(?:%| percent)(?= of)", " million"),
           (r"(?<![A-Z])\$(?=\d)", "€"), (r"(?<=\d )minutes\b", "hours")),
    "fr": ((r"(?<=\d )millions?\b", "milliards"), (r"(?<=\d )milliards?\b", "millions"), (r"(?<=\d )ans\b", "mois"), (r"(?<=\d )mois\b", "ans"),
           (r"(?<=\d )(?:jours)\b", "semaines"), (r"(?<=\d )heures\b", "jours"), (r"(?<=\d)[   ]?%(?= (?:de|des)\b)", " millions"), (r"\bdollars\b", "euros"),
           (r"(?<=\d)[   ]?€", " dollars"), (r"(?<=\d )(?:Md|M)\$", "Md€"), (r"(?<=\d )minutes\b", "heures")),
}  # fmt: skip


def altered(source: Source, kind: str, names: Sequence[str]) -> Iterator[str]:
    """Every alteration of a kind that the passage does not bear out. ``names`` are those of other documents."""
    changes = {
        "figure": _figures, "figure-elsewhere": _figures_elsewhere, "period": _periods, "period-elsewhere": _years_elsewhere,
        "name-elsewhere": _names_elsewhere, "place": _places, "polarity": _polarity, "attribution": _attribution,
    }  # fmt: skip
    if kind == "name":
        yield from _names(source, names)
    elif kind in ("certainty", "unit"):
        yield from _ruled(source, (_CERTAIN if kind == "certainty" else _UNITS)[source.language])
    else:
        yield from changes[kind](source)


def names_in(text: str) -> list[str]:
    """Names of two words or three inside sentences."""
    return _NAME.findall(text)


def _put(source: Source, start: int, end: int, text: str) -> str:
    return source.sentence[:start] + text + source.sentence[end:]


def _ruled(source: Source, rules: Sequence[tuple[str, Put]]) -> Iterator[str]:
    for pattern, put in rules:
        for match in re.finditer(pattern, source.sentence):
            yield _put(source, match.start(), match.end(), match.expand(put) if isinstance(put, str) else put(match))


def _figure_matches(text: str) -> Iterator[re.Match[str]]:
    """Figures that count or measure: no year, no day of a month, no model's number, nothing below two."""
    for match in _FIGURE.finditer(text):
        months = "|".join([*MONTHS["en"], *MONTHS["fr"], "Jan", "Feb", "Aug", "Sept", "Oct", "Nov", "Dec"])
        dated = re.match(rf" (?:{months})\b", text[match.end() :]) or re.search(
            rf"(?:{months})\.? $", text[: match.start()]
        )
        value = match[1].replace(",", "").replace(" ", "")
        if not (dated or _YEAR.fullmatch(match[0]) or _MODEL.search(text[: match.start()]) or value in "01"):
            yield match


def _figures(source: Source) -> Iterator[str]:
    for match in _figure_matches(source.sentence):
        digits, (start, end) = match[1], match.span(1)
        draw = chance(source.sentence, match.start())
        if match[3] and draw % 3 == 0:  # 3.5 -> 35
            start, end, new = start, match.end(), digits + match[3]
        elif draw % 3 == 1 and re.fullmatch(r"\d{1,3}", digits) and not match[3]:
            new = digits + "0"
        else:
            place = draw % len(digits) if digits[draw % len(digits)].isdigit() else 0
            low = 1 if place == 0 else 0
            new = (
                digits[:place]
                + str((int(digits[place]) - low + 1 + draw % (8 - low)) % (10 - low) + low)
                + digits[place + 1 :]
            )
        if new not in source.passage and new != digits:
            yield _put(source, start, end, new)


def _figures_elsewhere(source: Source) -> Iterator[str]:
    here = {m[0] for m in _figure_matches(source.sentence)}
    for match in _figure_matches(source.sentence):
        share = _tail(source.sentence, match)
        for other in _figure_matches(source.passage.replace(source.sentence, "\n")):
            if (
                other[0] not in here
                and _tail(source.passage.replace(source.sentence, "\n"), other) == share
                and len(other[0]) > 1
            ):
                yield _put(source, match.start(), match.end(), other[0])


def _tail(text: str, match: re.Match[str]) -> tuple[bool, bool]:
    """Whether a figure is a share, and whether it is money."""
    after = text[match.end() : match.end() + 12]
    return bool(re.match(r"[   ]?%| percent| pour cent", after)), match[0][0] in "$€£" or bool(
        re.match(r"[   ]?(?:\$|€|M|dollars|euros)", after)
    )


def _periods(source: Source) -> Iterator[str]:
    for match in _YEAR.finditer(source.sentence):
        new = str(int(match[0]) + (1, -1, 2, -3)[chance(source.sentence, match.start()) % 4])
        if new not in source.passage:
            yield _put(source, match.start(), match.end(), new)
    named = MONTHS[source.language]
    near = rf"\b(?:{'|'.join(named)})(?= \d)|(?<=\d )(?:{'|'.join(named)})\b|(?<=\b[Ii]n )(?:{'|'.join(named)})\b"
    for match in re.finditer(near, source.sentence):
        new = named[(named.index(match[0]) + 1 + chance(source.sentence) % 11) % 12]
        if new not in source.passage:
            yield _put(source, match.start(), match.end(), new)
    for match in re.finditer(
        rf"\b(\d{{1,2}})(?= (?:{'|'.join(MONTHS['fr'])})\b)|(?<=\b)(?:{'|'.join(MONTHS['en'])}) (\d{{1,2}})\b",
        source.sentence,
    ):
        group = 1 if match[1] else 2
        new = str((int(match[group]) + 3 + chance(source.sentence, 1) % 20) % 27 + 1)
        if new not in source.passage:
            yield _put(source, match.start(group), match.end(group), new)
    days = DAYS[source.language]
    for match in re.finditer(rf"\b(?:{'|'.join(days)})\b(?!s| Night)", source.sentence):
        new = days[(days.index(match[0]) + 2 + chance(source.sentence) % 4) % 7]
        if new not in source.passage:
            yield _put(source, match.start(), match.end(), new)


def _years_elsewhere(source: Source) -> Iterator[str]:
    here = set(_YEAR.findall(source.sentence))
    for match in _YEAR.finditer(source.sentence):
        for other in dict.fromkeys(_YEAR.findall(source.passage.replace(source.sentence, "\n"))):
            if other not in here:
                yield _put(source, match.start(), match.end(), other)


def _names(source: Source, names: Sequence[str]) -> Iterator[str]:
    for match in _NAME.finditer(source.sentence):
        fit = [n for n in names if n.count(" ") == match[0].count(" ")]
        new = fit[chance(source.sentence, match[0]) % len(fit)] if fit else ""
        if new and not set(new.split()) & set(re.findall(r"\w+", source.passage)):
            yield _put(source, match.start(), match.end(), new)
    for match in _ORGANISATION.finditer(source.sentence):
        known = [
            n
            for n in ("Google", "Oracle", "Tesla", "Netflix", "Salesforce", "Samsung", "Boeing", "Spotify")
            if n not in source.passage
        ]
        if known and source.sentence.count(match[0]) == 1:
            yield _put(source, match.start(), match.end(), known[chance(source.sentence) % len(known)])


def _names_elsewhere(source: Source) -> Iterator[str]:
    """Another name of the passage in the place of one: of its kind, and not in the sentence."""
    for pattern in (_NAME, _ORGANISATION):
        for match in pattern.finditer(source.sentence):
            for other in dict.fromkeys(pattern.findall(source.passage.replace(source.sentence, "\n"))):
                if not set(other.split()) & set(re.findall(r"\w+", source.sentence)):
                    yield _put(source, match.start(), match.end(), other)


def _places(source: Source) -> Iterator[str]:
    for known in PLACES[source.language]:
        for match in re.finditer(
            rf"(?<!New )(?<!West )\b(?:{'|'.join(known)})\b(?!-| [A-Z]|['’]s [A-Z])", source.sentence
        ):
            vowel = match[0][0] in "AEIOUÉ"
            fit = [
                p for p in known if p not in source.passage and (source.language == "en" or (p[0] in "AEIOUÉ") == vowel)
            ]
            if fit:
                yield _put(source, match.start(), match.end(), fit[chance(source.sentence) % len(fit)])


def _polarity(source: Source) -> Iterator[str]:
    yield from _ruled(source, _POLARITY[source.language])
    for pair in _OPPOSITES[source.language].split():
        for word, other in (pair.split("/"), reversed(pair.split("/"))):
            for match in re.finditer(
                rf"(?<![\w-])(?<!\bau )(?<!\bde )(?<!\bne )(?<!\bles )(?<!\bla )(?<!\ble ){word}(?![\w-]|[’']t\b)(?! ou moins| or less| que jamais)",
                source.sentence,
            ):
                if not re.search(rf"\b{other}\b", source.sentence):
                    yield _put(source, match.start(), match.end(), other)


def _attribution(source: Source) -> Iterator[str]:
    yield from _ruled(source, _DENIED[source.language])
    for match in _SPEAKER[source.language].finditer(source.sentence):
        for other in dict.fromkeys(
            [*names_in(source.passage.replace(source.sentence, "\n")), *_ORGANISATION.findall(source.passage)]
        ):
            if not set(other.split()) & set(re.findall(r"\w+", source.sentence)):
                yield _put(source, match.start(), match.end(), other)
