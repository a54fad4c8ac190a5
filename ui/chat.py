"""The Gradio chat: questions and streamed answers on the left, the evidence beside them. Nothing is loaded from elsewhere."""

from __future__ import annotations

import ipaddress
import logging
import os
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from importlib.resources import files
from typing import Any

import vigie
from corpus.errors import CorpusError
from rag.errors import RagError
from rag.models import Answer
from rag.wording import long_date
from ui.chat_panel import answer_message, evidence_html, sentence_line
from ui.texts import EXAMPLES, text

log = logging.getLogger(__name__)
PERIODS = (0, 7, 30, 90, 365)
TOPICS = ("layoffs", "automation", "skills")


def serve(library: vigie.Library, *, host: str | None = None, port: int | None = None) -> None:
    """Serve the chat until Ctrl-C. Raises VigieError for an address that needs a password, or a port that is taken."""
    app, address = start(library, host=host, port=port)
    print(f"Vigie: {address}", flush=True)  # noqa: T201 - the one thing that the reader must see
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        app.close(verbose=False)


def start(library: vigie.Library, *, host: str | None = None, port: int | None = None) -> tuple[Any, str]:
    """The running chat and its address; the first question's parts are warmed up behind the first paint."""
    chat = library.settings.chat
    chosen_host = host or chat.host
    auth = (chat.user, chat.password) if chat.user and chat.password else None
    if not _is_loopback(chosen_host) and auth is None:
        raise vigie.VigieError(
            f"{chosen_host} is open to others: set chat.user and chat.password (VIGIE_CHAT__USER, VIGIE_CHAT__PASSWORD) first"
        )
    # Before the import: Gradio reads these when it is loaded.
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    app = build(library, chat.language)
    wanted = port if port is not None else (None if chat.port == vigie.ChatSettings().port else chat.port)
    try:
        _, address, _ = app.launch(
            server_name=chosen_host,
            server_port=wanted,
            auth=auth,
            share=False,
            quiet=True,
            show_error=False,
            ssr_mode=False,
            footer_links=[],
            prevent_thread_lock=True,
            theme=_theme(),
            css=files("ui").joinpath("chat.css").read_text(encoding="utf-8"),
            js=files("ui").joinpath("chat.js").read_text(encoding="utf-8"),
        )
    except OSError as error:
        raise vigie.VigieError(
            f"port {wanted or chat.port} cannot be served on ({error}); choose another --port"
        ) from error
    threading.Thread(target=_warm_up, args=(library,), daemon=True, name="warm-up").start()
    return app, address


def _warm_up(library: vigie.Library) -> None:
    try:
        library.warm_up()
    except (vigie.VigieError, CorpusError, RagError) as error:
        log.warning("%s", error)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _theme() -> Any:
    import gradio as gr

    fonts = ["system-ui", "-apple-system", "Segoe UI", "sans-serif"]
    return gr.themes.Base(
        primary_hue="indigo", neutral_hue="slate", font=fonts, font_mono=["ui-monospace", "monospace"]
    )


def build(library: vigie.Library, language: str) -> Any:
    """The page."""
    import gradio as gr

    say = language if language in ("fr", "en") else "fr"
    with gr.Blocks(title="Vigie", analytics_enabled=False, fill_width=True) as app:
        spoken = gr.State(say)
        last = gr.State("")
        with gr.Row(equal_height=True, elem_id="top"):
            head = gr.HTML(_head(say), elem_id="head", scale=5)
            switch = gr.Radio(
                [("Français", "fr"), ("English", "en")],
                value=say,
                label=text(say, "language"),
                scale=1,
                min_width=180,
                elem_id="language",
            )
        if library.sample:
            with gr.Row(elem_id="sample", equal_height=True):
                banner = gr.HTML(_banner(library, say), scale=5)
                real = gr.Button(text(say, "real"), size="sm", scale=1, min_width=200)
        elif not library.sources():
            gr.HTML(f"<p>{text(say, 'empty_library')}</p>", elem_id="sample")
        with gr.Row():
            with gr.Column(scale=3, min_width=320):
                talk = gr.Chatbot(
                    elem_id="chat", height=480, show_label=False, buttons=["copy"], feedback_options=None, layout="bubble",
                    allow_tags=False, placeholder=text(say, "tagline"),
                )  # fmt: skip
                with gr.Row(equal_height=True):
                    question = gr.Textbox(
                        label=text(say, "ask"), placeholder=text(say, "placeholder"), lines=1, max_lines=4, scale=5, autofocus=True,
                        elem_id="question", max_length=20_000,
                    )  # fmt: skip
                    send = gr.Button(text(say, "send"), variant="primary", scale=1, min_width=110, elem_id="send")
                with gr.Row():
                    guess = gr.Button(text(say, "best_guess"), visible=False, size="sm", elem_id="best-guess")
                    clear = gr.Button(text(say, "clear"), size="sm", elem_id="clear")
                with gr.Accordion(text(say, "filters"), open=False, elem_id="filters") as accordion, gr.Row():
                    period = gr.Dropdown(
                        _periods(say), value=0, label=text(say, "period"), min_width=140, elem_id="period"
                    )
                    source = gr.Dropdown(
                        library.sources(),
                        multiselect=True,
                        label=text(say, "sources"),
                        min_width=200,
                        elem_id="sources",
                    )
                    tongue = gr.CheckboxGroup(
                        [("français", "fr"), ("English", "en")],
                        label=text(say, "languages"),
                        min_width=160,
                        elem_id="languages",
                    )
                    topic = gr.CheckboxGroup(_topics(say), label=text(say, "topics"), min_width=200, elem_id="topics")
                examples = gr.Examples(
                    [[e] for e in EXAMPLES],
                    [question],
                    label=text(say, "examples"),
                    elem_id="examples",
                    api_visibility="private",
                )
            with gr.Column(scale=2, min_width=320):
                panel = gr.HTML(f'<p class="hint">{text(say, "no_evidence")}</p>', elem_id="panel")

        def answer(
            asked: str,
            shown: list[Any],
            say_in: str,
            days: int,
            sources: list[str] | None,
            tongues: list[str],
            topics: list[str],
        ) -> Iterator[tuple[Any, ...]]:
            yield from _conversation(
                library, asked, shown, say_in, _filters(library, days, sources, tongues, topics), guess=False
            )

        def answer_anyway(
            asked: str,
            shown: list[Any],
            say_in: str,
            days: int,
            sources: list[str] | None,
            tongues: list[str],
            topics: list[str],
        ) -> Iterator[tuple[Any, ...]]:
            yield from _conversation(
                library, asked, shown, say_in, _filters(library, days, sources, tongues, topics), guess=True
            )

        inputs = [talk, spoken, period, source, tongue, topic]
        outputs = [talk, panel, question, guess, last]
        for event in (question.submit, send.click):
            event(answer, [question, *inputs], outputs, show_progress="hidden", api_visibility="private")
        guess.click(answer_anyway, [last, *inputs], outputs, show_progress="hidden", api_visibility="private")
        clear.click(
            lambda say_in: ([], f'<p class="hint">{text(say_in, "no_evidence")}</p>', "", gr.update(visible=False), ""),
            [spoken],
            outputs,
            api_visibility="private",
        )

        def switched(to: str) -> tuple[Any, ...]:
            updates: list[Any] = [
                to,
                _head(to),
                gr.update(label=text(to, "language")),
                gr.update(placeholder=text(to, "tagline")),
                gr.update(label=text(to, "ask"), placeholder=text(to, "placeholder")),
                text(to, "send"),
                gr.update(value=text(to, "best_guess")),
                text(to, "clear"),
                gr.update(label=text(to, "filters")),
                gr.update(label=text(to, "period"), choices=_periods(to)),
                gr.update(label=text(to, "sources"), choices=library.sources()),
                gr.update(label=text(to, "languages")),
                gr.update(label=text(to, "topics"), choices=_topics(to)),
                gr.update(label=text(to, "examples")),
            ]
            return tuple(updates + ([_banner(library, to), text(to, "real")] if library.sample else []))

        translated = [
            spoken,
            head,
            switch,
            talk,
            question,
            send,
            guess,
            clear,
            accordion,
            period,
            source,
            tongue,
            topic,
            examples.dataset,
        ]
        if library.sample:
            translated += [banner, real]
            real.click(lambda say_in: _start_real(say_in), [spoken], [banner], api_visibility="private")
        switch.change(switched, [switch], translated, show_progress="hidden", api_visibility="private")
    return app


def _conversation(
    library: vigie.Library, asked: str, shown: list[Any], say: str, filters: dict[str, Any], *, guess: bool
) -> Iterator[tuple[Any, ...]]:
    """The chat's state as the answer comes about: (messages, panel, question box, best-guess button, last question)."""
    import gradio as gr

    hidden = gr.update(visible=False)
    if not asked.strip():
        yield shown, gr.skip(), "", hidden, ""
        return
    history = [_plain(m["content"]) for m in shown if m["role"] == "user"]
    if guess and history and history[-1] == asked:
        history = history[:-1]
    shown = [*shown, {"role": "user", "content": asked}, {"role": "assistant", "content": text(say, "searching")}]
    yield shown, gr.skip(), "", hidden, asked
    lines: list[str] = []
    done: Answer | None = None
    try:
        for event in library.ask_stream(asked, history=history, best_guess=guess, **filters):
            if event.kind == "sentence" and event.sentence is not None:
                lines.append(sentence_line(event.sentence, say))
                yield _said(shown, "\n\n".join(lines)), gr.skip(), "", hidden, asked
            elif event.kind == "withdrawn":
                lines.clear()
                yield _said(shown, text(say, "searching")), gr.skip(), "", hidden, asked
            done = event.answer or done
    except (vigie.VigieError, CorpusError, RagError) as error:
        yield _said(shown, text(say, "failed", cause=str(error))), gr.skip(), "", hidden, asked
        return
    assert done is not None
    library.remember_citations(f"answer to “{asked}”", done.citations)
    panel = evidence_html(done, library.article, say, sample=library.sample)
    declined = gr.update(visible=not done.answered and bool(done.nearest))
    yield _said(shown, answer_message(done, say, asked)), panel, "", declined, asked


def _said(shown: list[Any], content: str) -> list[Any]:
    return [*shown[:-1], {"role": "assistant", "content": content}]


def _plain(content: Any) -> str:
    """A message's text, in whichever form Gradio hands it back."""
    if isinstance(content, list):
        return " ".join(str(part.get("text", "")) if isinstance(part, dict) else str(part) for part in content)
    return str(content)


def _filters(
    library: vigie.Library, days: int, sources: list[str] | None, tongues: list[str], topics: list[str]
) -> dict[str, Any]:
    chosen: dict[str, Any] = {"sources": sources or (), "languages": tongues or (), "topics": topics or ()}
    if days:
        chosen["since"] = library.now() - timedelta(days=int(days))
    return chosen


def _head(say: str) -> str:
    return f"<h1>{text(say, 'title')}</h1><p>{text(say, 'tagline')}</p>"


def _banner(library: vigie.Library, say: str) -> str:
    return f"<p>{text(say, 'sample', date=long_date(library.now(), say))}</p>"


def _periods(say: str) -> list[tuple[str, int]]:
    return [(text(say, "days", n=n) if n else text(say, "any"), n) for n in PERIODS]


def _topics(say: str) -> list[tuple[str, str]]:
    return [(text(say, topic), topic) for topic in TOPICS]


def _start_real(say: str) -> str:
    """Subscribe the reader's own library to the feeds that Vigie ships."""
    from ingest.subscriptions import default_feeds

    try:
        with vigie.open_library() as own:
            known = {feed.url for feed in own.feeds()}
            feeds = [feed for feed in default_feeds() if feed.url not in known]
            for feed in feeds:
                own.subscribe(feed)
            return f"<p>{text(say, 'real_done', count=len(feeds), home=own.home)}</p>"
    except (vigie.VigieError, CorpusError) as error:
        return f"<p>{text(say, 'failed', cause=str(error))}</p>"
