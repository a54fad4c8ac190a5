"""Peers of the crawler on pages whose addresses they are given. Runs in .bench/crawlers, not in Vigie's environment.

    .bench/crawlers/bin/python -P evals/peers_crawl.py newspaper4k|news-please URLS.json

Prints one line of JSON: how many articles came out with a text, and how long it took.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

THREADS = 16
"""As many hosts as Vigie asks side by side; the peers keep no delay, no robots.txt, and no limit for one host."""


def by_newspaper(urls: list[str]) -> list[str]:
    """newspaper4k's own threads: download and parse."""
    import newspaper
    from newspaper.mthreading import fetch_news

    articles = fetch_news([newspaper.Article(url) for url in urls], threads=THREADS)
    return [a.text for a in articles]


def by_newsplease(urls: list[str]) -> list[str]:
    """news-please page by page in threads, its default extractors; its own pool (from_urls) gives empty answers for addresses
    without a domain."""
    from newsplease import NewsPlease

    def text(url: str) -> str:
        try:
            return getattr(NewsPlease.from_url(url), "maintext", None) or ""
        except Exception:  # what it makes of one page is not to end the measurement
            return ""

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(text, urls))


PEERS: dict[str, Callable[[list[str]], list[str]]] = {"newspaper4k": by_newspaper, "news-please": by_newsplease}


def main(peer: str, urls: list[str]) -> dict[str, object]:
    """Crawl once; imports are not counted."""
    logging.disable(logging.CRITICAL)
    __import__({"newspaper4k": "newspaper", "news-please": "newsplease"}[peer])
    clock, processor = time.perf_counter(), time.process_time()
    texts = PEERS[peer](urls)
    return {
        "version": version(peer),
        "articles": sum(len(text) > 100 for text in texts),
        "crawl_s": round(time.perf_counter() - clock, 2),
        "crawl_cpu_s": round(time.process_time() - processor, 2),
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")))))  # noqa: T201
