"""Names that the library's titles know, so that "combien de postes amazon supprime" names Amazon too."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterable, Mapping

from corpus.analysis import fold_accents
from corpus.store import Store

NEWEST = 5000
"""How many titles are read, the newest first."""
_WORD = re.compile(r"[^\W\d_][\w&-]*")


class KnownNames:
    """Names of one library's titles, read again when the library has changed. Safe to share between threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._guard = threading.Lock()
        self._read: tuple[int, Mapping[str, str]] = (-1, {})

    def __call__(self) -> Mapping[str, str]:
        """Folded word -> the name as titles write it."""
        with self._guard:
            sequence = self._store.sequence()
            if self._read[0] != sequence:
                titles = (article.title for article in self._store.find(limit=NEWEST))
                self._read = (sequence, names_of(titles))
            return self._read[1]


def names_of(titles: Iterable[str]) -> dict[str, str]:
    """Words that titles write with a capital wherever they stand, folded, with how they are written most often.

    A word counts when it stands with a capital past the beginning of a title, and never without one; titles that write most
    words with a capital, as the American press does, tell only that a word never stands without.
    """
    capital: dict[str, Counter[str]] = {}
    plain: set[str] = set()
    for title in titles:
        words = _WORD.findall(title.replace("’", " ").replace("'", " "))
        upper = [w for w in words if not w[0].islower()]
        shouting = len(upper) > 0.6 * len(words)
        plain.update(fold_accents(w.lower()) for w in words if w[0].islower())
        for place, word in enumerate(words):
            alone = place == 0 and any(f"{word}{mark}" in title for mark in (" :", ":", "\u00a0:", "\u202f:"))
            if not word[0].islower() and len(word) > 2 and not shouting and (place > 0 or alone):
                capital.setdefault(fold_accents(word.lower()), Counter())[word] += 1
    return {folded: forms.most_common(1)[0][0] for folded, forms in capital.items() if folded not in plain}
