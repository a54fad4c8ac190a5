"""What of a page is parsed at all: a parser's time must not be the sender's to spend. Pure.

Python's regular expressions hold every thread up while they run, so that a pattern which takes the square of a page's
length would hold up the whole crawl. Here and in ``extract.py`` none looks beyond the next "<" or a fixed length.
"""

from __future__ import annotations

import re

MOST_TAGS = 100_000
"""Signs that open a tag in a page; real pages have some thousands."""
LONGEST_TEXT = 200_000
"""Characters of a text that are kept: four times the longest of news articles."""
LONGEST_PARSED_DATA = 65_536
"""Characters of a block of structured data that the extractor, whose patterns are not ours, gets to see."""
LONGEST_DATA = 2_000_000
MOST_BLOCKS = 20
_SCRIPT = re.compile(r"<script\b([^<>]{0,1000})>", re.IGNORECASE)
_SCRIPT_END = re.compile(r"</script", re.IGNORECASE)


def too_much_markup(page: str) -> bool:
    """Whether a page has more tags than any article, and would take a parser out of all proportion."""
    return page.count("<") > MOST_TAGS


def linked_data(page: str) -> tuple[str, list[str]]:
    """The page without what of its JSON-LD is too long for the extractor, and the first blocks of JSON-LD."""
    blocks: list[str] = []
    kept: list[str] = []
    done = at = 0
    while start := _SCRIPT.search(page, at):
        end = _SCRIPT_END.search(page, start.end())
        if end is None:
            break
        at = end.end()
        if "ld+json" not in start.group(1).lower():
            continue
        block = page[start.end() : end.start()]
        if len(blocks) < MOST_BLOCKS and sum(map(len, blocks)) + len(block) <= LONGEST_DATA:
            blocks.append(block)
        if len(block) > LONGEST_PARSED_DATA:
            kept.append(page[done : start.end()])
            done = end.start()
    return "".join(kept) + page[done:], blocks


def shortened(text: str) -> str:
    """The text, as far as it is kept, to the end of a paragraph."""
    if len(text) <= LONGEST_TEXT:
        return text
    cut = text.rfind("\n", 0, LONGEST_TEXT)
    return text[: cut if cut > 0 else LONGEST_TEXT].rstrip()
