"""The chat's evidence panel and messages, as escaped HTML and Markdown: article text is untrusted wherever it is shown. Pure."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

from corpus.blocks import all_blocks
from corpus.models import Article, Block
from rag.models import Answer, Citation, Passage, Sentence
from ui.rendering import escape_markdown, origin, safe_link
from ui.texts import of_answer, text

GetArticle = Callable[[str], Article | None]
CONTEXT_CHARACTERS = 4000
"""What of a stored text is shown around a citation."""


def answer_message(answer: Answer, language: str, asked: str = "") -> str:
    """The whole answer as the chat's Markdown."""
    parts = [sentence_line(s, language) for s in answer.sentences]
    parts += [f"*{escape_markdown(notice)}*" for notice in answer.notices]
    parts += [f"<small>{html.escape(line)}</small>" for line in of_answer(answer, asked, language)]
    return "\n\n".join(parts)


def sentence_line(sentence: Sentence, language: str) -> str:
    """A sentence with its markers, each a link to its citation in the panel, and its verdict where it is not supported."""
    marks = "".join(f" [\\[{n}\\]](#cite-{n})" for n in sentence.citations)
    status = ""
    if sentence.status in ("partly", "unsupported"):
        status = f" **⚠ {text(language, sentence.status)}**"
    return f"{escape_markdown(sentence.text)}{marks}{status}"


def evidence_html(answer: Answer, get_article: GetArticle, language: str, *, sample: bool) -> str:
    """Numbered citations: title, source, date, the quote; opened, the stored text with the quote highlighted."""
    if not answer.citations:
        return nearest_html(answer.nearest, get_article, language, sample=sample)
    items = "".join(_citation(c, get_article, language, sample) for c in answer.citations)
    return f'<h3>{text(language, "evidence")}</h3><ol class="citations">{items}</ol>'


def _citation(citation: Citation, get_article: GetArticle, language: str, sample: bool) -> str:
    p, e = citation.passage, html.escape
    article = get_article(p.article_id)
    stored = (
        highlighted(article.text, citation.start, citation.end, citation.quote, article.blocks)
        if article
        else f"<mark>{e(citation.quote)}</mark>"
    )
    return (
        f'<li id="cite-{citation.number}" value="{citation.number}"><details><summary><b>[{citation.number}] {e(p.title)}</b>'
        f'<span class="origin">{e(origin(p, language))}</span><q lang="{e(p.language)}">{e(citation.quote)}</q></summary>'
        f'<div class="stored" lang="{e(p.language)}"><p class="label">{text(language, "open")}</p>{stored}</div>{_link(p, language, sample)}</details></li>'
    )


def highlighted(stored: str, start: int, end: int, quote: str, blocks: Sequence[Block] | None = None) -> str:
    """The stored text around a span, the span marked, headings, quotations and lists as such; the quote alone where the text
    has changed since."""
    if stored[start:end] != quote:
        found = stored.find(quote)
        if found < 0:
            return f"<p><mark>{html.escape(quote)}</mark></p>"
        start, end = found, found + len(quote)
    first, last = max(0, start - CONTEXT_CHARACTERS), min(len(stored), end + CONTEXT_CHARACTERS)
    made: list[str] = []
    within = ""
    for a, b, kind in all_blocks(stored, blocks):
        if a >= last or b <= first:
            continue
        before, opening, closing = _AROUND[kind]
        made.append("" if before == within else f"{_closed(within)}{before}")
        within = before
        # The mark of an item is drawn.
        a = a + 2 if kind == "item" and stored.startswith("- ", a) else a
        a, b = max(a, first), min(b, last)
        made.append(f"{opening}{_marked(stored, a, b, start, end)}{closing}")
    return "".join(made) + _closed(within)


_AROUND = {
    None: ("", "<p>", "</p>"),
    "heading": ("", "<h4>", "</h4>"),
    "quote": ("<blockquote>", "<p>", "</p>"),
    "item": ("<ul>", "<li>", "</li>"),
}
"""By a block's kind: what holds it and its neighbours of that kind, and its own element."""


def _closed(opened: str) -> str:
    return opened.replace("<", "</")


def _marked(stored: str, a: int, b: int, start: int, end: int) -> str:
    """``stored[a:b]``, what of it lies in the span marked."""
    first, last = min(max(a, start), b), max(min(b, end), a)
    if first >= last:
        return html.escape(stored[a:b])
    e = html.escape
    return f"{e(stored[a:first])}<mark>{e(stored[first:last])}</mark>{e(stored[last:b])}"


def _link(passage: Passage, language: str, sample: bool) -> str:
    link = safe_link(passage.url)
    if sample:
        return f'<p class="link">{html.escape(text(language, "sample_link", url=passage.url))}</p>'
    return (
        f'<p class="link"><a href="{link}" target="_blank" rel="noopener noreferrer">{text(language, "publisher")}</a></p>'
        if link
        else ""
    )


def nearest_html(passages: Sequence[Passage], get_article: GetArticle, language: str, *, sample: bool) -> str:
    """The nearest articles of a declined answer, each with its stored text to open."""
    if not passages:
        return f'<p class="hint">{text(language, "no_evidence")}</p>'
    items = []
    for p in passages:
        article = get_article(p.article_id)
        stored = highlighted(article.text, p.start, p.end, p.text, article.blocks) if article else html.escape(p.text)
        items.append(
            f'<li><details><summary><b>{html.escape(p.title)}</b><span class="origin">{html.escape(origin(p, language))}</span></summary>'
            f'<div class="stored" lang="{html.escape(p.language)}">{stored}</div>{_link(p, language, sample)}</details></li>'
        )
    return f'<h3>{text(language, "nearest")}</h3><ol class="citations plain">{"".join(items)}</ol>'
