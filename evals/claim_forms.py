"""Rewritings that keep what a sentence says: other number formats, date forms, order, elision, names, words. Pure.

A rule is a pattern and what stands in its place, for one place in a sentence. Knows nothing of the claim check.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal

from evals.claim_sources import Source

Put = str | Callable[[re.Match[str]], str]
Rule = tuple[re.Pattern[str], Put]

_MONTHS = (
    "January February March April May June July August September October November December",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
)
MONTHS = {"en": _MONTHS[0].split(), "fr": _MONTHS[1].split()}
DAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche".split(),
}
SMALL = {
    "en": "two three four five six seven eight nine ten eleven twelve".split(),
    "fr": "deux trois quatre cinq six sept huit neuf dix onze douze".split(),
}
POWERS = {"thousand": 3, "million": 6, "billion": 9, "mille": 3, "milliard": 9}
MONTH = {language: "|".join(names) for language, names in MONTHS.items()}
SPACE = "[   ]"


def _rule(pattern: str, put: Put) -> Rule:
    return re.compile(pattern), put


def _whole(m: re.Match[str], language: str) -> str:
    """3.5 million in figures."""
    value = Decimal(m[1].replace(",", "." if language == "fr" else "")) * 10 ** POWERS[m[2].rstrip("s")]
    return f"{int(value):,}".replace(",", " " if language == "fr" else ",") + (m[3] or "")


def _month(m: re.Match[str], group: int, language: str) -> int:
    return MONTHS[language].index(m[group]) + 1


def _ordinal(day: int) -> str:
    return f"{day}{'th' if 11 <= day <= 13 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"


def _lower_first(text: str) -> str:
    """The first letter small unless the word is a name or an acronym, as far as one can see: only function words are."""
    word = re.match(r"[\w]+['’]?", text)
    return text[0].lower() + text[1:] if word and word[0] in _OPENERS else text


_OPENERS = set(
    "The A An He She It They We In On This That These Those There His Her Their Our Many Some Most Several About Nearly More As While "
    "Le La Les L' L’ Un Une Des Du De Il Elle Ils Elles On Ce Cet Cette Ces C' C’ Son Sa Ses Leur Leurs Plus Près Environ Dans En".split()
)
_ABBREVIATED = {m[:3] + ".": m for m in MONTHS["en"] if len(m) > 5} | {"Sept.": "September"}
_SMALL_EN, _SMALL_FR = "|".join(SMALL["en"]), "|".join(SMALL["fr"])
_LEAD_EN = r"In (?:\d{4}|January|February|March|April|May|June|July|August|September|October|November|December)(?: \d{4})?|On \w+day|Last (?:week|month|year)|On (?:\w+\.? \d{1,2})|In recent (?:years|weeks|months)|Earlier this (?:week|month|year)"
_LEAD_FR = r"En (?:\d{4}|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)(?: \d{4})?|Depuis [\w ]{4,25}|Le \d{1,2} \w+(?: \d{4})?|Pour [\w' ’-]{4,40}|Dans [\w' ’-]{4,40}|À [\w' ’-]{4,25}|Selon [\w' ’.()-]{3,50}|D['’]après [\w' ’.()-]{3,50}"

FORMS: dict[tuple[str, str], tuple[Rule, ...]] = {
    ("number", "en"): (
        _rule(r"(?<![\d,.])(\d{1,3}),(\d{3})(?![,\d])", r"\1\2"),
        _rule(r"(?<![\d,.])(\d{1,3}),(\d{3}),(\d{3})(?![,\d])", r"\1 \2 \3"),
        _rule(r"(?<=\d)%", " percent"),
        _rule(r"(?<=\d) percent\b", "%"),
        _rule(r"(?<!\w)\$(\d[\d.,]*\d|\d) (million|billion|trillion)\b", r"\1 \2 dollars"),
        _rule(r"(?<!\w)\$(\d[\d.,]*\d|\d)(?! ?(?:million|billion|trillion|per|an?\b)|[\d\w-]|[.,]\d)", r"\1 dollars"),
        _rule(r"(?<![\d.,$€£])(\d+(?:\.\d+)?) (million|billion)\b()", lambda m: _whole(m, "en")),
        _rule(rf"(?<![\w-])(?<!one of )({_SMALL_EN})(?= [a-z]+s\b)", lambda m: str(SMALL["en"].index(m[1]) + 2)),
        _rule(r"(?<=[a-z] )([2-9]|1[0-2])(?= [a-z]{3,}s\b)", lambda m: SMALL["en"][int(m[1]) - 2]),
    ),
    ("number", "fr"): (
        _rule(rf"(?<![\d,.])(\d{{1,3}}){SPACE}(\d{{3}})(?!\d|{SPACE}\d)", r"\1\2"),
        _rule(rf"(?<![\d,.])(\d{{1,3}}){SPACE}(\d{{3}})(?!\d|{SPACE}\d)", "\\1\u202f\\2"),
        _rule(r"(?<![\d,./-])(?!19\d\d|20\d\d)(\d{1,3})(\d{3})(?![\d,./-]| \d)(?= [a-zé]{4,})", r"\1 \2"),
        _rule(rf"(?<=\d){SPACE}?%", " pour cent"),
        _rule(r"(?<=\d) pour cent\b", " %"),
        _rule(rf"(?<=\d){SPACE}Mds? ?€", " milliards d'euros"),
        _rule(rf"(?<=\d){SPACE}M€", " millions d'euros"),
        _rule(rf"(?<=\d){SPACE}(?:Mds? ?\$|G\$)", " milliards de dollars"),
        _rule(rf"(?<=\d){SPACE}M\$", " millions de dollars"),
        _rule(rf"(?<=\d){SPACE}\$", " dollars"),
        _rule(rf"(?<=\d){SPACE}€", " euros"),
        _rule(
            rf"(?<![\d.,])(\d+(?:,\d+)?){SPACE}(millions?|milliards?)(?= [a-z]{{4,}})(?! de\b| d['’])()",
            lambda m: _whole(m, "fr"),
        ),
        _rule(rf"(?<![\w-])(?:({_SMALL_FR}))(?= [a-zé]{{3,}}s\b)", lambda m: str(SMALL["fr"].index(m[1]) + 2)),
        _rule(r"(?<=[a-zé] )([2-9]|1[0-2])(?= [a-zé]{3,}s\b)", lambda m: SMALL["fr"][int(m[1]) - 2]),
    ),
    ("date", "en"): (
        _rule(rf"\b({MONTH['en']}) (\d{{1,2}}), (\d{{4}})\b,?", r"\2 \1 \3"),
        _rule(
            rf"\b({MONTH['en']}) (\d{{1,2}}), (\d{{4}})\b,?", lambda m: f"{m[3]}-{_month(m, 1, 'en'):02}-{int(m[2]):02}"
        ),
        _rule(rf"\b({MONTH['en']}) (\d{{1,2}})\b(?!,? \d|-|–)", r"\2 \1"),
        _rule(rf"\b({MONTH['en']}) (\d{{1,2}})\b(?!,? \d|-|–)", lambda m: f"{m[1]} {_ordinal(int(m[2]))}"),
        _rule(r"\b((?:Jan|Feb|Aug|Sept|Oct|Nov|Dec)\.) (?=\d{1,2}\b)", lambda m: f"{_ABBREVIATED.get(m[1], m[1])} "),
        _rule(rf"\bin ({MONTH['en']}) (\d{{4}})\b", r"in \1 of \2"),
    ),
    ("date", "fr"): (
        _rule(
            rf"\b(\d{{1,2}}) ({MONTH['fr']}) (\d{{4}})\b", lambda m: f"{int(m[1]):02}/{_month(m, 2, 'fr'):02}/{m[3]}"
        ),
        _rule(
            rf"\b(\d{{1,2}}) ({MONTH['fr']}) (\d{{4}})\b", lambda m: f"{m[3]}-{_month(m, 2, 'fr'):02}-{int(m[1]):02}"
        ),
        _rule(rf"\ben ({MONTH['fr']}) (\d{{4}})\b", r"au mois de \1 \2"),
        _rule(rf"(?<!\d )(?<!1er )\b({MONTH['fr']}) (\d{{4}})\b", lambda m: f"{_month(m, 1, 'fr'):02}/{m[2]}"),
        _rule(rf"\ble (\d{{1,2}}) ({MONTH['fr']})\b(?! \d)", lambda m: f"le {int(m[1]):02}/{_month(m, 2, 'fr'):02}"),
    ),
    ("order", "en"): (
        _rule(
            rf"^({_LEAD_EN}), (?!\d)([^“”\"]+)\.$",
            lambda m: f"{m[2][0].upper() + m[2][1:]} {m[1][0].lower() + m[1][1:]}.",
        ),
        _rule(
            r"^(According to [^,“”]{3,60}), ([^“”\"]+)\.$",
            lambda m: f"{m[2][0].upper() + m[2][1:]}, {m[1][0].lower() + m[1][1:]}.",
        ),
        _rule(
            r"^([^“”\"]+), (according to [^,“”]{3,60})\.$",
            lambda m: f"{m[2][0].upper() + m[2][1:]}, {_lower_first(m[1])}.",
        ),
        _rule(r"^“([^“”]+),” ([^“”,]{2,60}) (said|told \w+|wrote|added)\.$", r"\2 \3: “\1.”"),
        _rule(r"^“([^“”]+),” (said|wrote|added) ([^“”,]{2,60})\.$", r"\3 \2: “\1.”"),
        _rule(
            r"^([^“”\"]+), ((?:[A-Z][\w.’'-]+|officials?|the company|police|he|she|they)(?: [A-Z][\w.’'-]+)*) said\.$",
            lambda m: f"{m[2][0].upper() + m[2][1:]} said that {_lower_first(m[1])}.",
        ),
        _rule(
            r"^((?:After|Before|While|When|Because|If|Although|Though) [^,“”]{8,90}), ([^,“”\"]+)\.$",
            lambda m: f"{m[2][0].upper() + m[2][1:]} {m[1][0].lower() + m[1][1:]}.",
        ),
    ),
    ("order", "fr"): (
        _rule(
            rf"^({_LEAD_FR}), ([^«»\":;]+)\.$", lambda m: f"{m[2][0].upper() + m[2][1:]}, {m[1][0].lower() + m[1][1:]}."
        ),
        _rule(
            r"^([^«»\":;]+), (selon [^,«»]{3,50})\.$", lambda m: f"{m[2][0].upper() + m[2][1:]}, {_lower_first(m[1])}."
        ),
        _rule(
            r"^((?:Après|Avant|Si|Quand|Lorsque|Alors que|Bien que|Face à|Grâce à) [^,«»:]{5,90}), ([^,«»\":;]+)\.$",
            lambda m: f"{m[2][0].upper() + m[2][1:]}, {m[1][0].lower() + m[1][1:]}.",
        ),
        _rule(
            r"^([^«»\":;]+), (explique|affirme|estime|précise|souligne|rappelle)(?:-t-(?:il|elle))? ([A-ZÉ][^,«»]{3,40})\.$",
            lambda m: f"{m[3]} {m[2]} que {_lower_first(m[1])}.",
        ),
    ),
    ("spelling", "en"): (
        _rule(r"(?<=\w)’(?=\w)", "'"),
        _rule(r"(?<=[a-z])'(?=s\b)", "’"),
        _rule(r"\b(is|are|was|were|do|does|did|has|have|had|would|could|should)n[’']t\b", r"\1 not"),
        _rule(r"\b(is|are|was|were|do|does|did|has|have|had|would|could|should) not\b", r"\1n't"),
        _rule(r"\bU\.S\.(?= [a-z])", "US"),
        _rule(r"\bthe U\.S\.(?= [a-z])", "the United States"),
        _rule(r"\bthe United States\b", "the US"),
        _rule(r"\bUnited Kingdom\b", "UK"),
        _rule(r"\bAI\b", "artificial intelligence"),
        _rule(r"\bartificial intelligence\b", "AI"),
        _rule(r"\bCEO\b", "chief executive"),
        _rule(r"“([^“”]+)”", r'"\1"'),
        _rule(r" [—–] ", ", "),
    ),
    ("elision", "fr"): (
        _rule(r"(?<=\w)['’](?=\w)", lambda m: "’" if m[0] == "'" else "'"),
        _rule(
            r"\bd['’](OpenAI|Anthropic|Amazon|Apple|Nvidia|NVIDIA|IBM|Intel|Airbus|Uber|Adobe|Alphabet)\b",
            r"de la société \1",
        ),
        _rule(r"\bde (Google|Meta|Microsoft|Mistral|Salesforce|Tesla|Netflix|Palantir)\b", r"du groupe \1"),
        _rule(r"\b(?:l['’])?Union européenne\b", "l'UE"),
        _rule(r"\bl['’]UE\b", "l'Union européenne"),
        _rule(r"\bÉtats-Unis\b", "Etats-Unis"),
        _rule(r"\bl['’]intelligence artificielle\b", "l'IA"),
        _rule(r"\bl['’]IA\b(?! [a-z]+ative)", "l'intelligence artificielle"),
        _rule(r"\bPDG\b", "président-directeur général"),
        _rule(r"\bCEO\b", "PDG"),
        _rule("«[  \u202f]?([^«»]+?)[  \u202f]?»", "\u201c\\1\u201d"),
        _rule('"([^"]+)"', "« \\1 »"),
        _rule(r" [—–] ", ", "),
        _rule(
            r"\bqu['’](il|elle)s?\b(?= (?:a|est|sera|faut|va)\b)",
            lambda m: m[0].replace("'", "’") if "'" in m[0] else m[0].replace("’", "'"),
        ),
    ),
    ("name-form", "en"): (
        _rule(
            r"((?!the\b)\b[a-z]+,? )((?!Mr|Ms|Dr|The|New|San|Los|St|Las|North|South|West|East|Supreme|White|United|Super|World|House|Prime|Middle|Social)[A-Z][a-z]{2,}) ([A-Z][a-z]{3,})(?= (?:said|told|wrote|was|has|had|will|announced|added)\b)",
            r"\1\3",
        ),
        _rule(
            r"\b(Google|Microsoft|Apple|Amazon|Intel|Tesla|Oracle|Boeing|Meta|Netflix|Disney|Walmart|Target|Ford|Nvidia)(?= (?:has|said|is|was|will|announced|plans|had|says|also|would)\b)",
            r"\1 Inc.",
        ),
        _rule(
            r"\b(President|Sen\.|Gov\.|Rep\.|Secretary|Justice|Attorney General) (?:[A-Z][a-z]+) (?=[A-Z][a-z]+\b)",
            r"\1 ",
        ),
        _rule(
            r"\b((?:Open|Deep|You|Linked|Face|Spa)[A-Z][a-zA-Z]+)[’'](?:s) (CEO|founder|chief executive|president|spokesperson)\b",
            r"the \2 of \1",
        ),
        _rule(
            r"\bJoe Biden\b|\bDonald Trump\b|\bKamala Harris\b|\bElon Musk\b|\bSam Altman\b|\bMark Zuckerberg\b",
            lambda m: m[0].split()[1],
        ),
    ),
    ("name-form", "fr"): (
        _rule(
            r"(\b[a-zé]+,? )([A-ZÉ][a-zéèëï]{2,}(?:-[A-ZÉ][a-zé]+)?) ([A-ZÉ][a-zéèëï]{3,})(?= (?:a|est|était|explique|affirme|estime|propose|montre|défend|soutient|raconte|décrit|présente|dit|rappelle|analyse|souligne)\b)",
            r"\1\3",
        ),
        _rule(
            r"\b(Google|Microsoft|Apple|Amazon|Intel|Tesla|Oracle|Meta|Netflix|Anthropic|OpenAI|Mistral|Nvidia)(?= (?:a|est|va|propose|annonce|publie|affirme|lance|présente|était|s)\b)",
            r"la société \1",
        ),
        _rule(
            r"\b(?:Joe Biden|Donald Trump|Elon Musk|Sam Altman|Mark Zuckerberg|Emmanuel Macron|Dario Amodei|Andrej Karpathy|Yann LeCun)\b",
            lambda m: m[0].split()[1],
        ),
        _rule(
            r"\b(?:Joe Biden|Donald Trump|Elon Musk|Sam Altman|Mark Zuckerberg|Emmanuel Macron|Dario Amodei|Andrej Karpathy|Yann LeCun)\b",
            lambda m: f"{m[0][0]}. {m[0].split()[1]}",
        ),
        _rule(
            r"^([A-ZÉ][a-zéèëï]{2,}) ([A-ZÉ][a-zéèëï]{3,})(?= (?:a|est|explique|affirme|estime|propose|montre|défend|soutient|décrit|présente|analyse|souligne)\b)",
            r"\2",
        ),
    ),
    ("shortened", "en"): (
        _rule(r" \([^()]{4,80}\)", ""),
        _rule(
            r", (?:which|who|whose|where) [^,“”]{8,100},(?= (?:has|have|is|are|was|were|said|will|had|would|told|can|could)\b)",
            "",
        ),
        _rule(r", (?:which|where|who) [^,“”]{10,120}\.$", "."),
        _rule(r", (?:adding|noting|citing|including|making|leaving) [^,“”]{10,140}\.$", "."),
        _rule(r"^(?:However|Meanwhile|Still|Also|In addition|Instead|Then|Now|But|And),? (\w)", lambda m: m[1].upper()),
    ),
    ("shortened", "fr"): (
        _rule(r" \([^()]{4,100}\)", ""),
        _rule(
            r", (?:qui|dont|où|lequel|laquelle) [^,«»]{8,100},(?= (?:a|ont|est|sont|était|va|peut|doit|reste|devient)\b)",
            "",
        ),
        _rule(r", (?:qui|dont|où|ce qui|notamment|y compris|en particulier) [^,«»]{10,140}\.$", "."),
        _rule(r" — [^—]{6,120} — ", " "),
        _rule(
            r"^(?:Cependant|Enfin|Ainsi|Mais|Or|De plus|Par ailleurs|Toutefois|Pourtant|En effet),? (\w)",
            lambda m: m[1].upper(),
        ),
    ),
    ("wording", "en"): (
        _rule(r"\bsaid(?= in a statement| on \w+day)", "stated"),
        _rule(r"\bcompany\b", "firm"),
        _rule(r"\bemployees\b", "staff members"),
        _rule(r"\bannounced\b(?! by)", "made known"),
        _rule(r"\babout(?= \$?\d)", "around"),
        _rule(r"\bnearly(?= \$?\d)", "almost"),
        _rule(r"\bmore than(?= \$?\d)", "over"),
        _rule(r"\bbegan\b", "started"),
        _rule(r"\bhelp\b", "assist"),
        _rule(r"\bapproximately\b", "roughly"),
        _rule(r"\bpurchased?\b", lambda m: "bought" if m[0].endswith("d") else "buy"),
        _rule(r"\bshowed\b", "revealed"),
        _rule(r"\blawmakers\b", "legislators"),
        _rule(r"\bhuge\b", "enormous"),
    ),
    ("wording", "fr"): (
        _rule(r"\b(l['’])entreprise\b", "la société"),
        _rule(r"\bsalariés\b", "employés"),
        _rule(r"\bemployés\b", "salariés"),
        _rule(r"\benviron(?= \d)", "à peu près"),
        _rule(r"(?<!de )\bplus de(?= \d)", "au-delà de"),
        _rule(r"\bprès de(?= \d)", "presque"),
        _rule(r"\ba déclaré\b", "a affirmé"),
        _rule(r"\ba annoncé\b", "a fait savoir"),
        _rule(r"\b(montre|souligne) que\b", "indique que"),
        _rule(r"\bpermet de\b", "rend possible de"),
        _rule(r"\bcependant\b", "toutefois"),
        _rule(r"\butiliser\b", "employer"),
        _rule(r"(?<!\bj.)\butilise\b", "emploie"),
        _rule(r"\bchercheurs\b", "scientifiques"),
        _rule(r"\bdébut(e|ent)\b", r"commenc\1"),
        _rule(r"\bfournit\b", "donne"),
        _rule(r"\bafin de\b", "pour"),
        _rule(r"\bmajeur\b", "important"),
    ),
}
FORM_KINDS = tuple(dict.fromkeys(kind for kind, _ in FORMS))
_SAID_DAY = re.compile(
    r"\b(?:said|announced|told reporters|reported|released|filed|arrested|died)( on)? (\w+day)\b(?! (?:night|morning|after|even))"
)


def rewritten(source: Source, kind: str) -> Iterator[str]:
    """Every rewriting of a kind, one place changed in each."""
    for pattern, put in FORMS.get((kind, source.language), ()):
        for match in pattern.finditer(source.sentence):
            put_in = match.expand(put) if isinstance(put, str) else put(match)
            yield source.sentence[: match.start()] + put_in + source.sentence[match.end() :]


def dated(source: Source, days_off: int = 0) -> Iterator[str]:
    """The weekday of an English report as the date it was, counted back from publication; ``days_off`` makes it a wrong one."""
    for match in _SAID_DAY.finditer(source.sentence):
        if source.published is not None and source.language == "en" and match[2] in DAYS["en"]:
            back = (source.published.weekday() - DAYS["en"].index(match[2])) % 7
            day = (source.published - timedelta(days=back + days_off)).date()
            start = match.start(1) if match[1] else match.start(2) - 1
            yield f"{source.sentence[:start]} on {MONTHS['en'][day.month - 1]} {day.day}, {day.year}{source.sentence[match.end() :]}"
