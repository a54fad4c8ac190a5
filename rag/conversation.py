"""Follow-ups become whole questions: "et chez Google ?", "why?", "and since then?". By rule. Pure.

What the follow-up names takes the place of what the question before had of the same kind: a body of the body, a time of the time, a
source of the source, a place of the place. All the rest of the question before stays, with its conditions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from corpus.analysis import fold_accents
from rag.models import Question
from rag.names import is_place
from rag.periods import Period, find_periods
from rag.question import read_question

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
_WHY = re.compile(r"^\s*(?:(?:et|and|mais|but)\s+)?(?:pourquoi|why|how come)\b", re.IGNORECASE)
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
    if not history or not asked or len(asked) > LONGEST_FOLLOW_UP:
        return asked
    history = history[-LONGEST_HISTORY:]
    before = whole_question(history[-1], history[:-1], now, sources, known)
    if not before:
        return asked
    here = read_question(asked, now, sources, known=known)
    there = read_question(before, now, sources, known=known)
    if not _FOLLOW.match(asked):
        return _with_bodies(asked, here, there)
    rest = _LEADING.sub("", asked).strip(" ?!.,;:")
    french = there.language == "fr"
    if _SINCE_THEN.match(asked):
        return f"{before.rstrip(' ?')}, {'les derniers chiffres' if french else 'the latest'} ?"
    if _WHY.match(asked):
        if not re.fullmatch(rf"(?:(?:et|and|mais|but)\s+)?(?:{_ALONE})", asked.rstrip(" ?!."), re.IGNORECASE):
            return _with_bodies(asked, here, there)  # "Et pourquoi a-t-il fait cela à Lyon ?"
        return f"{'Pourquoi : ' if french else 'Why: '}{before}"
    if re.fullmatch(r"(?:19|20)\d\d", rest):
        rest = f"{'en' if french else 'in'} {rest}"
    here = read_question(rest, now, sources, known=known)
    replaced = _replaced(before, rest, here, there, now)
    if replaced is not None:
        return replaced
    if _stands_alone(rest, here):
        return _with_bodies(rest[0].upper() + rest[1:] + " ?", here, there)
    return f"{rest} : {before}" if french else f"{rest}: {before}"


def _with_bodies(asked: str, here: Question, there: Question) -> str:
    """A question whose pronoun means a body of the question before, with that body."""
    if here.companies or not there.companies or not _PRONOUN.search(_IMPERSONAL.sub("", asked)):
        return asked
    return f"{asked.rstrip(' ?')} ({', '.join(there.companies)}) ?"


def _stands_alone(rest: str, here: Question) -> bool:
    """Whether what follows "and" is a question by itself: "And who leads it?"."""
    return here.intent != "open" and len(rest.split()) >= 3


def _replaced(before: str, rest: str, here: Question, there: Question, now: datetime) -> str | None:
    """The question before with what the follow-up names in place of what it had of the same kind; None where it names nothing."""
    changed = before
    periods_here, periods_there = find_periods(rest, now), find_periods(changed, now)
    only_names = len(rest.split()) <= 7
    if not only_names:
        return None
    done = False
    sources = (*here.conditions.sources, *here.wishes.sources)
    if sources:
        named = (*there.conditions.sources, *there.wishes.sources)
        return _swap(changed, named[0], sources[0]) if named else f"{changed.rstrip(' ?')} {rest} ?"
    bodies = [n for n in here.companies if not _is_where(n)]
    places = [n for n in here.companies if _is_where(n)]
    if periods_here:
        changed, done = _with_period(changed, rest, periods_here[0].span, periods_there), True
    if bodies:
        old = [n for n in there.companies if not is_place(fold_accents(n.lower()))]
        if old:
            name = bodies[0] if len(bodies) > 1 or periods_here else _name_of(rest, bodies[0])
            changed = _without(_swap(changed, old[0], name), old[1:]) if len(old) > 1 else _swap(changed, old[0], name)
            for more in bodies[1:]:
                changed = changed.replace(name, f"{name}, {more}", 1)
        else:
            changed = f"{changed.rstrip(' ?')} {rest} ?"
        done = True
    if places:
        old = [n for n in there.companies if is_place(fold_accents(n.lower()))]
        where = _place_phrase(rest, places[0])
        if old:
            pattern = re.compile(
                rf"(?:\b(?:en|à|au|aux|in|at|dans|de|du|des)\s+(?:the |la |le |les |l['’])?)?{re.escape(old[0])}"
            )
            changed = pattern.sub(lambda _: where, changed, count=1)
        elif not bodies:
            changed = f"{changed.rstrip(' ?')} {where} ?"
        done = True
    return changed if done else None


def _is_where(name: str) -> bool:
    return is_place(fold_accents(name.lower())) and fold_accents(name.lower()) not in ("google", "meta")


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
        return f"{before.rstrip(' ?')} {new} ?"
    start, end = old[0].span
    lead = re.search(
        r"(?:\b(?:en|in|depuis|since|avant|before|après|after|au|on|le|fin|début)\s+)?$", before[:start], re.IGNORECASE
    )
    if re.match(r"(?:en|in|depuis|since|avant|before|au|on)\b", new, re.IGNORECASE):
        start = lead.start() if lead else start
    return f"{before[:start]}{new}{before[end:]}"
