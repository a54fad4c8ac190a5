"""The chat in a real Chromium: a question typed, an answer streamed, a citation opened, a filter used, nothing asked of elsewhere."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import vigie
from ui.chat import start

pytestmark = pytest.mark.browser
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def page(sample: Path) -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("needs Chromium: sudo apt-get install chromium")
    from playwright.sync_api import sync_playwright

    kept = os.environ.get("VIGIE_DEMO_HOME")
    os.environ["VIGIE_DEMO_HOME"] = str(sample)
    try:
        with vigie.open_demo() as library:
            app, address = start(library, port=0 or None)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=CHROMIUM,
                    args=[
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                    ],
                )
                opened = browser.new_page(viewport={"width": 1280, "height": 900})
                opened.set_default_timeout(30_000)
                opened.asked = []
                opened.on("request", lambda request: opened.asked.append(request.url))
                opened.goto(address)
                yield opened
                browser.close()
            app.close(verbose=False)
    finally:
        os.environ.pop("VIGIE_DEMO_HOME", None)
        if kept is not None:
            os.environ["VIGIE_DEMO_HOME"] = kept


def ask(page: Any, question: str) -> str:
    before = page.locator("#chat .message.bot, #chat .bot.message").count()
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    page.wait_for_function(
        "n => { const all = document.querySelectorAll('#chat .message.bot, #chat .bot.message'); "
        "return all.length > n && /\\[1\\]|Rien|Nothing/.test(all[all.length - 1].textContent) && /extraite|extracted|Rien|Nothing/.test(all[all.length - 1].textContent); }",
        arg=before,
    )
    return str(page.locator("#chat .message.bot, #chat .bot.message").last.text_content()).replace("\u202f", " ")


def test_a_question_is_answered_with_citations(page: Any) -> None:
    said = ask(page, "Combien de postes Amazon supprime-t-il ?")
    assert all(figure in said for figure in ("14 000", "16 000", "30 000"))
    page.wait_for_selector("#panel li#cite-3")


def test_a_citation_opens_the_stored_text_at_its_span(page: Any) -> None:
    page.click("#chat a[href*='#cite-2']")
    page.wait_for_selector("#panel li#cite-2 details[open] mark")
    marked = page.locator("#panel li#cite-2 mark").first.text_content()
    assert "Amazon" in marked
    stored = page.locator("#panel li#cite-2 .stored").text_content()
    assert len(stored) > len(marked)


def test_a_filter_is_used(page: Any) -> None:
    page.click("#filters button")
    page.check("#languages input[name='en']")
    said = ask(page, "How many jobs is Amazon cutting?")
    assert "16,000" in said
    assert "Exemple Quotidien" not in said
    page.uncheck("#languages input[name='en']")


def test_a_follow_up_and_a_refusal_with_a_best_guess(page: Any) -> None:
    ask(page, "Combien de postes UPS supprime-t-il ?")
    assert "Block" in ask(page, "et chez Block ?")
    assert "Rien" in ask(page, "Quelle est la capitale du Pérou ?")
    assert page.is_visible("#best-guess")


def test_the_interface_speaks_english_too(page: Any) -> None:
    page.check("#language input[value='en']")
    page.wait_for_function("document.querySelector('#send').textContent.includes('Ask')")
    assert "Sample written for Vigie" in page.locator("#sample").text_content()
    page.check("#language input[value='fr']")


def test_nothing_is_asked_of_elsewhere(page: Any) -> None:
    assert page.asked
    assert [url for url in page.asked if not url.startswith(("http://127.0.0.1:", "data:", "blob:"))] == []


def test_the_phone_shows_everything_within_its_width(page: Any, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.screenshot(path=str(tmp_path / "phone.png"))
