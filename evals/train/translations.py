"""Learn the word translations that the claim check ships (``rag/translations.txt``) from sentence pairs.

IBM model 1 (Brown et al. 1993) in both directions over folded stems; a pair of stems is kept where both directions find
it likely. Usage: ``python -m evals.train.translations tatoeba-en-fr.tsv.gz tico19.en-fr.tmx rag/translations.txt``.
"""

from __future__ import annotations

import gzip
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.stems import FUNCTION_WORDS, fold, stem

_WORD = re.compile(r"[^\W\d_]{2,}")
MOST = 5


def pairs(tatoeba: Path, tico: Path) -> Iterator[tuple[str, str]]:
    """(English, French) sentences of the two collections."""
    with gzip.open(tatoeba, "rt", encoding="utf-8") as lines:
        for line in lines:
            parts = line.rstrip("\n").split("\t")
            if len(parts) >= 2:
                yield parts[0], parts[1]
    body = tico.read_text(encoding="utf-8")
    unit = re.compile(r'<tuv xml:lang="en">\s*<seg>(.*?)</seg>.*?<tuv xml:lang="fr">\s*<seg>(.*?)</seg>', re.DOTALL)
    for piece in body.split("</tu>"):
        match = unit.search(piece)
        if match is not None:
            yield match.group(1), match.group(2)


def _stems(text: str, language: str) -> list[str]:
    words = (fold(w.group()) for w in _WORD.finditer(text))
    return list(dict.fromkeys(stem(w, language) for w in words if w not in FUNCTION_WORDS[language]))


def _model(
    source: NDArray[np.int64], target: NDArray[np.int64], sentence: NDArray[np.int64], rounds: int = 6
) -> NDArray[np.float64]:
    """Model 1's t(target | source) for every cell: int arrays of equal length, one cell a word pair of one sentence."""
    width = int(target.max()) + 1
    pair, cell = np.unique(source.astype(np.int64) * width + target, return_inverse=True)
    pair_source = pair // width
    value = np.ones(len(pair))
    group_key = sentence.astype(np.int64) * width + target
    _, group = np.unique(group_key, return_inverse=True)
    for _ in range(rounds):
        weight = value[cell]
        weight /= np.bincount(group, weight)[group]
        count = np.bincount(cell, weight, minlength=len(pair))
        value = count / np.bincount(pair_source, count)[pair_source]
    found: NDArray[np.float64] = value[cell]
    return found


def learn(sentences: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    """French stem -> English stems, likeliest first."""
    names: dict[str, tuple[dict[str, int], Counter[str]]] = {"en": ({}, Counter()), "fr": ({}, Counter())}
    cells: list[tuple[int, int, int]] = []
    for order, (english, french) in enumerate(sentences):
        sides = {}
        for language, text in (("en", english), ("fr", french)):
            index, counts = names[language]
            words = _stems(text, language)
            counts.update(words)
            sides[language] = [0, *(index.setdefault(w, len(index) + 1) for w in words)]
        if len(sides["en"]) * len(sides["fr"]) <= 900:
            cells += [(order, f, e) for f in sides["fr"] for e in sides["en"]]
    table = np.array(cells, dtype=np.int64)
    number, french_ids, english_ids = table[:, 0], table[:, 1], table[:, 2]
    keep = english_ids > 0
    to_english = np.zeros(len(table))
    to_english[keep] = _model(french_ids[keep], english_ids[keep], number[keep])
    keep = french_ids > 0
    to_french = np.zeros(len(table))
    to_french[keep] = _model(english_ids[keep], french_ids[keep], number[keep])
    width = int(english_ids.max()) + 1
    key, first, seen = np.unique(french_ids * width + english_ids, return_index=True, return_counts=True)
    score = np.sqrt(to_english[first] * to_french[first])
    french_names = {i: w for w, i in names["fr"][0].items()}
    english_names = {i: w for w, i in names["en"][0].items()}
    found: dict[str, list[tuple[float, str]]] = {}
    for k, s, n, a, b in zip(key, score, seen, to_english[first], to_french[first], strict=True):
        f, e = int(k // width), int(k % width)
        if not f or not e or (n < 2 and s < 0.5) or s < 0.05 or max(a, b) < 0.08:
            continue
        found.setdefault(french_names[f], []).append((-s, english_names[e]))
    return {f: [e for _, e in sorted(es)[:MOST]] for f, es in sorted(found.items())}


def main(tatoeba: str, tico: str, out: str) -> None:
    table = learn(pairs(Path(tatoeba), Path(tico)))
    lines = [f"{f} {' '.join(es)}" for f, es in table.items()]
    Path(out).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    sys.stderr.write(f"{len(lines)} French stems\n")


if __name__ == "__main__":
    main(*sys.argv[1:4])
