"""Follow-ups become whole questions: "et chez Google ?", "why?", "and since then?". By rule. Pure.

What the follow-up names takes the place of what the question before had of the same kind: a body of the body, a time of the time, a
source of the source, a place of the place. All the rest of the question before stays, with its conditions, until the reader lifts them
("toutes sources confondues ?", "any time?").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from corpus.analysis import fold_accents
from rag.models import Question
from rag.periods import Period, find_periods
from rag.question import read_question
from rag.scope import says_where

_ALONE = (
    r"(?:mais )?pourquoi(?: (?:cela|ça|donc|cette décision|ce choix))?|(?:but )?why(?: (?:is that|that|so|not))?|quand(?: ça| exactement| cela)?|when(?: exactly)?|où(?: ça| exactement)?|where(?: exactly)?|"
    r"qui(?: ça| donc)?|who(?: exactly)?|combien(?: au total| en tout)?|how (?:many|much)(?: in total| in all)?|comment(?: ça)?|how(?: so| come)?|lesquels|lesquelles|which ones?|depuis quand|since when|selon qui|according to whom|"
    r"et (?:alors|ensuite|après|maintenant|aujourd['’]hui)|and (?:then|now|today|next|after(?: that| this)?)|what (?:happened )?(?:next|then|after(?: that)?)|et la suite|la suite"
)
_FOLLOW = re.compile(
    rf"^\s*(?:et\b|and\b|mais\b|but\b|ou bien\b|or\b(?= (?:at|in|for))|(?:{_ALONE})\s*\?*\s*$|depuis\b.{{0,25}}\??\s*$|since\b.{{0,25}}\??\s*$|what about\b|how about\b|qu['’]en est-il\b|quid d|"
    r"même (?:question|chose)\b|same (?:question|thing|for)\b|idem\b|ditto\b|(?:en|in|chez|at|à|au|aux|dans|pour|for|selon|according to|avant|before|après|after|d['’]après)\s[^?]{1,40}\?*\s*$)",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^\s*(?:(?:et|and|mais|but|ou bien|or)\b\s*[,:]?\s*)?(?:what about|how about|qu['’]en est-il|quid|même (?:question|chose)|same(?: (?:question|thing))?|idem|ditto)?\b\s*[,:]?\s*",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(
    r"^(?:chez|à|au|aux|at|for|pour|in|en|dans|du|des|de|d['’]|with|avec|of|l['’]|le|la|les|the|selon|according to|d['’]après)\s*",
    re.IGNORECASE,
)
_SINCE_THEN = re.compile(
    r"^\s*(?:(?:et|and|mais|but)\s+)?(?:depuis(?: lors| ce temps)?|since(?: then)?|et (?:ensuite|après|maintenant|aujourd['’]hui)|and (?:then|now|today|next|after(?: that| this)?)|what (?:happened )?(?:next|then|after(?: that)?)|(?:et )?la suite)\s*\?*\s*$",
    re.IGNORECASE,
)
_BEFORE_THEN = re.compile(
    r"^\s*(?:(?:et|and|mais|but)\s+)?(?:avant(?: cela| ça)?|auparavant|before(?: that| then)?|earlier)\s*\?*\s*$",
    re.IGNORECASE,
)
_WHY = re.compile(r"^\s*(?:(?:et|and|mais|but)\s+)?(?:pourquoi|why|how come)\b", re.IGNORECASE)
_BARE = re.compile(rf"^(?:{_ALONE})\s?: (?=\S)", re.IGNORECASE)
"""What a bare word has made of the question before: "Pourquoi : Combien de postes ... ?"."""
_LATEST = re.compile(r", (?:les derniers chiffres|récemment|the latest)(?=\s*\?|\s|$)")
_ANY_SOURCE = r"(?:dans |in |from |across )?(?:toutes? (?:les )?(?:sources|la presse)(?: confondues)?|tous (?:les )?(?:journaux|médias)|all (?:the )?(?:sources|papers|publishers)|any source|every source)"
_ANY_TIME = r"(?:sur |for |at |over )?(?:toute(?: la)? période|toutes (?:les )?(?:dates|années|périodes)(?: confondues)?|any (?:time|date|year)|all (?:dates|years|time)|sans limite de (?:date|temps))"
_ANYTHING = r"sans (?:aucun )?filtres?|without (?:any )?filters?|no filters?"
_LIFTED = re.compile(
    rf"^\s*(?:(?:et|and|mais|but)\s+)?(?:(?P<source>{_ANY_SOURCE})|(?P<time>{_ANY_TIME})|{_ANYTHING})\W*$",
    re.IGNORECASE,
)
"""The reader lifts a condition of the question before."""
_AT = r"(?:\b(?:dans|in|selon|according to|d['’]après|chez|from|sur|on)\s+(?:the |la |le |les |l['’])?)?"
_WHEN = r"(?:\b(?:en|in|depuis|since|avant|before|après|after|au|on|le|fin|début|du|de|of)\s+)*"
_CHATTER = re.compile(
    r"\W*(?:(?:bonjour|bonsoir|salut|coucou|merci|beaucoup|ok|okay|d['’]accord|super|parfait|hello|hi|hey|thanks?|thank you|a lot|great|please|s['’]il (?:te|vous) plaît)\W*)+$",
    re.IGNORECASE,
)
"""What is no question and is not looked back on."""
_PRONOUN = re.compile(
    r"\b(?:il|elle|ils|elles|eux|leurs?|it|its|they|them|their|the company|l['’]entreprise|le groupe|la société|ce groupe|cette entreprise|the group|the firm)\b|-t-(?:il|elle|ils|elles)\b|-(?:ils|elles|il|elle)\b",
    re.IGNORECASE,
)
_IMPERSONAL = re.compile(r"\b(?:y a-t-il|il y a|is it|it is|s['’]il vous|il faut|il s['’]agit)\b", re.IGNORECASE)
_WHERE = re.compile(r"^(?:en|à|au|aux|in)\s", re.IGNORECASE)
LONGEST_FOLLOW_UP = 90
"""Characters: a longer question says what it is about."""
LONGEST_HISTORY = 12
"""Questions that are looked back on."""


def whole_question(
    text: str,
    history: Sequence[str],
    now: datetime,
    sources: Sequence[str] = (),
    known: Mapping[str, str] | None = None,
) -> str:
    """``text`` made whole by the questions before it, the last one first; itself where it stands alone. ``sources`` and ``known`` are the
    library's, as ``read_question`` takes them."""
    asked = " ".join(text.split())
    history = [before for before in history if not _CHATTER.match(before)][-LONGEST_HISTORY:]
    if not history or not asked or len(asked) > LONGEST_FOLLOW_UP:
        return asked
    before = whole_question(history[-1], history[:-1], now, sources, known)
    if not before:
        return asked
    here = read_question(asked, now, sources, known=known)
    there = read_question(before, now, sources, known=known)
    if lifted := _LIFTED.match(asked):
        return _lifted(before, there, now, source=not lifted["time"], time=not lifted["source"])
    if not (_FOLLOW.match(asked) or _names_alone(asked, here, now)):
        return _with_bodies(asked, here, there)
    rest = _LEADING.sub("", asked).strip(" ?!.,;:")
    french = there.language == "fr"
    base = _BARE.sub("", before)
    if _SINCE_THEN.match(asked):
        bounded = _bounded(base, now, "depuis" if french else "since")
        counts = read_question(base, now, sources, known=known).intent == "how-many"
        if find_periods(bounded, now) and not counts:
            return _asking(bounded, french)
        latest = "the latest" if not french else "les derniers chiffres" if counts else "récemment"
        return _asking(f"{bounded}, {latest}", french)
    if _BEFORE_THEN.match(asked) and find_periods(base, now):
        return _asking(_bounded(base, now, "avant" if french else "before"), french)
    if _WHY.match(asked):
        if not re.fullmatch(rf"(?:(?:et|and|mais|but)\s+)?(?:{_ALONE})", asked.rstrip(" ?!."), re.IGNORECASE):
            return _with_bodies(asked, here, there)  # "Et pourquoi a-t-il fait cela à Lyon ?"
        return f"{'Pourquoi : ' if french else 'Why: '}{base}"
    if re.fullmatch(r"(?:19|20)\d\d", rest):
        rest = f"{'en' if french else 'in'} {rest}"
    here = read_question(rest, now, sources, known=known)
    if re.fullmatch(_ALONE, rest, re.IGNORECASE):
        same = here.intent == "how-many" == read_question(base, now, sources, known=known).intent
        return base if same else _led(rest, base, french)
    replaced = _replaced(before, rest, here, there, now)
    if replaced is not None:
        return replaced
    if _stands_alone(rest, here):
        about = re.match(r"(?:pour|for|sur|about|côté)\b", rest, re.IGNORECASE) and not here.companies
        bodies = f" ({', '.join(there.companies)})" if about and there.companies else ""
        return _with_bodies(_asking(f"{rest}{bodies}", french), here, there)
    return _led(rest, base, french)


def _names_alone(asked: str, here: Question, now: datetime) -> bool:
    """Whether a follow-up is nothing but a time or a body, asked about: "hier ?", "mai 2026 ?", "Google ?"."""
    if not asked.endswith("?"):
        return False
    rest = re.sub(r"^\W*(?=(?:19|20)\d\d\W*$)", "in ", asked)
    for period in reversed(find_periods(rest, now)):
        rest = rest[: period.span[0]] + rest[period.span[1] :]
    for name in here.companies:
        rest = rest.replace(name, "")
    return not re.search(r"\w", rest) and re.search(r"\w", asked) is not None


def _led(word: str, before: str, french: bool) -> str:
    """The question before, with a word that asks something of it."""
    return f"{word[0].upper()}{word[1:]}{' : ' if french else ': '}{before}"


def _asking(text: str, french: bool) -> str:
    """A text as a question, its sign set as its language sets it."""
    text = text.rstrip(" ?")
    return f"{text[:1].upper()}{text[1:]}{' ?' if french else '?'}"


def _bounded(before: str, now: datetime, bound: str) -> str:
    """The question before without its sign and its "latest", its time being what is asked from, or up to: "since April 2026"."""
    asked = _LATEST.sub("", before).rstrip(" ?")
    period = next(iter(find_periods(asked, now)), None)
    if period is None:
        return asked
    start, end = period.span
    said = re.sub(rf"^{_WHEN}", "", asked[start:end], flags=re.IGNORECASE)
    lead = re.search(rf"{_WHEN}$", asked[:start], re.IGNORECASE)
    start = lead.start() if lead else start
    # "Between January and March" is one time: what is asked from is its end.
    if (
        both := re.search(r"\b(?:between|entre)\s[^?]{1,40}?\s(?:and|et)\s*$", asked[:start], re.IGNORECASE)
    ) is not None:
        start = both.start()
    day = "le " if bound in ("depuis", "avant") and re.match(r"\d{1,2}(?:er)?\s+\D", said) else ""
    return f"{asked[:start]}{bound} {day}{said}{asked[end:]}"


def _lifted(before: str, there: Question, now: datetime, *, source: bool, time: bool) -> str:
    """The question before without its sources, its time, or both."""
    changed = _LATEST.sub("", before) if time else before
    for name in (*there.conditions.sources, *there.wishes.sources) if source else ():
        changed = re.sub(rf"\s*{_AT}{re.escape(name)}", "", changed, flags=re.IGNORECASE)
    for period in reversed(find_periods(changed, now)) if time else ():
        changed = (
            re.sub(rf"\s*{_WHEN}$", "", changed[: period.span[0]], flags=re.IGNORECASE) + changed[period.span[1] :]
        )
    return changed


def _with_bodies(asked: str, here: Question, there: Question) -> str:
    """A question whose pronoun means a body of the question before, with that body."""
    if here.companies or not there.companies or not _PRONOUN.search(_IMPERSONAL.sub("", asked)):
        return asked
    return _asking(f"{asked.rstrip(' ?')} ({', '.join(there.companies)})", here.language == "fr")


def _stands_alone(rest: str, here: Question) -> bool:
    """Whether what follows "and" is a question by itself: "And who leads it?"."""
    return here.intent != "open" and len(rest.split()) >= 3


def _replaced(before: str, rest: str, here: Question, there: Question, now: datetime) -> str | None:
    """The question before with what the follow-up names in place of what it had of the same kind; None where it names nothing."""
    changed, french = before, there.language == "fr"
    periods_here, periods_there = find_periods(rest, now), find_periods(changed, now)
    only_names = len(rest.split()) <= 7
    if not only_names:
        return None
    done = False
    sources = (*here.conditions.sources, *here.wishes.sources)
    if sources:
        named = (*there.conditions.sources, *there.wishes.sources)
        return _swap(changed, named[0], sources[0]) if named else _asking(f"{changed.rstrip(' ?')} {rest}", french)
    bodies = [n for n in here.companies if not _is_where(n)]
    places = [n for n in here.companies if _is_where(n)]
    if periods_here:
        changed = _LATEST.sub("", changed)
        periods_there = find_periods(changed, now)
        changed, done = _with_period(changed, rest, periods_here[0].span, periods_there), True
    if bodies:
        old = [n for n in there.companies if not _is_where(n)]
        if there.intent == "compare" and len(old) > 1 and not periods_here:
            changed = _beside(changed, old[-1], bodies)
        elif old:
            name = bodies[0] if len(bodies) > 1 or periods_here else _name_of(rest, bodies[0])
            changed = _without(_swap(changed, old[0], name), old[1:]) if len(old) > 1 else _swap(changed, old[0], name)
            for more in bodies[1:]:
                changed = changed.replace(name, f"{name}, {more}", 1)
        else:
            changed = _asking(f"{changed.rstrip(' ?')} {rest}", french)
        done = True
    if places:
        old = [n for n in there.companies if _is_where(n)]
        where = _place_phrase(rest, places[0])
        if old:
            pattern = re.compile(
                rf"(?:\b(?:en|à|au|aux|in|at|dans|de|du|des)\s+(?:the |la |le |les |l['’])?)?{re.escape(old[0])}"
            )
            changed = pattern.sub(lambda _: where, changed, count=1)
        elif not bodies:
            changed = _asking(f"{changed.rstrip(' ?')} {where}", french)
        done = True
    return changed if done else None


def _is_where(name: str) -> bool:
    return says_where(fold_accents(name.lower()))


def _beside(text: str, last: str, more: Sequence[str]) -> str:
    """A comparison with further sides: "Amazon et UPS" becomes "Amazon, UPS et Oracle"."""
    joined = re.search(rf"\s+(et|and|ou|or)\s+(?=(?:chez |at |de |d['’])?{re.escape(last)})", text)
    if joined is None:
        return text.replace(last, ", ".join((last, *more)), 1)
    sides = ", ".join((last, *more[:-1]))
    return f"{text[: joined.start()]}, {text[joined.end() :].replace(last, f'{sides} {joined[1]} {more[-1]}', 1)}"


def _place_phrase(rest: str, place: str) -> str:
    match = re.search(
        rf"(?:\b(?:en|à|au|aux|in|dans)\s+(?:the |la |le |les |l['’])?)?{re.escape(place)}", rest, re.IGNORECASE
    )
    return match.group() if match else place


def _name_of(rest: str, body: str) -> str:
    """The body as the follow-up writes it, without its preposition."""
    name = _PREPOSITION.sub("", _PREPOSITION.sub("", rest))
    return body if body in name or len(name.split()) > 3 else name


def _swap(text: str, old: str, new: str) -> str:
    """One name in another's place, with the French elision or article that goes with it."""
    elided = re.compile(rf"\b(d|qu)['’]{re.escape(old)}", re.IGNORECASE)
    vowel = fold_accents(new.lower())[:1] in "aeiouy"
    if not vowel and elided.search(text):
        return elided.sub(lambda m: f"{m[1]}e {new}" if m[1].lower() == "d" else f"que {new}", text)
    if vowel:
        text = re.sub(rf"\b(d|qu)e {re.escape(old)}", lambda m: f"{m[1]}’{new}", text, flags=re.IGNORECASE)
    return text.replace(old, new)


def _without(text: str, names: Sequence[str]) -> str:
    for name in names:
        text = re.sub(rf"(?:,|\bet|\band|\bou|\bor|\bvs\.?)\s+(?:chez |at |de |d['’])?{re.escape(name)}", "", text)
    return " ".join(text.split())


def _with_period(before: str, rest: str, span: tuple[int, int], old: Sequence[Period]) -> str:
    """The question before with the follow-up's time in place of its own."""
    said = re.search(
        r"(?:\b(?:en|in|depuis|since|avant|before|après|after|au|on|le|fin|début)\s+)?$", rest[: span[0]], re.IGNORECASE
    )
    new = rest[said.start() if said else span[0] : span[1]]
    if not old:
        return f"{before.rstrip(' ?')} {new}{' ?' if before.endswith(' ?') else '?'}"
    start, end = old[0].span
    lead = re.search(
        r"(?:\b(?:en|in|depuis|since|avant|before|après|after|au|on|le|fin|début)\s+)?$", before[:start], re.IGNORECASE
    )
    if re.match(r"(?:en|in|depuis|since|avant|before|au|on)\b", new, re.IGNORECASE):
        start = lead.start() if lead else start
    return f"{before[:start]}{new}{before[end:]}"
