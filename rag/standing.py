"""Whether a sentence can be shown by itself, from where, and how: no pronoun without its name, no piece of a list or a quotation, no markup. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.enrich.injection import states_nothing

_LEANING = re.compile(
    r"^[«“\"'\s–—-]*(?:il|elle|ils|elles|ce(?:la|ci|lui-ci|lle-ci|ux-ci|lles-ci)?|cette|ces|cet|c['’]|ça|celui|celle|ceux|leurs?|son|sa|ses|lui|y|en (?:outre|effet|revanche|parallèle)|mais|or|donc|ainsi|toutefois|cependant|pourtant|néanmoins|puis|ensuite|par ailleurs|de plus|de même|d['’]autres|it|they|he|she|this|that|these|those|its|their|his|her|but|however|yet|also|and|so|then|moreover|meanwhile|in addition|such|both|another|others|le groupe|l['’]entreprise|la société|la firme|le géant|l['’]éditeur|le constructeur|the company|the firm|the group|the move|the cuts?|in between|entre-temps|entre les deux|dans le même temps|at the same time|separately|(?:le|la|the|on the) (?:même|same) (?:jour|semaine|mois|day|week|month)|ce jour-là|on that day|la veille|(?:dès )?le lendemain|à l['’]autre bout|over the same period|(?:sur|pendant) la même période|some of (?:these|those|them)|certain(?:e)?s d['’]entre|in (?:this|that) (?:case|sense)|dans ce (?:cas|cadre|contexte)|à ce titre|as a result|for (?:this|that) reason|(?:a|one|two|three|four|five|six|seven|ten|several|some|a few|\d+) (?:hours?|days?|weeks?|months?|years?) (?:later|earlier)|(?:un|une|deux|trois|quatre|cinq|six|sept|dix|quelques|plusieurs|\d+) (?:heures?|jours?|semaines?|mois|ans?|années?) (?:plus tard|plus tôt|auparavant)|(?:deuxième|troisième|quatrième)(?! (?:trimestre|semestre|édition|mandat))|deuxièmement|troisièmement|secondly|thirdly|the (?:next|following) day|là|here|there|by then|elsewhere)\b"
    r"|^[«“\"'\s–—-]*(?:(?i:le|la|l['’]|the)\s?(?i:banque|assureur|distributeur|fabricant|opérateur|enseigne|cabinet|start-?up|plateforme|filiale|transporteur|équipementier|industriel|agence|direction|"
    r"bank|insurer|retailer|carrier|maker|chipmaker|platform|airline|agency|management|unit|subsidiary)(?= [a-zàéè]))",
    re.IGNORECASE,
)
_LEANS_NOT = re.compile(
    r"^[«“\"'\s–—-]*(?:(?:this|cette|ce|cet) (?:week|month|year|quarter|summer|spring|fall|autumn|winter|morning|semaine|année|mois|trimestre|été|printemps|automne|hiver|matin)\b"
    r"|there(?:['’]s| is| are| was| were| has been| have been)\b|it['’]s no (?:wonder|surprise|secret)\b|it(?: is|['’]s) (?:clear|likely|unclear|possible|estimated) that\b|il y a(?:vait)?\b|il (?:faut|s['’]agit|existe|suffit)\b)",
    re.IGNORECASE,
)
"""A time of the article's, or a subject that stands for nothing."""
_CONNECTIVE = re.compile(
    r"^[«“\"'\s–—-]*(?:en (?:outre|effet|revanche|parallèle)|mais|or|donc|ainsi|toutefois|cependant|pourtant|néanmoins|puis|ensuite|par ailleurs|de plus|de même|entre-temps|pire|but|however|yet|also|and|so|then|moreover|meanwhile|in addition|separately|at the same time|dans le même temps|et|enfin|certes|par exemple|de fait|even still|still|indeed|finally|of course|for (?:instance|example)|in fact|furthermore),? ",
    re.IGNORECASE,
)
"""A word that only ties a sentence to the one before it: what follows says all that it says without it."""
_PERSON = re.compile(
    r"^[«“\"'\s–—-]*(?:il|elle|ils|elles|he|she|it|they|his|her|lui|him|cela|ça|ceci|c['’]|(?:this|that|these|those) (?:is|was|were|are|would|will|has|have|had|could|can|may|might|means|comes|makes|gives)|celui|celle|the (?:former|latter)|d['’]autres|another|others|both|such|là|here)\b",
    re.IGNORECASE,
)
"""A pronoun, or one among several, for which no title stands."""
_OF_A_PLACE = r"[\w-]*(?:ain|ais|ien|éen|ois|and|agnol|elge|uisse|urc|ique)(?:ne|e)?s?"
_APPOSITION = re.compile(
    r"^(?:[Ll]e groupe|[Ll]['’]entreprise|[Ll]a (?:société|firme|banque|start-?up|plateforme|filiale|compagnie|chaîne|jeune pousse)|[Ll]e (?:géant|constructeur|distributeur|fabricant|cabinet|spécialiste|numéro un|leader)"
    r"|[Ll]['’](?:éditeur|assureur|opérateur|enseigne|équipementier|industriel|agence|hébergeur))"
    rf"(?:\s+{_OF_A_PLACE})?"
    r"(?:\s+(?:du|des|de la|de|d['’]|de l['’])\s?[a-zà-ÿ-]{3,}(?:\s+(?:en|à|au|aux|de|des|du|d['’])\s?[a-zà-ÿ-]{3,})?"
    rf"(?:\s+{_OF_A_PLACE})?(?:\s+[a-zà-ÿ-]+(?:elle?|ique|aire|able|ive|if|al|ale)s?)?)?"
    r"\s+[A-ZÀ-Þ][\w&.-]+"
    r"|^[Tt]he (?:company|firm|group|bank|insurer|retailer|carrier|maker|chipmaker|platform|airline|agency|unit|subsidiary)(?:,)? [A-Z][\w&.-]+"
)
"""A common noun with the name that it stands for beside it: "L'éditeur de cybersécurité Snyk" leans on nothing."""
_OWN_SUBJECT = re.compile(
    r"^(?:le groupe|l['’]entreprise|la société|la firme|le géant|l['’]éditeur|le constructeur|the company|the firm|the group|il|elle|it|they|ils|elles|"
    r"(?:le |la |l['’]|the )(?:banque|assureur|distributeur|fabricant|opérateur|enseigne|cabinet|start-?up|plateforme|filiale|transporteur|équipementier|industriel|agence|direction|bank|insurer|retailer|carrier|maker|chipmaker|platform|airline|agency|management|unit|subsidiary))\b",
    re.IGNORECASE,
)
_STAND_IN = re.compile(
    r"^(?:le |la |l['’]|the )(?:banque|assureur|distributeur|fabricant|opérateur|enseigne|cabinet|start-?up|plateforme|filiale|transporteur|équipementier|industriel|agence|direction|bank|insurer|retailer|carrier|maker|chipmaker|platform|airline|agency|management|unit|subsidiary)\b",
    re.IGNORECASE,
)
"""A common noun for the body that the title names."""
_STANDS_IN = re.compile(
    r"^(?P<before>[^.;:]{2,40}?)\b(?:the company|the group|the firm|le groupe|l['’]entreprise|la société)\b"
)
"""A body that is not named, after an opening: "On Wednesday the company confirmed"."""
_CALENDAR = re.compile(
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:Jan|Febr)uary|March|April|May|June|July|August|(?:Sept|Nov|Dec)ember|October)\b"
)
_BOILERPLATE = re.compile(
    r"(?:échantillon écrit pour vigie|sample written for vigie|cookies?|newsletter|declined to comment|(?:did|has) not (?:immediately )?(?:respond|comment|repl)\w*|n['’](?:a|ont) pas (?:commenté|souhaité commenter|répondu)|abonnez-vous|subscribe(?!\w)|all rights reserved|tous droits réservés|cliquez|click here|lire aussi|read more|read also|reached out to|(?:had|have|has) not heard back|requests? for comment|share this update|photo\s*:|crédit photo|sign up|table of contents|here['’]s what (?:you (?:should|need to)|to) know|welcome back to|is a series of|subscribers get|follow along|updates here)",
    re.IGNORECASE,
)
_TIE = re.compile(
    r"^(?:(?:Et|Mais|And|But|Donc|Puis)\s+(?!aussi\b|encore\b|pas\b|non\b|then\b|yet\b|even\b|for\b|si\b|if\b)(?=[\w«“\"'])"
    r"|(?:Or|Ainsi|Toutefois|Cependant|Pourtant|Néanmoins|Ensuite|Par ailleurs|De plus|De même|En outre|En effet|Enfin|Certes|Par exemple|De fait|However|Yet|Also|So|Then|Moreover|Meanwhile"
    r"|In addition|Still|Even still|Indeed|Of course|Finally|For instance|For example|In fact|Furthermore|Separately),\s+)"
)
"""What ties a sentence to one that is not shown, as it is left off."""
_NUMBERED = re.compile(r"^(?:\(?\d{1,2}[.)]|\([a-z]{1,3}\))\s+(?=[A-ZÀ-Þ\"«“])")
"""A number in a list."""
_AGENCY = re.compile(r"\((?:Reuters|AP|AFP|Bloomberg)\)\s*[-–—]")
_CODES = re.compile(r"\s?\[RIC:[^\]]*\]|^Loading\s+(?=[A-Z])")
"""An agency's codes, and what a page shows before its text comes."""
_CIRCLED = re.compile(r"[\u2460-\u2473\u2776-\u277f]\s*")
_EMPHASIS = re.compile(r"\*{1,3}(?=\S)|(?<=\S)\*{1,3}|(?<!\w)__?(?=\w)|(?<=\w)__?(?!\w)|`+")
_HEADED = re.compile(r"\*\*[^*\n]{3,80}\*\*")
"""A heading in bold type that runs into its paragraph."""
_RUN_IN_HEAD = re.compile(r"^\s*(?:[-•*–—]\s+)?\*\*[^*\n]{2,70}(?:[.:]\*\*|\*\*\s*[.:–—])\s+(?=[\"“«(*]?[A-ZÀ-Þ0-9])")
"""A heading in bold type that a stop or colon ends: what follows is the sentence."""
SHORTEST = 25
"""Characters of a sentence at least."""
_SPEAKER = re.compile(
    r"[,”\"»]\s(?:he|she|they) (?:said|told|added|wrote|explained|says|notes|noted|argued|argues)\b|\b(?:he|she|they) (?:said|told|added|explained)[.,]|\b(?:a-t-(?:il|elle)|(?:dit|explique|ajoute|précise|affirme|poursuit|estime|résume|conclut|raconte)-t?-?(?:il|elle))\b",
    re.IGNORECASE,
)
"""Somebody speaks whom only the sentence before names."""
_NAMED_WITHIN = re.compile(r"(?<!\w)(?!I\b)[a-z]?[A-ZÀ-Þ][\w&-]+")
_OPENING_WORD = re.compile(
    r"^\W*(?:(?:le|la|les|un|une|des|ce|cette|ces|ainsi|selon|pour|dans|en|au|aux|avec|si|the|an?|in|on|at|as|if|we|you|and|but|for|with|according|there|it|this|that)\b|[ldcn]['’])",
    re.IGNORECASE,
)
"""A word that has its capital from its place."""
_FIRST_PERSON = re.compile(r"(?<![\w.])(?:I|I['’]\w+|[Mm]y|[Mm]e|[Jj]e|[Jj]['’](?=\w)\w+|[Mm]on|[Mm]oi)(?![\w.])")
_PREFIX = re.compile(
    r"^(?:(?:No|Yes|Non|Oui)\.\s+(?=[A-ZÀ-Þ])|AI-assisted summary\s+|(?:UPDATE|Update|Mise à jour)\s*:\s*|[A-ZÀ-Þ][A-ZÀ-Þ .,'’-]{2,28}(?:, [A-ZÀ-Þ][\w.]+)?(?:\s\([^)]{2,30}\))?\s?[–—]\s(?=[A-ZÀ-Þ]))"
)
"""What a page or an agency sets before a sentence: a dateline, a label, the "No." to a question that is not shown."""
_PRONOUNS = r"(?:he|she|they|it|il|elle|ils|elles)"
_LEANING_CLAUSE = re.compile(
    rf"^(?:when|as|while|after|before|although|though|because|if|since|once|quand|lorsqu\w*|après|bien qu\w*|comme|si|alors qu\w*|dès qu\w*)\b[^,]{{0,70}}?\b{_PRONOUNS}\b[^,]{{0,60}}, {_PRONOUNS}\b",
    re.IGNORECASE,
)
"""A pronoun in the clause and in what follows: "When she found that out, she left"."""
_LEANING_PARTICIPLE = re.compile(
    r"^(?:\w+(?:ée?s?|ite?s?|ues?|ise?s?|erte?s?)|\w+ed|Built|Born|Founded|Made|Bought|Led|Based)\b(?: \S+){1,14}?, (?:il|elle|ils|elles|it|they|he|she|the company|l['’]entreprise|la société|le groupe)\b"
)
"""A participle whose subject comes only as a pronoun: "Founded in 2019, it makes lamps"."""
_THIS_TEXT = re.compile(r"^[«“\"'\s]*(?:cette?|ce|this)\s+\w{4,}", re.IGNORECASE)
"""At the beginning of an article "this study" is what its title names."""
_SUBJECTLESS = re.compile(
    r"^[«“\"'\s–—•*-]*(?:Announced|Confirmed|Said|Reported|Laid off|Lays? off|Laying off|Cut|Cuts|Cutting|Plans? to|Planning|Will|Has|Let go|Eliminat\w+|Reduc\w+|Affect\w+|Impact\w+|"
    r"Annoncée?s?|Supprim\w+|Licenci\w+|Prévoit|Va|A supprimé|A licencié)\s+(?!by\b|par\b|[A-ZÀ-Þ])",
)
"""An entry of a list whose heading has the subject: "Announced on March 28 that it has eliminated over 100 jobs"."""


MOST_BEFORE, LONGEST_BEFORE = 3, 420
"""How many sentences, and characters, are shown before one that leans on them."""


def with_lists(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """A sentence that opens a list and the list's items as one span: neither says anything without the other."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        item = text[start : start + 2] in ("- ", "• ", "* ", "– ")
        opened = bool(joined) and (
            text[: joined[-1][1]].endswith(":") or text[joined[-1][0] : joined[-1][1]].count("\n- ")
        )
        if (item and opened and end - joined[-1][0] < 700) or (
            joined
            and _HEADED.fullmatch(text[joined[-1][0] : joined[-1][1]])
            and "\n" not in text[joined[-1][1] : start]
        ):
            joined[-1] = (joined[-1][0], end)
        elif not item:
            joined.append((start, end))
    return joined


LONGEST_QUOTATION = 500
"""Characters of a quotation of several sentences that is taken as one."""


def with_quotations(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sentences that a quotation goes through as one span, from where it opens to where it closes: its pieces say neither who speaks nor all that is
    said. Those of a long quotation stay as they are."""
    joined: list[tuple[int, int]] = []
    at = 0
    while at < len(spans):
        start, end = spans[at]
        last = at
        if _opens_more(text[start:end]):
            for further in range(at + 1, min(at + 5, len(spans))):
                if (
                    spans[further][1] - start > LONGEST_QUOTATION
                    or "\n" in text[spans[further - 1][1] : spans[further][0]]
                ):
                    break
                if not _opens_more(text[start : spans[further][1]]):
                    last = further
                    break
        joined.append((start, spans[last][1]))
        at = last + 1
    return joined


def _opens_more(text: str) -> bool:
    """Whether a quotation that opens in a text does not close in it."""
    return text.count('"') % 2 == 1 or text.count("“") > text.count("”") or text.count("«") > text.count("»")


def plain_sentence(text: str) -> str:
    """A sentence on one line, list items run together, without the marks of a list item or of Markdown's emphasis."""
    text = re.sub(r"\n\s*[-•*–] ", " ", text)
    if (head := _RUN_IN_HEAD.match(text)) is not None and len(text) - head.end() >= SHORTEST:
        text = text[head.end() :]
    text = _PREFIX.sub("", re.sub(r"^\s*[-•*–—]\s+", "", text))
    text = " ".join(_EMPHASIS.sub("", _CIRCLED.sub("", _CODES.sub("", text))).split())
    text = _NUMBERED.sub("", text)
    untied = _TIE.sub("", text)
    return untied if untied == text else untied[:1].upper() + untied[1:]


def _is_sentence(text: str) -> bool:
    """Headings, bylines and list crumbs are none: a sentence ends with a stop and has a few words."""
    stripped = text.rstrip("»”\"' \u00a0\u202f)*_`")
    return stripped.endswith((".", "!", "…")) and len(text.split()) >= 5


def stands_from(
    text: str, spans: Sequence[tuple[int, int]], at: int, title_names: float, *, opens: bool = False
) -> int | None:
    """``opens``: the text is the beginning of its article. Where to begin so that the sentence stands alone: at itself, or at the one before it; None when neither does."""
    start, end = spans[at]
    if at == 0 and opens and _THIS_TEXT.match(text[start:end]):
        return start
    if not _leans(text[start:end]) and not _unnamed(text[start:end]):
        return start
    for back in range(at - 1, max(-1, at - 1 - MOST_BEFORE), -1):
        if spans[at][0] - spans[back][0] > LONGEST_BEFORE or not follows(text, spans, back + 1):
            break
        before = text[slice(*spans[back])]
        begins = back == 0 and opens and bool(_THIS_TEXT.match(before))
        if not _is_sentence(before) or _BOILERPLATE.search(before) or states_nothing(before):
            break
        if begins or not _leans(before):
            return spans[back][0]
    if title_names and (not _leans(text[start:end]) or _STAND_IN.match(text[start:end])):
        return start
    # "The company cuts ..." is clear where the title names it.
    return start if title_names and _OWN_SUBJECT.match(text[start:end]) and at <= 1 else None


def stands_in_its_article(text: str) -> bool:
    """Whether a sentence that leans can be shown where its article's title is told with it: it takes from before no person, nor one of several."""
    return not _PERSON.match(text) and not _LEANING_CLAUSE.match(text) and not _speaker_unnamed(text)


def _speaker_unnamed(text: str) -> bool:
    """Whether "he said" stands in a sentence that names nobody outside of what is said."""
    if not _SPEAKER.search(text):
        return False
    told = re.sub(r"[\"“][^\"”]*[\"”]|«[^»]*»", " ", text).strip()
    return not _NAMED_WITHIN.search(_OPENING_WORD.sub("", told))


def _leans(text: str) -> bool:
    """Whether a sentence takes its subject from the one before it."""
    if _speaker_unnamed(text) or (text.startswith("(") and not _AGENCY.match(text)):
        return True
    if (tie := _CONNECTIVE.match(text)) is not None:
        text = text[tie.end() :]
        return bool(_LEANING.match(text)) and not _LEANS_NOT.match(text) and not _APPOSITION.match(text)
    if _APPOSITION.match(text) or _LEANS_NOT.match(text):
        return False
    return bool(_LEANING.match(text) or _LEANING_CLAUSE.match(text) or _LEANING_PARTICIPLE.match(text))


def _torn_quotation(text: str) -> bool:
    """Whether a sentence is a piece of what somebody says: a quotation that does not end or begin in it, or the first person outside
    of quotation marks."""
    straight, opened, closed = text.count('"'), text.count("“"), text.count("”")
    # Some begin with a straight mark and end with a curly one.
    if (straight + opened + closed) % 2 or (not straight and opened != closed) or text.count("«") != text.count("»"):
        return True
    outside = re.sub(r"[\"“][^\"”]*[\"”]|«[^»]*»|\([^)]*\)", " ", text)
    return bool(_FIRST_PERSON.search(outside))


def follows(text: str, spans: Sequence[tuple[int, int]], at: int) -> bool:
    """Whether a sentence goes on from the one before it: within its paragraph, or where every sentence is a paragraph, as much of
    the press writes."""
    (before, stop), (start, end) = spans[at - 1], spans[at]
    if "\n" not in text[stop:start]:
        return True
    alone = "\n" in text[max(0, before - 2) : before] or before == 0
    return alone and (end >= len(text.rstrip()) or "\n" in text[end : end + 2])


def _unnamed(sentence: str) -> bool:
    """Whether a sentence speaks of "the company" before it names anything."""
    match = _STANDS_IN.match(sentence)
    return match is not None and not re.search(r"[A-ZÀ-Þ]", _CALENDAR.sub("", match["before"])[1:])


def unfit(text: str) -> bool:
    """Whether a sentence is none that could be shown: too short, of the page rather than the article, a heading, an entry of a list without its
    subject, a torn quotation."""
    return (
        len(text) < SHORTEST
        or bool(_BOILERPLATE.search(text))
        or text.rstrip().endswith(":")
        or not _is_sentence(text)
        or bool(_SUBJECTLESS.match(text))
        or _torn_quotation(text)
    )
