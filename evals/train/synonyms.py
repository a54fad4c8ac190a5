"""Write the English synonyms that the claim check ships (``rag/synonyms.txt``) from the files of WordNet 3.0.

Two stems are synonyms when they stand in one synset that is among the first senses of both, as WordNet orders them by frequency.
Opposites of ``rag/lexicon.py`` are left out. Usage: ``python -m evals.train.synonyms DICT-FOLDER rag/synonyms.txt``, where the
folder holds ``index.noun``, ``data.noun`` and those of verbs, adjectives and adverbs (wordnet.princeton.edu).
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from rag.lexicon import axes_of, is_known_word
from rag.stems import FUNCTION_WORDS, stem

FIRST_SENSES = 4
"""How deep among a word's senses of a part of speech the common synset may stand."""
MOST = 14
_PLAIN = re.compile(r"[a-z]{3,}")


def synsets(folder: Path, part: str) -> Iterator[list[tuple[str, int]]]:
    """The (word, rank of this sense among its senses) of every synset."""
    ranks: dict[tuple[str, str], int] = {}
    for line in (folder / f"index.{part}").read_text(encoding="ascii").splitlines():
        if not line.startswith(" "):
            fields = line.split()
            offsets = fields[-int(fields[2]) :]
            for rank, offset in enumerate(offsets):
                ranks[fields[0], offset] = rank
    for line in (folder / f"data.{part}").read_text(encoding="latin-1").splitlines():
        if not line.startswith(" "):
            fields = line.split(" ")
            words = [re.sub(r"\(.*", "", w).lower() for w in fields[4 : 4 + 2 * int(fields[3], 16) : 2]]
            yield [(word, ranks.get((word, fields[0]), 99)) for word in words]


def learn(folder: Path) -> dict[str, list[str]]:
    """Stem -> stems that may stand in its place, closest senses first."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for part in ("noun", "verb", "adj", "adv"):
        for words in synsets(folder, part):
            fit = [
                (w, r) for w, r in words if r < FIRST_SENSES and _PLAIN.fullmatch(w) and w not in FUNCTION_WORDS["en"]
            ]
            for word, rank in fit:
                for other, there in fit:
                    a, b = stem(word, "en"), stem(other, "en")
                    if a != b and is_known_word(word) and is_known_word(other) and not _opposed(word, other):
                        found[a][b] = min(found[a].get(b, 99), rank + there)
    return {a: sorted(others, key=lambda b: (others[b], b))[:MOST] for a, others in found.items()}


def _opposed(a: str, b: str) -> bool:
    return any((axis, -side) in axes_of(b) for axis, side in axes_of(a))


def main() -> None:
    table = learn(Path(sys.argv[1]))
    lines = [f"{word} {' '.join(others)}" for word, others in sorted(table.items())]
    Path(sys.argv[2]).write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} stems")


if __name__ == "__main__":
    main()
