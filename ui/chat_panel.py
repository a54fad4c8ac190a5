"""The chat's evidence panel and messages, as escaped HTML and Markdown: article text is untrusted wherever it is shown. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence

from corpus.models import Article
from rag.models import Answer, Citation, Passage, Sentence
from rag.wording import long_date
from ui.rendering import escape_markdown, origin, safe_link
from ui.texts import text

GetArticle = Callable[[str], Article | None]
CONTEXT_CHARACTERS = 4000
"""What of a stored text is shown around a citation."""


def answer_message(answer: Answer, language: str) -> str:
    """The whole answer as the chat's Markdown."""
    parts = [sentence_line(s, language) for s in answer.sentences]
    parts += [f"*{escape_markdown(notice)}*" for notice in answer.notices]
    if answer.answered and answer.as_of is not None:
        engine = text(language, "extractive") if answer.engine == "extractive" else answer.engine
        parts.append(
            f"<small>{html.escape(text(language, 'engine', engine=engine, date=long_date(answer.as_of, language)))}</small>"
        )
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
        highlighted(article.text, citation.start, citation.end, citation.quote)
        if article
        else f"<mark>{e(citation.quote)}</mark>"
    )
    return (
        f'<li id="cite-{citation.number}" value="{citation.number}"><details><summary><b>[{citation.number}] {e(p.title)}</b>'
        f'<span class="origin">{e(origin(p, language))}</span><q lang="{e(p.language)}">{e(citation.quote)}</q></summary>'
        f'<div class="stored" lang="{e(p.language)}"><p class="label">{text(language, "open")}</p>{stored}</div>{_link(p, language, sample)}</details></li>'
    )


def highlighted(stored: str, start: int, end: int, quote: str) -> str:
    """The stored text around a span, the span marked; the quote alone where the text has changed since."""
    if stored[start:end] != quote:
        found = stored.find(quote)
        if found < 0:
            return f"<p><mark>{html.escape(quote)}</mark></p>"
        start, end = found, found + len(quote)
    first, last = max(0, start - CONTEXT_CHARACTERS), min(len(stored), end + CONTEXT_CHARACTERS)
    before, after = html.escape(stored[first:start]), html.escape(stored[end:last])
    whole = f"{before}<mark>{html.escape(stored[start:end])}</mark>{after}"
    return "".join(f"<p>{block}</p>" for block in re.split(r"\n{2,}", whole) if block.strip())


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
        stored = highlighted(article.text, p.start, p.end, p.text) if article else html.escape(p.text)
        items.append(
            f'<li><details><summary><b>{html.escape(p.title)}</b><span class="origin">{html.escape(origin(p, language))}</span></summary>'
            f'<div class="stored" lang="{html.escape(p.language)}">{stored}</div>{_link(p, language, sample)}</details></li>'
        )
    return f'<h3>{text(language, "nearest")}</h3><ol class="citations plain">{"".join(items)}</ol>'
