"""What each line of a page's text is: a heading, a quotation, an item of a list, or a paragraph. Pure.

The extractor makes a tree of a page and a plain text of the tree. Which element a line came from is not told; so the tree's
words are marked with characters that no page has, made into a text once more, and the marks read off its lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from corpus.blocks import BETWEEN
from corpus.models import BlockKind

Kinds = tuple[BlockKind | None, ...]

_TAGS = {"head": "heading", "quote": "quote", "item": "item", "cell": ""}
"""The extractor's elements and what they make of the words in them."""
_CLOSED = ("head", "item", "cell")
"""What is within one of these is part of it: a heading within an item of a list is that item's beginning."""
# Printable (others the extractor takes out), and signs of a divination text that no news has: U+1D306 and the next.
_MARKS = {"": "\U0001d306", "heading": "\U0001d307", "quote": "\U0001d308", "item": "\U0001d309"}
_KINDS: dict[str, BlockKind | None] = {
    _MARKS[""]: None,
    _MARKS["heading"]: "heading",
    _MARKS["quote"]: "quote",
    _MARKS["item"]: "item",
}
_MARK = re.compile(f"[{''.join(_KINDS)}]")
_UNMARKED = str.maketrans("", "", "".join(_KINDS))


def kinds_of_blocks(tree: Any, text: str, render: Callable[[Any], str]) -> Kinds | None:
    """The kind of each block of ``text``, which ``render`` made of the extractor's ``tree`` (and which is changed here).

    None where it cannot be told for sure: the text with marks, without them, is not the text.
    """
    if not any(True for _ in tree.iter("head", "quote", "item")):
        return (None,) * len(text.split(BETWEEN))
    if any(mark in text for mark in _KINDS):
        return None
    _mark(tree)
    marked = render(tree)
    if marked.translate(_UNMARKED) != text:
        return None
    kinds: list[BlockKind | None] = []
    last: BlockKind | None = None
    for line in marked.split(BETWEEN):
        found = [_KINDS[mark] for mark in _MARK.findall(line)]
        # A line without a mark goes on with the words before it.
        last = found[-1] if found else last
        kinds.append(_kind(found or [last]))
    return tuple(kinds)


def _kind(found: list[BlockKind | None]) -> BlockKind | None:
    """A line of several kinds is a paragraph, but for an item of a list, whatever it holds."""
    return found[0] if found[0] == "item" or len(set(found)) == 1 else None


def _mark(tree: Any) -> None:
    """Set the mark of its kind before every piece of text."""
    within: dict[Any, str] = {}
    for element in tree.iter("*"):
        outer = "" if element is tree else within[element.getparent()]
        within[element] = outer if outer in _CLOSED or element.tag not in _TAGS else element.tag
        element.text = _with_mark(element.text, within[element])
        if element is not tree:
            element.tail = _with_mark(element.tail, outer)


def _with_mark(text: str | None, tag: str) -> str | None:
    if not text or not text.strip():
        return text
    first = len(text) - len(text.lstrip())
    return f"{text[:first]}{_MARKS[_TAGS.get(tag, '')]}{text[first:]}"
