"""Values on the terminal. Article text is printed as text alone: no markup, no control characters."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from corpus.blocks import all_blocks
from corpus.models import Article, BlockKind, FeedState, LibraryStats, Revision, StaleCitation
from ingest.models import CrawlReport
from rag.models import Answer, Passage, SearchResult
from rag.wording import quoted
from ui.cli_state import clean, err, out
from ui.rendering import origin
from ui.texts import of_answer

_STYLES: dict[BlockKind | None, str] = {"heading": "bold", "quote": "italic"}
_STATUS = {"partly": " (?)", "unsupported": " (!)"}


def print_answer(answer: Answer, asked: str = "") -> None:
    """Sentences with markers, then the numbered sources with their quotes; the nearest articles when declined."""
    for sentence in answer.sentences:
        marks = "".join(f"[{n}]" for n in sentence.citations)
        out.print(
            Text.assemble(
                clean(sentence.text),
                (f" {marks}" if marks else "", "bold cyan"),
                (_STATUS.get(sentence.status, ""), "yellow"),
            )
        )
    for notice in answer.notices:
        err.print(Text(clean(notice), style="yellow"))
    for line in of_answer(answer, asked, answer.language):
        err.print(Text(line, style="dim"))
    if answer.citations:
        out.print()
    for citation in answer.citations:
        p = citation.passage
        out.print(
            Text.assemble(
                (f"[{citation.number}] ", "bold cyan"), clean(p.title), (f"  {origin(p, answer.language)}", "dim")
            )
        )
        out.print(Text(f"    {quoted(' '.join(clean(citation.quote).split()), p.language)}"))
        out.print(Text(f"    vigie articles {p.article_id}   {clean(p.url)}", style="dim"))
    for passage in answer.nearest:
        out.print(Text.assemble("  • ", clean(passage.title), (f"  {origin(passage, answer.language)}", "dim")))


def print_search(result: SearchResult, *, explain: bool) -> None:
    """Passages with their place in the ranking; with ``explain`` what the question said, and scores by stage."""
    if explain:
        question = result.question
        err.print(
            Text(
                f"language {question.language}, intent {question.intent}, names {', '.join(question.companies) or '-'}",
                style="dim",
            )
        )
        err.print(Text(f"filters {result.filters}", style="dim"))
        err.print(Text(f"wishes {question.wishes}", style="dim"))
        for clause in question.clauses:
            err.print(Text(f"clause “{clean(clause.text)}”", style="dim"))
        for note in result.notes:
            err.print(Text(note, style="dim"))
    for number, passage in enumerate(result.passages, start=1):
        _print_passage(number, passage)
        if explain:
            ranks = result.explanation[number - 1]["ranks"]
            assert isinstance(ranks, dict)
            shown = "  ".join(
                f"{stage} {score:.3f} (#{ranks.get(stage, 0)})" for stage, score in passage.scores.items()
            )
            out.print(Text(f"   {shown}", style="magenta"))
    if not result.passages:
        err.print("Nothing found; widen the filters or ask in other words.")
    if explain:
        err.print(Text("  ".join(f"{stage} {ms:.1f} ms" for stage, ms in result.timings_ms.items()), style="dim"))


def _print_passage(number: int, passage: Passage) -> None:
    text = " ".join(clean(passage.text).split())
    out.print(
        Text.assemble(
            (f"{number}. ", "bold"), (clean(passage.title), "bold"), (f"  {origin(passage, passage.language)}", "dim")
        )
    )
    out.print(Text(f"   {text[:300]}{'…' if len(text) > 300 else ''}"))


def print_article_list(articles: Sequence[Article]) -> None:
    """One line an article."""
    for article in articles:
        date = f"{article.published:%Y-%m-%d}" if article.published else "----------"
        note = "" if article.status == "full" else f" [{article.status}]"
        out.print(
            Text.assemble(
                (article.id, "cyan"),
                f"  {date}  {article.language or '--'}  {clean(article.title)}",
                (f"  {article.source}{note}", "dim"),
            )
        )
    if not articles:
        err.print("No articles; crawl first, or widen the filters.")


def print_article(article: Article) -> None:
    """The stored text."""
    date = f"{article.published:%Y-%m-%d}" if article.published else "undated"
    out.print(Text(clean(article.title), style="bold"))
    out.print(
        Text(
            f"{article.source}, {date}, revision {article.revision}, {article.status}\n{clean(article.url)}\n",
            style="dim",
        )
    )
    text = article.text or article.summary
    # As it is stored, so that it can be searched and piped; what is no paragraph shows by its style.
    for start, end, kind in all_blocks(text, article.blocks if article.text else None):
        out.print(Text(clean(text[start:end]), style=_STYLES.get(kind, "")), end="\n\n" if end < len(text) else "\n")


def print_revisions(revisions: Sequence[Revision]) -> None:
    """Every state of an article, each after the first by the lines that changed."""
    before: list[str] = []
    for revision in revisions:
        out.print(Text(f"Revision {revision.number}, read {revision.seen:%Y-%m-%d %H:%M}", style="bold"))
        lines = [clean(line) for line in (revision.title, *revision.text.splitlines()) if line]
        changes = lines if not before else [c for c in difflib.ndiff(before, lines) if c[:2] in ("- ", "+ ")]
        for line in changes:
            out.print(Text(line))
        before = lines


def print_stale(citations: Sequence[StaleCitation], *, left_out: int = 0) -> None:
    """What was cited and has changed since; ``left_out`` counts citations whose articles changed elsewhere."""
    for c in citations:
        now = f"revision {c.cited} of now {c.current}" if c.current else "deleted since"
        what = "the passage has changed" if c.changed else "the article has changed elsewhere"
        out.print(Text(f"{clean(c.place)}, {c.at:%Y-%m-%d %H:%M}", style="bold"))
        out.print(Text(f"  {clean(c.title)} ({clean(c.url) or c.article_id}), {now}: {what}"))
        if c.quote:
            out.print(Text(f"  cited: {clean(c.quote)}", style="dim"))
    if not citations:
        more = f" The articles of {left_out} citations changed elsewhere (--all)." if left_out else ""
        err.print(f"Nothing that was cited has changed since.{more}", markup=False)


def print_crawl(report: CrawlReport) -> None:
    """The summary of a crawl."""
    f, a = report.feeds, report.articles
    out.print(f"Feeds: {f.checked} with news, {f.unchanged} unchanged, {f.failed} failed.")
    out.print(f"Articles: {a.new} new, {a.updated} updated, {a.unchanged} unchanged, {a.duplicate} duplicates.")
    if f.waiting:
        out.print(
            f"Left alone for now: {f.waiting}, after failures or as they asked; 'vigie feeds list' says until when."
        )
    for name, reasons in (("Only what the feed carries", a.shortened), ("Skipped", a.skipped), ("Failed", a.failed)):
        for reason, count in reasons.items():
            out.print(Text(f"{name}: {count}, {clean(reason)}"))
    for problem in report.problems:
        err.print(Text(clean(problem), style="yellow"))
    out.print(f"{report.seconds:.1f} s.")


def print_stats(stats: LibraryStats) -> None:
    """What the library holds."""
    sample = " (sample)" if stats.sample else ""
    out.print(
        Text(
            f"{stats.home}{sample}: {stats.articles} articles, {stats.chunks} chunks, {stats.feeds} feed{'s' if stats.feeds != 1 else ''}; embedder {stats.embedder}"
        )
    )
    for title, counts in (
        ("Languages", stats.by_language),
        ("Topics", stats.by_topic),
        ("Sources", dict(list(stats.by_source.items())[:15])),
    ):
        out.print(Text(f"{title}: " + ", ".join(f"{clean(name) or '?'} {n}" for name, n in counts.items())))
    for stage in stats.stages:
        out.print(f"{stage.name}: {'up to date' if not stage.behind else f'{stage.behind} changes behind'}")


def print_feeds(feeds: Sequence[FeedState]) -> None:
    """The subscriptions and how they fare."""
    table = Table(box=None, pad_edge=False)
    for title in ("Feed", "Last success", "Next check", "A week", "Full texts", "State"):
        table.add_column(title, overflow="fold")
    for feed in feeds:
        last = f"{feed.last_success:%Y-%m-%d %H:%M}" if feed.last_success else "never"
        due = "never" if feed.ended else f"{feed.next_check:%Y-%m-%d %H:%M}" if feed.next_check else "now"
        state = feed.ended or feed.error or ("ok" if feed.last_success else "not asked yet")
        table.add_row(
            Text("\n".join(dict.fromkeys(filter(None, (clean(feed.title), clean(feed.url)))))),
            last,
            due,
            f"{feed.entries_per_week:.1f}",
            f"{feed.full_share:.0%}",
            Text(clean(state)),
        )
    out.print(table)
    if not feeds:
        err.print(
            "No subscriptions yet: 'vigie crawl' uses the list that Vigie ships, 'vigie feeds import' takes yours."
        )
