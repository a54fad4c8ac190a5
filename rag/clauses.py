"""A long question taken apart into what it says: each clause is looked for by itself too, for the text that answers one is
drowned by the others. French and English. Pure.

A rule, not a parser: cuts at signs and words that join clauses, then puts what says too little to its neighbour.
"""

from __future__ import annotations

import re
from itertools import pairwise

SHORTEST = 80
"""Characters of a question that is taken apart at least: a shorter one asks one thing."""
LEAST_WORDS = 4
"""Words that tell something in a clause at least."""
MOST_CLAUSES = 5

_ENGLISH_AFTER_COMMA = "while|whereas|but|and|yet|or|who|which|whose|where|as|is|are|was|were|has|had|did|does|do|despite|though|although|indicating|suggesting|with|known"
_FRENCH_AFTER_COMMA = "tandis|alors|mais|et|ou|qui|que|dont|où|bien|malgré|selon|est|sont|était|a|ont|avait|avec|connue?|puis|contrairement"
_ENGLISH_JOINING = r"while|whereas|whilst|despite|compared (?:to|with)|rather than|than (?:the|how|that|what)|from how|but (?:also|is|has|was|not)|and (?:is|was|has|had|are|were|the|by|also|who|which|whose|from|an?|it|did|does|in)|who also|which also"
_FRENCH_JOINING = r"tandis qu[e'’]|alors qu[e'’]|malgré|par rapport (?:à|au|aux)|plutôt qu[e'’]|contrairement (?:à|au|aux)|mais (?:aussi|est|a|pas)|et (?:le|la|les|qui|que|dont|est|sont|a|ont|par|selon|un|une|celui|celle|ceux|dans)|et (?=[ld]['’])"
_CUT = re.compile(
    rf"[,;:]\s+(?=(?:{_ENGLISH_AFTER_COMMA}|{_FRENCH_AFTER_COMMA})\b)"
    rf"|\s+(?=(?:{_ENGLISH_JOINING}|{_FRENCH_JOINING})(?:\b|(?<=['’])))"
    r"|;\s+"
    # A list goes on with a name: "by The Verge, CNBC"; a date does with figures.
    r"|,\s+(?=['‘\"“«A-ZÀ-Þ])"
)
_WORD = re.compile(r"\w[\w'’.-]*")
_TELLS_NOTHING = frozenset(
    """a about after all also an and are article articles as at be been before between both but by claim claims coverage did do does
    during for from had has have how in is it its more no not of on or over piece report reported reports some story suggest suggests than
    that the their these this those to was were what when where which while who whose with
    a ai alors au aux avec avant après article ce ces cette comme dans de des deux dont du elle en entre est et il ils la le les leur
    lors mais ne on ont ou où par pas plus pour qu que qui quel quelle sa se selon ses son sont sur tandis un une""".split()
)


def clauses(text: str) -> tuple[tuple[int, int], ...]:
    """The spans of the clauses of a question, in order and without gaps but for white space; none where there is but one.

    Each has ``LEAST_WORDS`` words that tell something, and there are ``MOST_CLAUSES`` at most.
    """
    if len(text) < SHORTEST:
        return ()
    borders = [0, *(match.end() for match in _CUT.finditer(text)), len(text)]
    pieces = [(a, b) for a, b in pairwise(borders) if a < b]
    joined: list[tuple[int, int]] = []
    for start, end in pieces:
        if joined and min(_telling(text, *joined[-1]), _telling(text, start, end)) < LEAST_WORDS:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    while len(joined) > MOST_CLAUSES:
        at = min(range(len(joined) - 1), key=lambda i: joined[i + 1][1] - joined[i][0])
        joined[at : at + 2] = [(joined[at][0], joined[at + 1][1])]
    return tuple(joined) if len(joined) > 1 else ()


def _telling(text: str, start: int, end: int) -> int:
    return sum(word.lower() not in _TELLS_NOTHING for word in _WORD.findall(text[start:end]))
