"""The crawler's floors, in small; the whole series is ``vigie eval crawl``."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vigie
from corpus.memory import give_back
from corpus.models import Article
from evals.bench_crawl import token_f1
from evals.crawl_floors import faultless, measure_faults, measure_kills
from evals.hostile import TARGETS
from evals.newsroom import WordEmbedder, crawl_settings

SOUND = {
    "articles": 5,
    "exactly_once": 5,
    "lost": 2,
    "lost_absent": 2,
    "lost_reported": 2,
    "strange": 0,
    "forbidden": 0,
    "concurrent_hosts": 0,
    "gaps_under_delay": 0,
    "second_crawl_bodies": 0,
    "feeds": 3,
    "feeds_304": 3,
    "revised": 4,
    "corrections_found": 4,
    "corrections_read": 4,
    "corrections_invented": 0,
    "doctor": [],
    "forbidden_in_the_end": 0,
    "concurrent_hosts_in_the_end": 0,
    "gaps_under_delay_in_the_end": 0,
}


def test_every_single_failure_is_seen() -> None:
    assert faultless(SOUND)
    for name, value in SOUND.items():
        wrong = ["a problem"] if name == "doctor" else value + 1
        assert not faultless(SOUND | {name: wrong}), name


@pytest.mark.slow
@pytest.mark.shared
def test_a_small_newsroom_with_faults_and_a_killed_crawl(shared: Path, tmp_path: Path) -> None:
    figures = measure_faults(shared, tmp_path / "faults", 3, "--limit", "30")
    assert faultless(figures), figures
    killed = measure_kills(shared, tmp_path, 2, limit=12, seed=4)
    assert killed["differing"] == []
    assert sum(killed["reached_when_killed"].values()) == 2


PARTS = st.sampled_from(
    "<rss><channel>|</channel></rss>|<item>|</item>|<title>|</title>|<link>/1</link>|<feed xmlns='http://www.w3.org/2005/Atom'>|<entry>|"
    "<link href='//b.example/é'/>|<content type='xhtml'>|<![CDATA[|]]>|<opml><body>|<outline xmlUrl='https://a.example/f'>|<urlset><url>|"
    "<loc>https://a.example/1</loc><news/>|User-agent: *\nDisallow: /|\nCrawl-delay: 1e999|<script>x()</script>|&lt;img onerror=x&gt;|"
    "<article>|<p>|<svg/onload=x>|\0|\u3000|\x9b|\u202e|https://a.exämple\u3000/|{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[".split("|")
)  # fmt: skip


@given(st.sampled_from(sorted(TARGETS)), st.lists(PARTS | st.text(max_size=6), max_size=14).map("".join))
@settings(max_examples=120)
def test_what_is_fuzzed_holds_for_seeded_input_too(target: str, content: str) -> None:
    for encoding in ("utf-8", "utf-16"):
        TARGETS[target](content.encode(encoding, "replace"))


@pytest.mark.shared
def test_what_is_fuzzed_holds_for_the_feeds_of_the_public_data(shared: Path) -> None:
    cases = json.loads((shared / "data" / "security" / "feedparser_sanitize_cases.json").read_text(encoding="utf-8"))
    for case in cases:
        TARGETS["feed"](case["xml"].encode())


def test_token_f1() -> None:
    assert token_f1("un deux trois", "un deux trois") == 1
    assert token_f1("un deux", "deux trois") == 2 * 1 / (2 + 2)
    assert token_f1("", "un") == 0


def test_the_stand_in_for_the_model_is_the_same_everywhere() -> None:
    one, two = WordEmbedder(), WordEmbedder()
    vectors, states = one.embed_documents_with_tokens(["Amazon supprime des postes", ""])
    assert np.array_equal(vectors, two.embed_documents(["Amazon supprime des postes", ""]))
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    assert list(states.offsets) == [0, 4, 5]


def test_a_long_crawl_gives_free_memory_back(home: Path, moment: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    monkeypatch.setattr("corpus.indexer.give_back", lambda: calls.append(1))
    monkeypatch.setattr("corpus.indexer.BATCH_ARTICLES", 2)
    with vigie.open_library(home, crawl_settings()) as library:
        library.embedder = WordEmbedder()
        library.add(Article(f"https://a.example/{n}", f"Titre {n}", "Un texte.", "A", moment, "fr") for n in range(70))
    assert len(calls) == 2, "35 batches, one call in 16"
    assert give_back() in (True, False)
