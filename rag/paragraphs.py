"""The sentences beside a chosen one that are shown with it, in the words and the order of their article. Pure.

What answers often stands right beside the sentence that is likeliest to: after it, where that only announces it, or before. Sentences that follow each
other in their article also read as they were written, and say of whom they speak.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from corpus.blocks import kind_at
from rag.evidence import Evidence, can_be_shown, sentence_spans
from rag.standing import follows

MOST, LONGEST = 4, 620
"""Sentences and characters of a paragraph at most."""
REPEATED = 0.6
"""Of the words of the shorter one of two sentences that say the same."""
ENOUGH, LONGEST_TOLD = 3, 800
"""Sentences that explain, and their characters."""
LEAST_GAIN = 0.02
"""By so much (of the log of their likelihood together) each further sentence has to make a paragraph likelier to answer. On questions over real news
kept out of learning the answer stood in what was shown for .66 with single sentences, 2.1 from as many places; for .68 in 1.9 places so."""
_OF_A_LIST = re.compile(r"^\s*(?:[-•*–—#>]|\d{1,2}[.)]\s)")


def in_its_paragraph(item: Evidence, evidence: Sequence[Evidence], least_gain: float = LEAST_GAIN) -> Evidence:
    """A piece of evidence with those sentences around it, one after the other, that make it likelier to hold the answer; ``evidence``: all that was
    weighed. Its share is then that of all of them."""
    spans = sentence_spans(item.passage.text)
    own = _own(item, spans)
    if not own:
        return item
    beside = [e for e in evidence if e.passage.chunk_id == item.passage.chunk_id]
    ends = {b: n for n, (_, b) in enumerate(spans)}
    likely: dict[int, float] = {}
    shares: dict[int, float] = {}
    begins: set[int] = set()
    for other in beside:
        at = ends.get(other.end)
        if at is not None:
            likely[at] = max(likely.get(at, 0.0), math.exp(other.weight - item.weight))
            shares[at] = max(shares.get(at, 0.0), other.share)
            # Where it begins by itself, what comes before it is not missed.
            if other.start == spans[at][0] and not other.in_article:
                begins.add(at)
    first, last = _best(item, spans, own, likely, begins, least_gain)
    start, end = min(item.start, spans[first][0]), max(item.end, spans[last][1])
    if (start, end) == (item.start, item.end):
        return item
    share = min(1.0, sum(shares.get(n, 0.0) for n in range(first, last + 1)))
    return replace(
        item,
        start=start,
        end=end,
        share=max(item.share, share),
        in_article=item.in_article and first == own[0],
    )


def _own(item: Evidence, spans: Sequence[tuple[int, int]]) -> list[int]:
    """The numbers of a piece of evidence's own sentences."""
    return [n for n, (a, b) in enumerate(spans) if a < item.end and item.start < b]


def told_on(item: Evidence) -> Evidence:
    """A piece of evidence with what its article goes on with, so that there are three sentences of it at most: what is to be explained is seldom told by
    the sentence that comes nearest to the question, which says who explains it."""
    spans = sentence_spans(item.passage.text)
    own = _own(item, spans)
    end = item.end
    for at in range(own[-1] + 1, min(len(spans), own[0] + ENOUGH)) if own else ():
        if (
            not _goes_with(item, spans, at, own[0])
            # A sentence that is a paragraph by itself may open the next one; a paragraph ends where it ends.
            or (len(own) > 1 and not follows(item.passage.text, spans, at))
            or spans[at][1] - item.start > LONGEST_TOLD
            or _repeats(item, spans, own[0], at)
        ):
            break
        end = spans[at][1]
    return replace(item, end=end)


def _best(
    item: Evidence,
    spans: Sequence[tuple[int, int]],
    own: Sequence[int],
    likely: dict[int, float],
    begins: set[int],
    least_gain: float,
) -> tuple[int, int]:
    """The first and the last of the sentences that are likeliest to answer together."""
    best, chosen = -math.inf, (own[0], own[-1])
    for first in range(own[0], max(-1, own[0] - MOST), -1):
        if first < own[0] and not (
            _goes_with(item, spans, first, own[0]) and follows(item.passage.text, spans, first + 1)
        ):
            break
        if first < own[0] and first not in begins:
            continue
        for last in range(own[-1], min(len(spans), first + max(MOST, len(own)))):
            if last > own[-1] and (
                _repeats(item, spans, first, last)
                or not (_goes_with(item, spans, last, own[0]) and follows(item.passage.text, spans, last))
            ):
                break
            if (first, last) != (own[0], own[-1]) and spans[last][1] - spans[first][0] > LONGEST:
                break
            together = sum(likely.get(n, 0.0) for n in range(first, last + 1))
            worth = math.log(together + 1e-9) - least_gain * (last - first + 1 - len(own))
            if worth > best:
                best, chosen = worth, (first, last)
    return chosen


def _repeats(item: Evidence, spans: Sequence[tuple[int, int]], first: int, at: int) -> bool:
    """Whether a sentence says again what one of those before it says, as the points above an article do."""
    words = [set(item.passage.text[slice(*spans[n])].lower().split()) for n in range(first, at + 1)]
    return any(len(words[-1] & before) > REPEATED * min(len(words[-1]), len(before)) for before in words[:-1])


def _goes_with(item: Evidence, spans: Sequence[tuple[int, int]], at: int, own: int) -> bool:
    """Whether a sentence may stand in a paragraph with the chosen one: it states something, is no item of a list, and of the same kind of text: what is
    quoted stays apart from what is not."""
    passage, text = item.passage, item.passage.text[slice(*spans[at])]
    if not can_be_shown(text) or _OF_A_LIST.match(text):
        return False
    kind = kind_at(passage.blocks, *spans[at])
    return kind != "heading" and kind == kind_at(passage.blocks, *spans[own])
