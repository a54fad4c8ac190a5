"""The answer's own words in both languages: lead-ins, dates, refusals. They add no claim beyond a passage's metadata. Pure."""

from __future__ import annotations

import re
from datetime import datetime

from rag.models import Filters

_MONTHS_FR = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
_MONTHS_EN = "January February March April May June July August September October November December".split()
NARROW = "\u202f"
NO_BREAK = "\u00a0"

TEXTS: dict[str, dict[str, str]] = {
    "fr": {
        "declined": "Rien dans la bibliothèque ne permet de répondre à cette question.",
        "declined_near": "Rien dans la bibliothèque ne permet de répondre à cette question ; voici les articles les plus proches.",
        "empty": "La question est vide : écrivez ce que vous voulez savoir.",
        "empty_library": "La bibliothèque est vide : lancez « vigie crawl », puis reposez la question.",
        "nothing_matches": "Aucun article ne répond aux filtres choisis ; élargissez la période, les sources ou les thèmes.",
        "lead": "{source}, {date}",
        "lead_undated": "{source}",
        "quote_note": "texte en anglais",
        "in_article": "dans l'article « {title} »",
        "raised": "chiffre depuis porté à {total}",
        "one_sided": "Rien dans la bibliothèque sur {name}.",
        "understood": "Question comprise : {question}",
        "several": "Questions lues : {questions}",
        "part_declined": "Rien dans la bibliothèque ne répond à : {question}",
        "narrowed": "Recherche limitée : {filters}.",
        "since": "depuis le {date}",
        "until": "avant le {date}",
        "in_source": "dans {names}",
        "in_language": "articles en {names}",
        "on_topic": "thèmes {names}",
        "no_source": "La bibliothèque n'a aucun article de {name}.",
        "best_guess": "Réponse la plus proche, en dessous du seuil de confiance.",
        "model_failed": "Le modèle {model} n'a pas répondu utilement ({cause}) : réponse extraite des articles.",
        "withheld": "{count} phrase(s) non vérifiée(s) ont été écartées.",
        "unsupported": "{count} phrase(s) ne sont pas confirmées par leur source et sont signalées.",
        "dropped": "{count} renvoi(s) ne désignaient aucun passage et ont été retirés.",
        "no_date": "sans date",
    },
    "en": {
        "declined": "Nothing in the library answers this question.",
        "declined_near": "Nothing in the library answers this question; these articles come closest.",
        "empty": "The question is empty: write what you want to know.",
        "empty_library": "The library is empty: run 'vigie crawl', then ask again.",
        "nothing_matches": "No article meets the chosen filters; widen the period, the sources or the topics.",
        "lead": "{source}, {date}",
        "lead_undated": "{source}",
        "quote_note": "text in French",
        "in_article": "in the article “{title}”",
        "raised": "a figure since raised to {total}",
        "one_sided": "Nothing in the library about {name}.",
        "understood": "Question as understood: {question}",
        "several": "Questions read: {questions}",
        "part_declined": "Nothing in the library answers: {question}",
        "narrowed": "Search narrowed: {filters}.",
        "since": "since {date}",
        "until": "before {date}",
        "in_source": "in {names}",
        "in_language": "articles in {names}",
        "on_topic": "topics {names}",
        "no_source": "The library holds no article of {name}.",
        "best_guess": "The closest answer, below the confidence threshold.",
        "model_failed": "The model {model} gave no usable answer ({cause}): answer extracted from the articles.",
        "withheld": "{count} unverified sentence(s) were left out.",
        "unsupported": "{count} sentence(s) are not borne out by their source and are marked.",
        "dropped": "{count} marker(s) named no passage and were removed.",
        "no_date": "undated",
    },
}


def say(language: str, key: str, **values: object) -> str:
    """A text of the answer's language, French where it is neither of the two."""
    return TEXTS.get(language, TEXTS["fr"])[key].format(**values)


_CAUSES_FR = (
    (r"found no answer in the passages", "il ne trouve pas de réponse dans les extraits"),
    (r"said nothing that its sources bear out", "rien de ce qu'il a écrit n'est confirmé par ses sources"),
    (r"slower than (\d+) s", r"trop lent : plus de \1 s"),
    (r"too slow", "trop lent"),
    (r"model not found; (.*)", r"modèle introuvable ; \1"),
    (r"model not found", "modèle introuvable"),
    (r"no answer from the server; (.*)", r"le serveur ne répond pas ; \1"),
    (r"no answer from the server", "le serveur ne répond pas"),
    (r"cut off on the way", "réponse interrompue"),
    (r"an answer that cannot be read", "réponse illisible"),
)


def cause_in(language: str, cause: str) -> str:
    """Why a model did not answer, in the reader's language; a server's own words stay as they are."""
    if language == "en":
        return cause
    return next((re.sub(known, told, cause) for known, told in _CAUSES_FR if re.fullmatch(known, cause)), cause)


def grouped(number: str, language: str) -> str:
    """A whole number as the language groups its thousands: "30 000" -> "30,000" in English, and back; any other text as it is."""
    digits = re.sub(r"(?<=\d)[\s,](?=\d{3}(?!\d))", "", number)
    if not re.fullmatch(r"\d+", digits):
        return number
    return f"{int(digits):,}" if language == "en" else f"{int(digits):,}".replace(",", NARROW)


def long_date(moment: datetime, language: str) -> str:
    """ "28 octobre 2025", "1er mars 2026"; "28 October 2025"."""
    if language == "en":
        return f"{moment.day} {_MONTHS_EN[moment.month - 1]} {moment.year}"
    day = "1er" if moment.day == 1 else str(moment.day)
    return f"{day} {_MONTHS_FR[moment.month - 1]} {moment.year}"


_LANGUAGES = {"fr": {"fr": "français", "en": "anglais"}, "en": {"fr": "French", "en": "English"}}


def narrowed_by(filters: Filters, language: str) -> str:
    """What a search was narrowed to, in words: "depuis le 3 janvier 2026 ; dans Les Echos"; "" for nothing. ``as_of`` is told elsewhere."""
    parts = []
    if filters.since is not None:
        parts.append(say(language, "since", date=long_date(filters.since, language)))
    if filters.until is not None:
        parts.append(say(language, "until", date=long_date(filters.until, language)))
    spoken = _LANGUAGES.get(language, _LANGUAGES["fr"])
    for key, names in (
        ("in_source", filters.sources),
        ("in_language", tuple(spoken.get(code, code) for code in filters.languages)),
        ("on_topic", filters.topics),
    ):
        if names:
            parts.append(say(language, key, names=", ".join(names)))
    return (" ; " if language == "fr" else "; ").join(parts)


def short_source(source: str) -> str:
    """A publisher's name without what its feed's title adds: "Cnbc | World Business News Leader" -> "Cnbc"."""
    plain = re.sub(
        r"^(?:flux (?:général|rss)|rss(?: feed)?|feed)(?: (?:de|of|from))?\s+(?=\S)",
        "",
        source.strip(),
        flags=re.IGNORECASE,
    )
    first = re.split(r"\s+[|–—-]\s+", plain, maxsplit=1)[0].strip()
    return first if len(first) > 2 else source


def lead_in(source: str, published: datetime | None, language: str, *, quoted_language: str = "") -> str:
    """ "Exemple Quotidien, 28 octobre 2025", with the language of a quote in the other one: a library may keep a summary, so it is not said that
    the source wrote these words."""
    name = source or {"fr": "Un article", "en": "An article"}.get(language, "Un article")
    if published is None:
        text = say(language, "lead_undated", source=name)
    else:
        text = say(language, "lead", date=long_date(published, language), source=name)
    return f"{text} ({say(language, 'quote_note')})" if quoted_language and quoted_language != language else text


def quoted(text: str, language: str) -> str:
    """A text between the quotation marks of a language; marks inside step down."""
    inner = text.strip()
    if language == "en":
        return "“" + inner.replace("“", "‘").replace("”", "’").replace('"', "'") + "”"
    inner = inner.replace("«" + NO_BREAK, "“").replace("«" + NARROW, "“").replace("« ", "“").replace("«", "“")
    inner = inner.replace(NO_BREAK + "»", "”").replace(NARROW + "»", "”").replace(" »", "”").replace("»", "”")
    return f"«{NO_BREAK}{inner}{NO_BREAK}»"
