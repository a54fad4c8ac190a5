"""The report page: it stands alone, escapes what it shows, and says why the right passage lost."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from evals.cli import eval_app
from evals.explain import declining_curve, why_lost
from evals.measures import EvaluationError
from evals.report import report_page
from evals.report_plots import plotly_script
from evals.runs import EvaluationRun, summarised, write_run

HOSTILE = "</script><script>window.broken=1</script><img src=http://evil.example/x onerror=alert(1)>\"'&"


def row(key: str, *, rank: int | None = 2, text: str = "Who cuts?", answered: bool = True) -> dict[str, Any]:
    first = {"dense": 1.0, "lexical": 2.0, "fused": 1.7, "rerank": 1.0, "final": 2.6}
    right = {"dense": 2.0, "lexical": 0.0, "fused": 1.0, "rerank": 0.5, "final": 1.45}
    expected = {"article": f"http://a.example/{text}", "quote": f"quote {text}"}
    return {
        "id": key,
        "question": text,
        "slices": ["all", f"slice {text}"],
        "expected": [expected | ({"rank": rank, "scores": right} if rank else {})],
        "ranking": [
            {"chunk": f"w:{text}", "title": f"Wrong {text}", "score": 2.6, "scores": first, "right": False},
            {"chunk": "r:1:0", "title": "Right", "score": 1.45, "scores": right, "right": True},
        ],
        "measures": {"nDCG@10": 0.63, "success@1": 0.0},
        "answerable": True,
        "answered": answered,
        "confidence": 0.7,
        "answer": [f"Answer {text}"],
    }


def run_of(*rows: dict[str, Any], **changes: Any) -> EvaluationRun:
    spread = {"embed": {"p50": 2.0, "p95": 5.0}, "rerank": {"p50": 1.0, "p95": 3.0}}
    facts = {"corpus": "f" * 64, "embedder": "<b>one</b>", "articles": 3, "chunks": 4}
    settings = {"without": [], "decline_below": 0.4, "weights": {"dense": 0.5, "lexical": 0.6, "rerank": 0.9}}
    made = EvaluationRun("gold", settings, summarised(rows), list(rows), spread, facts, versions={"vigie": "0"})
    return replace(made, **changes)


class Outside(HTMLParser):
    """What a page asks for, and the text that it shows."""

    LOADING = ("src", "href", "srcset", "data", "poster", "action", "background", "formaction")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.tags: list[str] = []
        self.shown = ""
        self.styles = ""
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._inside = tag if tag in ("script", "style") else self._inside
        self.asked += [f"{tag} {name}={value}" for name, value in attrs if name in self.LOADING]
        self.asked += [f"{tag} {name}" for name, _ in attrs if name.startswith("on")]

    def handle_endtag(self, tag: str) -> None:
        self._inside = "" if tag == self._inside else self._inside

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.styles += data
        elif not self._inside:
            self.shown += data


@pytest.mark.parametrize("two", [False, True])
def test_the_page_asks_for_nothing_and_runs_nothing_that_it_shows(two: bool) -> None:
    run = run_of(row("g1", text=HOSTILE), row(HOSTILE, rank=None))
    other = replace(run, settings={**run.settings, "odd": HOSTILE}) if two else None
    page = report_page(run, other)
    outside = Outside(page)
    assert outside.asked == []
    assert not set(outside.tags) & {"link", "img", "iframe", "object", "embed", "base", "form"}
    assert not re.search(r"@import|url\(", outside.styles)
    assert "default-src 'none'" in page
    for shown in (f"Wrong {HOSTILE}", f"quote {HOSTILE}", f"Answer {HOSTILE}", f"w:{HOSTILE}", "<b>one</b>"):
        assert shown in outside.shown
    # Besides the page's own scripts, plotly.js and one for each plot, there is none.
    assert outside.tags.count("script") == 2 + 3
    assert "window.broken=1</script>" not in page
    assert plotly_script() in page


def test_the_page_has_its_parts() -> None:
    shown = Outside(report_page(run_of(row("g1"), row("g2", rank=None)))).shown
    for said in ("Quality by slice", "Latency by stage", "Declining", "Why the right one lost", "did not come"):
        assert said in shown
    assert "behind the 1st by lexical 1.20, rerank 0.45" in shown
    two = Outside(report_page(run_of(row("g1")), run_of(row("g1")))).shown
    assert "wins/ties/losses" in two
    assert "0/1/0" in two


def test_a_wrong_answer_is_not_shown_as_a_good_one() -> None:
    right, wrong = row("g1"), row("g2")
    right["measures"]["right_figure"], wrong["measures"]["right_figure"] = 1.0, 0.0
    assert 'class="good">answered' in report_page(run_of(right))
    assert 'class="bad">answered' in report_page(run_of(wrong))


def test_a_run_without_answers_has_no_curve() -> None:
    bare = {k: v for k, v in row("g1").items() if k not in ("answered", "confidence", "answerable", "answer")}
    assert "Declining" not in Outside(report_page(run_of(bare, timings_ms={}))).shown


def test_a_page_of_what_cannot_be_trusted_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="went away"):
        report_page(run_of(row("g1") | {"error": "the model went away"}))
    good = write_run(run_of(row("g1")), tmp_path / "a.json")
    other = write_run(run_of(row("g1"), library={"corpus": "e"}), tmp_path / "b.json")
    done = CliRunner().invoke(eval_app, ["report", str(good), str(other), "--out", str(tmp_path / "p.html")])
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert not (tmp_path / "p.html").exists()
    done = CliRunner().invoke(eval_app, ["report", str(good), "--out", str(tmp_path / "deep" / "p.html")])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "deep" / "p.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_why_the_right_one_lost_is_counted_in_points() -> None:
    weights = {"dense": 0.5, "lexical": 0.6, "rerank": 0.9}
    assert why_lost(row("g1"), weights) == [
        "http://a.example/Who cuts?: came 2nd; behind the 1st by lexical 1.20, rerank 0.45"
    ]
    (deep,) = why_lost(row("g1", rank=23), weights)
    assert "came 23rd, beyond the 10 that are shown" in deep
    assert "not among the first 100" in why_lost(row("g1", rank=None), weights)[0]
    won = row("g1", rank=1)
    won["ranking"].reverse()
    assert why_lost(won, weights) == []
    level = row("g1")
    level["expected"][0]["scores"] = level["ranking"][0]["scores"]
    assert "no stage" in why_lost(level, weights)[0]
    assert "came 11th" in why_lost(row("g1", rank=11), weights)[0]


def test_the_declining_curve_by_hand() -> None:
    def judged(answerable: bool, confidence: float, answered: bool) -> dict[str, Any]:
        return {"answerable": answerable, "confidence": confidence, "answered": answered}

    rows = [
        judged(True, 0.9, True),
        judged(True, 0.3, False),
        judged(False, 0.2, False),
        judged(False, 0.8, False),  # Declined, though sure: for another reason.
        judged(False, 0.6, True),
        {"id": "of another kind"},
    ]
    curve = {round(p.threshold, 2): p for p in declining_curve(rows, 0.5)}
    assert (curve[0.0].rightly, curve[0.0].wrongly) == (pytest.approx(1 / 3), 0.0)
    assert (curve[0.5].rightly, curve[0.5].wrongly) == (pytest.approx(2 / 3), 0.5)
    assert (curve[0.7].rightly, curve[0.7].wrongly) == (1.0, 0.5)
    assert curve[1.0].wrongly == 1.0
    assert declining_curve([{"id": "x"}], 0.5) == []


@pytest.mark.browser
def test_a_browser_draws_it_alone(tmp_path: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    from tests.test_ui_browser import CHROMIUM

    if CHROMIUM is None:
        pytest.skip("needs Chromium")
    page_file = tmp_path / "page.html"
    page_file.write_text(report_page(run_of(row("g1", text=HOSTILE), row("g2", rank=1))), encoding="utf-8")
    narrow, many = tmp_path / "narrow.html", row("g1")
    many["measures"] |= dict.fromkeys(("recall@10", "right_figure", "rightly_declined"), 1.0)
    narrow.write_text(report_page(run_of(many)), encoding="utf-8")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        asked: list[str] = []
        wrong: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text))
        page.goto(page_file.as_uri(), timeout=120_000)
        page.wait_for_selector(".main-svg")
        assert page.inner_text("#shown") == "2 / 2"
        page.fill("#text", "who cuts")
        assert page.inner_text("#shown") == "1 / 2"
        assert page.evaluate("window.broken") is None
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(narrow.as_uri(), timeout=120_000)
        page.wait_for_selector(".main-svg")
        named = [text.bounding_box() for text in page.locator("#plot-quality .legendtext").all()]
        plot = page.locator("#plot-quality .nsewdrag").bounding_box()
        assert max(box["y"] + box["height"] for box in named) <= plot["y"]  # The legend lies over no bar.
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        browser.close()
    assert asked == [page_file.as_uri(), narrow.as_uri()]
    assert wrong == []
