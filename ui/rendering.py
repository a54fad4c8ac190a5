"""Answers and digests as Markdown, HTML and RSS. What comes from articles is escaped: it is untrusted wherever it is shown."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import datetime

from feedgen.feed import FeedGenerator

from rag.models import Answer, Citation, Digest, Passage, Sentence
from rag.wording import long_date

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>~])")
TEXTS = {
    "fr": {
        "title": "Veille IA : licenciements, automatisation, compétences",
        "period": "Du {since} au {until}",
        "nothing": "Rien de nouveau sur ces thèmes.",
        "withheld": "{n} sujet(s) écarté(s) : aucune phrase vérifiable.",
        "more": "Et {n} autre(s) sujet(s) : une période plus courte les montre.",
        "sources": "Sources",
    },
    "en": {
        "title": "AI watch: layoffs, automation, skills",
        "period": "From {since} to {until}",
        "nothing": "Nothing new on these topics.",
        "withheld": "{n} stories left out: no sentence that could be checked.",
        "more": "And {n} more: a shorter period shows them.",
        "sources": "Sources",
    },
}


def escape_markdown(text: str) -> str:
    """Text that Markdown shows as it is."""
    return _MARKDOWN.sub(r"\\\1", text.replace("\n", " "))


def safe_link(url: str) -> str:
    """A web address that can stand in a link, "" for anything else."""
    return html.escape(url, quote=True) if re.match(r"https?://[^\s\"'<>()]+$", url) else ""


def origin(passage: Passage, language: str) -> str:
    """ "Exemple Quotidien, 28 octobre 2025"."""
    date = long_date(passage.published, language) if passage.published else ""
    return ", ".join(filter(None, (passage.source, date)))


def _markers(sentence: Sentence) -> str:
    return "".join(f"[{n}]" for n in sentence.citations)


def answer_markdown(answer: Answer) -> str:
    """The answer with its sources, as Markdown."""
    lines = [f"{escape_markdown(s.text)} {escape_markdown(_markers(s))}".rstrip() for s in answer.sentences]
    body = "\n\n".join(lines)
    notes = "".join(f"\n\n> {escape_markdown(notice)}" for notice in answer.notices)
    return body + notes + (f"\n\n{_source_list(answer.citations, answer.language)}" if answer.citations else "")


def _source_list(citations: tuple[Citation, ...], language: str) -> str:
    rows = []
    for citation in citations:
        p = citation.passage
        link = safe_link(p.url)
        title = f"[{escape_markdown(p.title)}](<{link}>)" if link else escape_markdown(p.title)
        rows.append(f"{citation.number}. {title}, {escape_markdown(origin(p, language))}")
    return "\n".join(rows)


def digest_markdown(digest: Digest) -> str:
    """The digest as Markdown."""
    text = TEXTS.get(digest.language, TEXTS["fr"])
    parts = [f"# {text['title']}", _period(digest)]
    for section in digest.sections:
        lines = [f"- {escape_markdown(s.text)} {escape_markdown(_markers(s))}".rstrip() for s in section.sentences]
        parts += [f"## {section.title}", "\n".join(lines)]
        if section.more:
            parts.append(text["more"].format(n=section.more))
        parts.append(_source_list(section.citations, digest.language))
    if not digest.sections:
        parts.append(text["nothing"])
    if digest.withheld:
        parts.append(text["withheld"].format(n=digest.withheld))
    return "\n\n".join([*parts, *digest.problems]) + "\n"


def _period(digest: Digest) -> str:
    text = TEXTS.get(digest.language, TEXTS["fr"])
    since, until = (long_date(moment, digest.language) for moment in (digest.since, digest.until))
    return text["period"].format(since=since, until=until)


def digest_html(digest: Digest) -> str:
    """The digest as one self-contained page."""
    text = TEXTS.get(digest.language, TEXTS["fr"])
    e = html.escape
    parts = []
    for number, section in enumerate(digest.sections):
        lines = "".join(
            f"<li>{e(s.text)} {''.join(_reference(number, n) for n in s.citations)}</li>" for s in section.sentences
        )
        sources = "".join(_source_item(number, c, digest.language) for c in section.citations)
        more = f"<p>{text['more'].format(n=section.more)}</p>" if section.more else ""
        parts.append(
            f"<section><h2>{e(section.title)}</h2><ul>{lines}</ul>{more}<h3>{text['sources']}</h3><ol>{sources}</ol></section>"
        )
    if not digest.sections:
        parts.append(f"<p>{text['nothing']}</p>")
    if digest.withheld:
        parts.append(f"<p>{text['withheld'].format(n=digest.withheld)}</p>")
    parts += [f"<p>{e(problem)}</p>" for problem in digest.problems]
    return (
        f'<!doctype html><html lang="{digest.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text['title']}</title><style>{_STYLE}</style></head><body><main><h1>{text['title']}</h1>"
        f"<p>{e(_period(digest))}</p>{''.join(parts)}</main></body></html>\n"
    )


_STYLE = (
    ":root{color-scheme:light dark}body{font:1rem/1.55 system-ui,sans-serif;margin:0}main{max-width:46rem;margin:0 auto;"
    "padding:1.5rem}h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}h3{font-size:.85rem;opacity:.7}"
    "ol{font-size:.85rem}li{margin:.35rem 0}blockquote{margin:.2rem 0;opacity:.8}"
)


def _reference(section: int, number: int) -> str:
    return f'<a href="#s{section}-{number}">[{number}]</a>'


def _source_item(section: int, citation: Citation, language: str) -> str:
    p, e = citation.passage, html.escape
    link = safe_link(p.url)
    title = f'<a href="{link}" rel="noopener noreferrer">{e(p.title)}</a>' if link else e(p.title)
    return f'<li id="s{section}-{citation.number}">{title}, {e(origin(p, language))}<blockquote>{e(citation.quote)}</blockquote></li>'


def digest_rss(digest: Digest) -> str:
    """The digest as an RSS feed, one item a line."""
    text = TEXTS.get(digest.language, TEXTS["fr"])
    feed = FeedGenerator()
    feed.title(text["title"])
    feed.link(href="http://127.0.0.1/", rel="alternate")
    feed.description(_period(digest))
    feed.language(digest.language)
    # What was read is as of the digest's end, not of when it is written out again.
    feed.lastBuildDate(digest.until)
    for section in digest.sections:
        for number, sentence in enumerate(section.sentences):
            entry = feed.add_entry(order="append")
            entry.title(_printable(sentence.text))
            cited = next((c for c in section.citations if c.number in sentence.citations), None)
            if cited is not None and safe_link(cited.passage.url):
                entry.link(href=cited.passage.url)
            entry.description(_printable(cited.quote if cited else sentence.text))
            entry.category(term=section.title)
            entry.guid(f"vigie:{digest.until.isoformat()}:{section.title}:{number}", permalink=False)
            published: datetime | None = cited.passage.published if cited else None
            if published is not None:
                entry.published(published)
    made: bytes = feed.rss_str(pretty=True)
    return made.decode("utf-8")


def _printable(text: str) -> str:
    """What XML can hold."""
    return "".join(c for c in text if c >= " " or c in "\n\t")


FORMATS: dict[str, Callable[[Digest], str]] = {"md": digest_markdown, "html": digest_html, "rss": digest_rss}
