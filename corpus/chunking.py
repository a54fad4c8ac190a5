"""Article -> chunks of about 200 tokens on sentence borders, with character offsets into the article's text. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from corpus.models import Article, Chunk
from corpus.sentences import Span, sentences

TARGET_TOKENS = 190
"""With its heading (title, source) a chunk then fills the 256 tokens that the bundled model reads at once."""
LIMIT_TOKENS = 220

CountTokens = Callable[[Sequence[str]], Sequence[int]]
"""Tokens of each text, without special ones."""

_CLAUSE = re.compile(r"(?<=[,;:–—])\s+")
_SPACE = re.compile(r"\s+")


def heading_of(article: Article) -> str:
    """What stands before each of the article's chunks when it is embedded or indexed."""
    return heading(article.title, article.source)


def heading(title: str, source: str) -> str:
    """Title and source, as they stand before a chunk."""
    return f"{title} ({source})" if source else title


def chunk_article(
    article: Article, count_tokens: CountTokens, *, target: int = TARGET_TOKENS, limit: int = LIMIT_TOKENS
) -> list[Chunk]:
    """Chunks that cover every sentence of the article's text once, in order, of nearly equal size.

    No chunk has more than ``limit`` tokens; a longer sentence is cut at clauses, then at spaces, then between
    characters. An article without text gives one chunk of its title alone, so that it can be found (start = end =
    0).
    """
    text = article.text
    pieces = _pieces(text, count_tokens, limit)
    heading = heading_of(article)
    if not pieces:
        return [Chunk(article.id, article.revision, 0, "", 0, 0, heading, 0)]
    groups = _group([tokens for _, tokens in pieces], target, limit)
    chunks = []
    for ordinal, (first, last) in enumerate(groups):
        start, end = pieces[first][0][0], pieces[last - 1][0][1]
        tokens = sum(n for _, n in pieces[first:last])
        chunks.append(Chunk(article.id, article.revision, ordinal, text[start:end], start, end, heading, tokens))
    return chunks


def _pieces(text: str, count_tokens: CountTokens, limit: int) -> list[tuple[Span, int]]:
    """Sentences with their tokens, those over the limit cut up."""
    spans = sentences(text)
    counts = count_tokens([text[a:b] for a, b in spans]) if spans else []
    pieces: list[tuple[Span, int]] = []
    for span, tokens in zip(spans, counts, strict=True):
        pieces += [(span, int(tokens))] if tokens <= limit else _cut(text, span, count_tokens, limit)
    return pieces


def _cut(text: str, span: Span, count_tokens: CountTokens, limit: int) -> Iterator[tuple[Span, int]]:
    """A sentence over the limit as pieces within it."""
    for pattern in (_CLAUSE, _SPACE):
        parts = _split(text, span, pattern)
        if len(parts) > 1:
            counts = count_tokens([text[a:b] for a, b in parts])
            joined = _join(parts, [int(n) for n in counts], limit)
            for part, tokens in joined:
                if tokens <= limit:
                    yield part, tokens
                elif part != span:
                    yield from _cut(text, part, count_tokens, limit)
                else:
                    break
            else:
                return
    start, end = span
    middle = (start + end) // 2
    for part in ((start, middle), (middle, end)):
        (tokens,) = count_tokens([text[part[0] : part[1]]])
        if tokens <= limit or part[1] - part[0] < 2:
            yield part, int(tokens)
        else:
            yield from _cut(text, part, count_tokens, limit)


def _split(text: str, span: Span, pattern: re.Pattern[str]) -> list[Span]:
    parts, start = [], span[0]
    for match in pattern.finditer(text, *span):
        parts.append((start, match.start()))
        start = match.end()
    parts.append((start, span[1]))
    return [part for part in parts if part[0] < part[1]]


def _join(parts: Sequence[Span], counts: Sequence[int], limit: int) -> list[tuple[Span, int]]:
    """Neighbouring parts put together again as far as the limit allows."""
    joined: list[tuple[Span, int]] = []
    for part, tokens in zip(parts, counts, strict=True):
        if joined and joined[-1][1] + tokens <= limit:
            (start, _), before = joined[-1]
            joined[-1] = ((start, part[1]), before + tokens)
        else:
            joined.append((part, tokens))
    return joined


def _group(counts: Sequence[int], target: int, limit: int) -> list[tuple[int, int]]:
    """(first, last) ranges of pieces: as many as ``target`` asks for, of nearly equal size, none over ``limit``."""
    total = sum(counts)
    wanted = max(1, round(total / target))
    goal = total / wanted
    groups: list[tuple[int, int]] = []
    first, size, done = 0, 0, 0
    for i, tokens in enumerate(counts):
        # Close before this piece when it does not fit, or when the border lies nearer to the goal without it.
        if i > first and (size + tokens > limit or size + tokens / 2 > goal):
            groups.append((first, i))
            done += size
            first, size = i, 0
            goal = (total - done) / max(1, round((total - done) / target))
        size += tokens
    groups.append((first, len(counts)))
    return groups
