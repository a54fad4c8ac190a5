"""Which of the ranked candidates a reader is shown: one text once, no article crowding out the others, every part of the
question served. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Diversity:
    """``per_article``: how many passages of one article are shown before the others had their turn."""

    per_article: int = 4


DIVERSITY = Diversity()


def diversified(
    order: NDArray[np.int64],
    articles: NDArray[np.uint64],
    groups: NDArray[np.uint64],
    top: int,
    *,
    per_article: int = 3,
) -> list[int]:
    """Positions from ``order`` (best first): at most ``per_article`` chunks of an article, and of articles that are copies
    of each other only the best one's. Held-back ones fill up where there are too few others."""
    chosen: list[int] = []
    held: list[int] = []
    taken: Counter[int] = Counter()
    owner: dict[int, int] = {}
    for position in order.tolist():
        article, group = int(articles[position]), int(groups[position])
        if owner.setdefault(group, article) != article:
            continue
        if taken[article] >= per_article:
            held.append(position)
            continue
        taken[article] += 1
        chosen.append(position)
        if len(chosen) == top:
            return chosen
    return chosen + held[: top - len(chosen)]


def taken_in_turn(rankings: list[list[int]], top: int) -> list[int]:
    """The best of each ranking, then the second best of each, and so on, none twice."""
    chosen: dict[int, None] = {}
    for depth in range(max((len(r) for r in rankings), default=0)):
        for ranking in rankings:
            if depth < len(ranking):
                chosen.setdefault(ranking[depth])
                if len(chosen) == top:
                    return list(chosen)
    return list(chosen)


def sources_in_turn(rows: list[int], sources: NDArray[np.int32], named: Sequence[int], top: int) -> list[int]:
    """Of a question that names several sources, their passages in turn: what it says of one is not answered by another's.
    The source with the best passage begins; what no named source has fills up. ``sources`` (n,) is each row's."""
    of: dict[int, list[int]] = {}
    others: list[int] = []
    for row, source in zip(rows, sources.tolist(), strict=True):
        (of.setdefault(source, []) if source in named else others).append(row)
    # In the order in which they first come: a dict keeps it.
    return (taken_in_turn(list(of.values()), top) + others)[:top]
