"""A text's structure beside the text: which of its blocks are headings, quotations or items of a list. Pure.

A text is plain, a block a paragraph, an empty line between two. What else a block is stands off the text, so that no
offset, sentence, chunk or vector depends on it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from corpus.models import Block, BlockKind

BETWEEN = "\n\n"


def blocks_of(text: str, kinds: Iterable[BlockKind | None]) -> tuple[Block, ...]:
    """The blocks of a text that are no plain paragraphs; ``kinds``: of each block in order, None for a paragraph."""
    found: list[Block] = []
    start = 0
    for piece, kind in zip(text.split(BETWEEN), kinds, strict=False):
        if kind is not None and piece:
            found.append(Block(start, start + len(piece), kind))
        start += len(piece) + len(BETWEEN)
    return tuple(found)


def blocks_within(blocks: Sequence[Block] | None, start: int, end: int) -> tuple[Block, ...]:
    """What lies in ``text[start:end]``, with offsets into that piece."""
    return tuple(
        Block(max(b.start, start) - start, min(b.end, end) - start, b.kind)
        for b in blocks or ()
        if b.start < end and start < b.end
    )


def kind_at(blocks: Sequence[Block], start: int, end: int) -> BlockKind | None:
    """What holds all of ``text[start:end]``, None where that is a paragraph, or several blocks."""
    return next((b.kind for b in blocks if b.start <= start and end <= b.end), None)


def all_blocks(text: str, blocks: Sequence[Block] | None) -> Iterator[tuple[int, int, BlockKind | None]]:
    """(start, end, kind) of every block of a text, paragraphs included, in order; none is empty."""
    start = 0
    for piece in text.split(BETWEEN):
        end = start + len(piece)
        if piece.strip():
            yield start, end, kind_at(blocks or (), start, end)
        start = end + len(BETWEEN)


def blocks_to_json(blocks: Sequence[Block] | None) -> str | None:
    """As the store keeps them; None (not known) stays None."""
    return None if blocks is None else json.dumps([[b.start, b.end, b.kind] for b in blocks])


def blocks_from_json(text: str | None) -> tuple[Block, ...] | None:
    """The inverse of ``blocks_to_json``."""
    return None if text is None else tuple(Block(start, end, kind) for start, end, kind in json.loads(text))
