"""The texts that train the bundled model, and no others: what may be redistributed with what it taught.

Tatoeba's English-French pairs (CC BY 2.0), TICO-19 (CC0), and PIAF's questions on paragraphs whose text has an even
SHA-1 (MIT, text CC BY-SA; the odd ones are kept to measure with). Expected in one folder: ``parallel/tatoeba-en-fr.tsv.gz``,
``parallel/tico19.en-fr.tmx``, ``piaf/piaf.json``.
"""

from __future__ import annotations

import gzip
import hashlib
import html
import json
import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Corpus:
    """``short`` and ``prose``: (English, French) pairs, ``prose`` in the order of its documents; ``asked``: (French
    paragraph, its (question, answer) pairs)."""

    short: list[tuple[str, str]]
    prose: list[tuple[str, str]]
    asked: list[tuple[str, list[tuple[str, str]]]]

    def french(self) -> list[str]:
        """Every French text."""
        pairs = [fr for _, fr in self.short + self.prose]
        return pairs + [text for text, _ in self.asked] + [q for _, questions in self.asked for q, _ in questions]

    def english(self) -> list[str]:
        """Every English text."""
        return [en for en, _ in self.short + self.prose]


def read_corpus(folder: Path) -> Corpus:
    """Read the three sources."""
    with gzip.open(folder / "parallel" / "tatoeba-en-fr.tsv.gz", "rt", encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    short = [(row[0], row[1]) for row in rows if len(row) >= 2 and row[0] and row[1]]
    memory = (folder / "parallel" / "tico19.en-fr.tmx").read_text(encoding="utf-8")
    prose = []
    for unit in memory.split("<tu ")[1:]:
        found = re.findall(r"<seg>(.*?)</seg>", unit, re.DOTALL)
        if len(found) == 2:
            prose.append((html.unescape(found[0]).strip(), html.unescape(found[1]).strip()))
    asked = []
    for article in json.loads((folder / "piaf" / "piaf.json").read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            text = paragraph["context"]
            if int(hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest(), 16) % 2 == 0:
                asked.append((text, [(q["question"], q["answers"][0]["text"]) for q in paragraph["qas"]]))
    return Corpus(short, prose, asked)
