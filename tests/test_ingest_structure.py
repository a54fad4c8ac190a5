"""Headings, quotations and lists: told of a page's text, kept beside it, of no consequence to the text itself."""

from __future__ import annotations

import html
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trafilatura
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.blocks import all_blocks, blocks_of, blocks_within, kind_at
from corpus.chunking import chunk_article
from corpus.models import Article, Block, PageState
from corpus.sample.pages import articles, page, publishers
from corpus.schema import MIGRATIONS
from corpus.store import Store
from ingest.assemble import article_of, with_what_was_known
from ingest.extract import ExtractedPage, extract_page, tidy_text
from ingest.models import FeedEntry, FetchedPage
from rag.digest import make_digest
from rag.extractive import extract
from rag.models import Passage
from rag.question import read_question
from ui.chat_panel import highlighted

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FILL = "".join(
    f"<p>Paragraphe {i} d’un texte inventé, long comme ceux de la presse le sont le plus souvent.</p>" for i in range(4)
)


def read(body: str, title: str = "", lang: str = "fr") -> ExtractedPage:
    page = f'<html lang="{lang}"><head><title>{title}</title></head><body><main><article>{body}</article></main></body></html>'
    return extract_page(page.encode(), "https://a.example/1", {})


def kinds(page: ExtractedPage) -> list[tuple[str | None, str]]:
    assert page.kinds is not None
    return [(k, t) for k, t in zip(page.kinds, page.text.split("\n\n"), strict=True) if "d’un texte inventé" not in t]


def kept(page: ExtractedPage) -> Article:
    entry = FeedEntry("https://a.example/1", "Titre", None)
    fetched = FetchedPage("https://a.example/1", 200, {}, b"")
    article = article_of(entry, "https://a.example/feed", "Journal", fetched, page, NOW)
    assert article is not None
    return article


def test_headings_quotations_and_items_are_told() -> None:
    page = read(
        f"{FILL}<h2>Ce que <b>change</b> l’annonce</h2>{FILL}<blockquote><p>Nous supprimons des postes.</p><p>Nous le regrettons.</p></blockquote>"
        f"<blockquote>Une <em>autre</em> citation.</blockquote>{FILL}<ul><li>Un point<ul><li>dessous</li></ul></li><li><h3>Titré</h3> deux</li></ul>"
        f"<ol><li>premier</li></ol><table><tr><td>case</td><td>autre</td></tr></table>{FILL}"
    )
    assert kinds(page) == [
        ("heading", "Ce que change l’annonce"),
        ("quote", "Nous supprimons des postes."),
        ("quote", "Nous le regrettons."),
        ("quote", "Une autre citation."),
        ("item", "- Un point"),
        ("item", "- dessous"),
        # Within an item a heading is the item's beginning: the whole of it is no heading.
        ("item", "- Titré deux"),
        ("item", "- premier"),
        (None, "| case | autre |"),
    ]


def test_what_stands_beside_a_text_points_into_it() -> None:
    hidden = "\u202e"  # Taken out of what is kept.
    article = kept(
        read(
            f"<h1>Titre</h1>{FILL}<h2>Un{hidden} intertitre</h2>{FILL}<blockquote>Dit{hidden} ainsi.</blockquote>",
            "Titre",
        )
    )
    assert article.blocks is not None
    assert [(b.kind, article.text[b.start : b.end]) for b in article.blocks] == [
        ("heading", "Un intertitre"),
        ("quote", "Dit ainsi."),
    ]
    assert kept(read(FILL)).blocks == ()


def test_a_quotation_in_a_sentence_keeps_its_marks_and_breaks_no_line() -> None:
    assert kinds(read(f"{FILL}<p>Il a dit <q cite='x'>on embauche</q> puis s’est tu.</p>{FILL}")) == [
        (None, "Il a dit « on embauche » puis s’est tu.")
    ]
    assert kinds(read(f"{FILL}<p>She said <q>we hire</q> and left.</p>{FILL}", lang="en")) == [
        (None, "She said “we hire” and left.")
    ]


def test_what_cannot_be_told_is_not_guessed() -> None:
    page = read(f"{FILL}<h2>Un signe \U0001d307 rare</h2>{FILL}")
    assert "\U0001d307" in page.text
    assert page.kinds is None
    assert kept(page).blocks is None


def test_every_heading_and_item_of_the_sample_is_told() -> None:
    """Against the Markdown that the sample's pages were made of."""
    of = {p.key: p for p in publishers()}
    structured = [a for a in articles() if "\n## " in a.body or "\n- " in a.body]
    assert len(structured) > 10
    for one in structured:
        read = extract_page(page(of[one.publisher], one, ()), one.url, {})
        assert read.kinds is not None
        found: dict[str, list[str]] = {kind: [] for kind in ("heading", "quote", "item")}
        for kind, line in zip(read.kinds, read.text.split("\n\n"), strict=True):
            if kind is not None:
                found[kind].append(line)
        lines = [" ".join(line.split()) for line in one.body.split("\n")]  # The extractor keeps no no-break space.
        assert found == {
            "heading": [line[3:] for line in lines if line.startswith("## ")],
            "quote": [],
            "item": [line for line in lines if line.startswith("- ")],
        }, one.url


PIECES = st.sampled_from(
    [
        *(
            "<h2>",
            "</h2>",
            "<blockquote>",
            "</blockquote>",
            "<ul>",
            "</ul>",
            "<li>",
            "</li>",
            "<p>",
            "</p>",
            "<br>",
            "<table><tr><td>",
        ),
        *(
            "</td></tr></table>",
            "<b>",
            "</b>",
            "<q>",
            "</q>",
            "<pre>",
            "</pre>",
            "<dl><dt>",
            "<dd>",
            "</dl>",
            "<details><summary>",
        ),
        *("</summary>", "</details>", "mot ", "une phrase. ", "&amp; ", "\n", FILL),
    ]
)


@settings(max_examples=60)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_the_text_is_what_it_was_without_its_structure(body: str) -> None:
    """Whatever the markup: the text is the extractor's, and every block is a line of it."""
    plain = body.replace("<q>", "« ").replace("</q>", " »")
    page = f'<html lang="fr"><body><main><article>{FILL}{plain}{FILL}</article></main></body></html>'
    found = read(FILL + body + FILL)
    document = trafilatura.bare_extraction(page, include_comments=False, include_tables=True)
    assert found.text == tidy_text(document.text or "")  # type: ignore[union-attr]
    if found.kinds is not None:
        assert len(found.kinds) == len(found.text.split("\n\n"))


def test_chunks_do_not_depend_on_it() -> None:
    article = kept(read(f"{FILL}<h2>Intertitre</h2>{FILL}<ul><li>un</li></ul>"))
    counted = lambda texts: [len(t.split()) for t in texts]  # noqa: E731
    assert chunk_article(article, counted) == chunk_article(replace(article, blocks=None), counted)


def test_a_wall_that_comes_later_leaves_it() -> None:
    before = replace(kept(read(f"{FILL}<h2>Intertitre</h2>{FILL}")), first_seen=NOW)
    walled = replace(before, text="Un résumé.", status="walled", blocks=None)
    known = with_what_was_known(walled, before, FeedEntry(before.url, "Titre", None))
    assert (known.text, known.blocks) == (before.text, before.blocks)


# -- kept ------------------------------------------------------------------------------------------------------------

TEXT = "Un début.\n\nIntertitre\n\n- un\n\nUne fin."
BLOCKS = blocks_of(TEXT, (None, "heading", "item", None))


def article(text: str = TEXT, blocks: tuple[Block, ...] | None = BLOCKS) -> Article:
    return Article("https://a.example/1", "Titre", text, "Journal", None, "fr", blocks=blocks)


def test_it_is_kept_with_each_revision(home: Path) -> None:
    store = Store(home / "vigie.sqlite")
    key = store.put(article(), seen=NOW).article.id
    other = f"Corrigé.\n\n{TEXT}"
    store.put(article(other, blocks_of(other, (None, None, "heading"))), seen=NOW + timedelta(days=2))
    first, second = store.revisions(key)
    assert (first.blocks, second.blocks) == (BLOCKS, (Block(21, 31, "heading"),))
    was = store.get(key, as_of=NOW + timedelta(days=1))
    assert was is not None
    assert was.blocks == BLOCKS
    assert [a.blocks for a in store.find(with_text=True)] == [second.blocks]


def test_what_is_known_of_a_text_later_is_no_revision_and_no_change(home: Path) -> None:
    store = Store(home / "vigie.sqlite")
    store.put(article(blocks=None), seen=NOW)
    stored = store.put_crawled(article(), PageState("https://a.example/1"), seen=NOW)
    assert stored is not None
    assert (stored.kind, stored.article.blocks, store.sequence()) == ("unchanged", BLOCKS, 1)
    # Nor is it forgotten when a feed carries the same text.
    assert store.put(article(blocks=None), seen=NOW).article.blocks == BLOCKS


@pytest.mark.parametrize("read_only", [False, True])
def test_a_library_of_an_older_form_is_read(home: Path, read_only: bool) -> None:
    home.mkdir(parents=True, exist_ok=True)
    old = sqlite3.connect(home / "vigie.sqlite")
    for number, step in enumerate(MIGRATIONS[:2], start=1):
        old.executescript(f"{step} PRAGMA user_version = {number};")
    key = article().id
    old.execute(
        "INSERT INTO articles VALUES (?, 'https://a.example/1', 1, 'Journal', NULL, 'fr', '', '', '2026-03-01T00:00:00.000000Z', "
        "'full', '{}', '', '')",
        (key,),
    )
    old.execute("INSERT INTO revisions VALUES (?, 1, '2026-03-01T00:00:00.000000Z', 'Titre', ?, 'x')", (key, TEXT))
    old.commit()
    old.close()
    store = Store(home / "vigie.sqlite", read_only=read_only)
    found = store.get(key)
    assert found is not None
    assert (found.text, found.blocks, store.revisions(key)[0].blocks) == (TEXT, None, None)


# -- used ------------------------------------------------------------------------------------------------------------


def test_pieces_of_a_text_have_their_own_offsets() -> None:
    start, end = TEXT.index("titre"), TEXT.index("un\n\nUne") + 1
    assert blocks_within(BLOCKS, start, end) == (Block(0, 5, "heading"), Block(7, 10, "item"))
    assert blocks_within(None, 0, 10) == ()
    assert kind_at(BLOCKS, 12, 14) == "heading"
    assert kind_at(BLOCKS, 0, len(TEXT)) is None
    assert [(TEXT[a:b], kind) for a, b, kind in all_blocks(TEXT, BLOCKS)] == [
        ("Un début.", None), ("Intertitre", "heading"), ("- un", "item"), ("Une fin.", None)]  # fmt: skip


SAID = "Zébulon supprime 1 200 postes à Lyon."
ASKED = read_question("Combien de postes Zébulon supprime-t-il à Lyon ?", NOW)


def passage(kind: str | None, said: str = SAID) -> Passage:
    text = f"Le groupe a parlé lundi devant la presse à Lyon.\n\n{said}"
    blocks = blocks_of(text, (None, kind))  # type: ignore[arg-type]
    return Passage(text, title="Zébulon annonce un plan", source="Journal", published=NOW, language="fr", blocks=blocks)


def test_a_heading_is_never_shown_as_a_sentence() -> None:
    assert [s.text for s in extract(ASKED, [passage(None)]).sentences] == [
        "Zébulon supprime 1 200 postes à Lyon (Journal, 1er mars 2026)."
    ]
    assert not any("1 200" in e.text for e in extract(ASKED, [passage("heading")]).evidence)


def test_nothing_leans_on_a_heading() -> None:
    said = f"{SAID}\n\nLe groupe y supprime 1 200 postes."
    there = passage(None, said)
    leaning = [e for e in extract(ASKED, [there]).evidence if e.text.endswith("y supprime 1 200 postes.")]
    assert [e.text.startswith("Zébulon") for e in leaning] == [True]
    headed = replace(there, blocks=blocks_of(there.text, (None, "heading")))
    assert not any("1 200" in e.text for e in extract(ASKED, [headed]).evidence)


def test_what_a_page_sets_apart_as_said_is_shown_between_marks() -> None:
    (shown,) = extract(ASKED, [passage("quote")]).sentences
    assert shown.text == "«\u00a0Zébulon supprime 1 200 postes à Lyon.\u00a0» (Journal, 1er mars 2026)."
    marked = "« Zébulon supprime 1 200 postes à Lyon. »"
    assert marked in [e.worded() for e in extract(ASKED, [passage("quote", marked)]).evidence]


def test_a_digest_shows_no_heading() -> None:
    there = passage("heading")
    one = Article(
        "https://a.example/1",
        "Zébulon supprime 1 200 postes à Lyon",
        there.text,
        "Journal",
        NOW,
        "fr",
        topics={"layoffs": 0.9},
    )
    sections = make_digest([one], since=NOW, until=NOW).sections
    assert [s.text.startswith("Zébulon supprime") for section in sections for s in section.sentences] == [True]
    headed = make_digest([replace(one, blocks=there.blocks)], since=NOW, until=NOW)
    assert not any(SAID[:-1] + " (" in s.text for section in headed.sections for s in section.sentences)


def test_the_reader_shows_it_escaped() -> None:
    text = "Avant.\n\nTitre <b>\n\n- un <i>\n\n- deux\n\nDit.\n\nEncore dit.\n\nAprès."
    blocks = blocks_of(text, (None, "heading", "item", "item", "quote", "quote", None))
    start = text.index("un <i>")
    made = highlighted(text, start, text.index("deux") + 2, text[start : text.index("deux") + 2], blocks)
    assert made == (
        "<p>Avant.</p><h4>Titre &lt;b&gt;</h4><ul><li><mark>un &lt;i&gt;</mark></li><li><mark>de</mark>ux</li></ul>"
        "<blockquote><p>Dit.</p><p>Encore dit.</p></blockquote><p>Après.</p>"
    )
    assert html.escape("<b>") in made


def test_a_mark_over_two_paragraphs_opens_and_closes_in_each() -> None:
    assert highlighted("Un.\n\nDeux.", 0, 10, "Un.\n\nDeux.") == "<p><mark>Un.</mark></p><p><mark>Deux.</mark></p>"
