"""One page of HTML for a run, or for two beside each other: nothing in it is loaded from elsewhere.

Everything from questions and articles is escaped: it is untrusted here as anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

from evals import report_plots as plots
from evals.compare import Comparison, compare, leading
from evals.explain import declining_curve, why_lost
from evals.runs import EvaluationRun, trusted

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:"
)
Runs = Sequence[tuple[str, EvaluationRun]]


def report_page(run: EvaluationRun, other: EvaluationRun | None = None) -> str:
    """The page. Raises EvaluationError for a run that cannot be trusted, and for two that do not compare."""
    trusted(run, "the run")
    runs: Runs = [("A", run), ("B", other)] if other else [("", run)]
    comparison = compare(run, other) if other else None
    title = f"{run.dataset}: {'two runs' if other else 'a run'} of vigie eval"
    parts = [
        f"<h1>{escape(title)}</h1>",
        _facts(runs),
        _section("Differences", _differences(comparison)) if comparison else "",
        _section("Quality by slice", plots.quality(runs) + "".join(_slices(label, one) for label, one in runs)),
        _section("Latency by stage", plots.latency(runs)) if run.timings_ms else "",
        _declining(runs),
        _section("Questions", _questions(runs, comparison)),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_file('report.css')}</style>"
        f"<script>{plots.plotly_script()}</script></head><body>"
        f"{''.join(parts)}<script>{_file('report.js')}</script></body></html>\n"
    )


def _file(name: str) -> str:
    return files("evals").joinpath(name).read_text(encoding="utf-8")


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{body}</section>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, words: int = 1) -> str:
    """A table of cells that are HTML already; all but the first ``words`` columns hold figures."""
    kinds = ["" if at < words else ' class="figure"' for at in range(len(head))]
    top = "".join(f"<th{kind}>{escape(name)}</th>" for kind, name in zip(kinds, head, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{kind}>{cell}</td>" for kind, cell in zip(kinds, row, strict=True)) + "</tr>"
        for row in rows
    )
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _facts(runs: Runs) -> str:
    lines = []
    for label, run in runs:
        left_out = ", ".join(run.settings.get("without", ())) or "none"
        said = (
            f"{label + ': ' if label else ''}made {run.made or 'at an unknown time'}; {run.library.get('articles', '?')} articles, "
            f"{run.library.get('chunks', '?')} chunks, embedder {run.library.get('embedder', '?')}; corpus "
            f"{str(run.library.get('corpus', '?'))[:12]}; stages left out: {left_out}; "
            + ", ".join(f"{name} {number}" for name, number in sorted(run.versions.items()))
        )
        lines.append(f'<p class="note">{escape(said)}</p>')
    return "".join(lines)


def _slices(label: str, run: EvaluationRun) -> str:
    there = dict.fromkeys(m for row in run.slices.values() for m in row if m != "questions")
    measures = sorted(there, key=lambda m: (plots.SHOWN.index(m) if m in plots.SHOWN else len(plots.SHOWN), m))
    rows = [
        [escape(name), f"{row.get('questions', 0):.0f}", *(_figure(row.get(m), m) for m in measures)]
        for name, row in run.slices.items()
    ]
    return (f"<h3>{escape(label)}</h3>" if label else "") + _table(["slice", "questions", *measures], rows)


def _figure(value: float | None, measure: str) -> str:
    return "" if value is None else f"{value:.0f}" if measure in ("mean_tokens", "mean_words") else f"{value:.3f}"


def _differences(found: Comparison) -> str:
    changed = "".join(
        f'<p class="note">{escape(f"{key}: {one} | {other}")}</p>' for key, (one, other) in found.settings.items()
    )
    rows = [
        [
            escape(d.slice), escape(d.measure), str(d.questions), f"{d.mean_a:.3f}", f"{d.mean_b:.3f}", f"{d.difference:+.3f}",
            f"{d.low:+.3f} .. {d.high:+.3f}", f"{d.p:.4f}", f"{d.wins}/{d.ties}/{d.losses}",
        ]
        for d in found.differences
    ]  # fmt: skip
    head = ["slice", "measure", "questions", "A", "B", "B - A", "95 % interval", "p", "wins/ties/losses"]
    return changed + _table(head, rows, words=2)


def _declining(runs: Runs) -> str:
    curves = {}
    for label, run in runs:
        kept = float(run.settings.get("decline_below", 0.5))
        if curve := declining_curve(run.questions, kept):
            curves[label] = (curve, kept)
    if not curves:
        return ""
    note = "What would be declined at other thresholds; the kept one is dotted. A question declined for another reason than its confidence stays declined."
    return _section("Declining", f'<p class="note">{note}</p>' + plots.threshold(curves))


def _questions(runs: Runs, comparison: Comparison | None) -> str:
    first = runs[0][1]
    names = sorted({name for row in first.questions for name in row["slices"]}, key=lambda n: (n != "all", n))
    options = "".join(f'<option value="{escape(name)}">{escape(name)}</option>' for name in names if name != "all")
    controls = (
        '<div id="choose"><input id="text" type="search" placeholder="Words in question, title or answer" aria-label="Words">'
        f'<select id="slice" aria-label="Slice"><option value="">every slice</option>{options}</select>'
        '<label><input id="lost" type="checkbox"> only where the right one lost</label><span id="shown"></span></div>'
    )
    rows = [{str(row["id"]): row for row in run.questions} for _, run in runs]
    order = list(rows[0])
    if comparison:
        moved = [change.id for change in comparison.changed]
        order = [*moved, *(key for key in order if key not in set(moved))]
    else:
        order.sort(key=lambda key: (_value(rows[0][key]), key))
    return controls + "".join(
        _question([(label, run, row[key]) for (label, run), row in zip(runs, rows, strict=True)]) for key in order
    )


def _value(row: Mapping[str, Any]) -> float:
    measure = leading(dict(row))
    return float(row["measures"][measure]) if measure else 0.0


def _question(sides: Sequence[tuple[str, EvaluationRun, Mapping[str, Any]]]) -> str:
    _, _, first = sides[0]
    measure = leading(dict(first))
    values = " → ".join(f"{_value(row):.3f}" for _, _, row in sides) if measure else ""
    reasons = [why_lost(row, run.settings.get("weights", {})) for _, run, row in sides]
    body = "".join(_side(label, row, lost) for (label, _, row), lost in zip(sides, reasons, strict=True))
    slices = [str(name) for name in first["slices"]]
    return (
        f'<details class="question" data-slices=\'{escape(json.dumps(slices))}\' data-lost="{int(any(reasons))}">'
        f'<summary><span class="value" title="{escape(measure)}">{values}</span> {escape(str(first["id"]))} '
        f'<b>{escape(str(first["question"]))}</b> <span class="slices">{escape(", ".join(slices))}</span></summary>'
        f'<div class="sides">{body}</div></details>'
    )


def _side(label: str, row: Mapping[str, Any], lost: Sequence[str]) -> str:
    expected = [
        [
            escape(str(e["article"])),
            escape(str(e.get("quote", ""))),
            str(e["rank"]) if "rank" in e else '<span class="bad">did not come</span>',
            _scores(e.get("scores", {})),
        ]
        for e in row["expected"]
    ]
    came = "".join(_entry(rank, entry) for rank, entry in enumerate(row["ranking"], start=1))
    measures = ", ".join(f"{name} {value:.3f}" for name, value in row["measures"].items())
    return (
        "<div>"
        + (f"<h3>{escape(label)}</h3>" if label else "")
        + f'<p class="note">{escape(measures)}</p>'
        + _answered(row)
        + ("<h4>Expected</h4>" + _table(["article", "quote", "rank", "scores"], expected, words=4) if expected else "")
        + ("<h4>Why the right one lost</h4>" + "".join(f"<p>{escape(line)}</p>" for line in lost) if lost else "")
        + '<h4>Came</h4><div class="wide"><table><thead><tr><th></th><th>passage</th><th class="figure">score</th>'
        + f"<th>by stage</th></tr></thead><tbody>{came}</tbody></table></div></div>"
    )


def _entry(rank: int, entry: Mapping[str, Any]) -> str:
    kind = ' class="right"' if entry["right"] else ""
    title, chunk = escape(str(entry["title"])), escape(str(entry["chunk"]))
    return (
        f"<tr{kind}><td>{rank}</td><td>{title}<br><code>{chunk}</code></td>"
        f'<td class="figure">{float(entry["score"]):.2f}</td><td>{_scores(entry["scores"])}</td></tr>'
    )


def _answered(row: Mapping[str, Any]) -> str:
    if "answered" not in row:
        return ""
    wrong = any(row["measures"].get(name) == 0 for name in ("right_figure", "citation_precision"))
    good = bool(row["answered"]) == bool(row.get("answerable", True)) and not wrong
    said = f"{'answered' if row['answered'] else 'declined'} with confidence {float(row['confidence']):.3f}"
    sentences = "".join(f"<p>{escape(str(sentence))}</p>" for sentence in row.get("answer", ()))
    return f'<p class="{"good" if good else "bad"}">{said}</p>{sentences}'


def _scores(scores: Mapping[str, float]) -> str:
    shown = ", ".join(f"{stage} {float(value):.2f}" for stage, value in scores.items())
    return f'<span class="scores">{escape(shown)}</span>'
