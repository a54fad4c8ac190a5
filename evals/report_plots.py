"""The report's plots, drawn by plotly.js in the page."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from evals.compare import LEADING
from evals.explain import ThresholdPoint
from evals.measures import LOW_IS_GOOD
from evals.runs import EvaluationRun

COLOURS = ("#2457a6", "#d9822b", "#3a8f5c", "#8a5aa8", "#a33b4a", "#5f6b78")
SHOWN = (
    "nDCG@10",
    "success@1",
    "recall@10",
    "hits@10",
    "hits@4",
    "mrr@10",
    "evidence@10",
    "right_figure",
    "rightly_declined",
)


def plotly_script() -> str:
    """plotly.js itself, to be put into the page."""
    return str(get_plotlyjs())


def quality(runs: Sequence[tuple[str, EvaluationRun]]) -> str:
    """Bars by slice: several measures of one run, or the leading one of two."""
    figure = go.Figure()
    slices = list(runs[0][1].slices)
    if len(runs) == 1:
        rows = runs[0][1].slices
        for measure in [m for m in SHOWN if any(m in row for row in rows.values())]:
            names = [name for name in slices if measure in rows[name]]
            figure.add_bar(name=measure, x=[_safe(n) for n in names], y=[rows[n][measure] for n in names])
    else:
        for label, run in runs:
            named = [(n, m) for n in slices if (m := _leading(run.slices.get(n, {})))]
            figure.add_bar(
                name=_safe(label), x=[_safe(n) for n, _ in named], y=[run.slices[n][m] for n, m in named],
                text=[m for _, m in named], textposition="none", hovertemplate="%{x}: %{text} %{y:.3f}",
            )  # fmt: skip
    return _drawn(figure, "quality", yaxis={"range": [0, 1.02], "title": "mean"}, barmode="group")


def latency(runs: Sequence[tuple[str, EvaluationRun]]) -> str:
    """Median and 95th percentile of every stage, on a logarithmic axis."""
    figure = go.Figure()
    for label, run in runs:
        for part in ("p50", "p95"):
            name = f"{label} {part}" if len(runs) > 1 else part
            stages = list(run.timings_ms)
            figure.add_bar(name=_safe(name), x=[_safe(s) for s in stages], y=[run.timings_ms[s][part] for s in stages])
    return _drawn(figure, "latency", yaxis={"type": "log", "title": "ms"}, barmode="group")


def threshold(curves: Mapping[str, tuple[Sequence[ThresholdPoint], float]]) -> str:
    """Shares declined over the threshold, the kept one marked."""
    figure = go.Figure()
    for label, (curve, kept) in curves.items():
        levels, before = [p.threshold for p in curve], f"{label}: " if len(curves) > 1 else ""
        figure.add_scatter(
            x=levels, y=[p.rightly for p in curve], name=_safe(f"{before}unanswerable, declined"), mode="lines"
        )
        figure.add_scatter(
            x=levels, y=[p.wrongly for p in curve], name=_safe(f"{before}answerable, wrongly declined"), mode="lines"
        )
        figure.add_vline(x=kept, line_dash="dot", line_color="#5f6b78")
    return _drawn(figure, "threshold", xaxis={"title": "threshold"}, yaxis={"range": [0, 1.02], "title": "share"})


def _leading(row: Mapping[str, float]) -> str:
    return next((m for m in LEADING if m in row and m not in LOW_IS_GOOD), "")


def _drawn(figure: Any, name: str, **layout: Any) -> str:
    figure.update_layout(
        template="plotly_white",
        colorway=COLOURS,
        margin={"l": 60, "r": 10, "t": 10, "b": 60},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},  # Grows upwards: never over the bars.
        **layout,
    )
    drawn = figure.to_html(
        full_html=False, include_plotlyjs=False, div_id=f"plot-{name}", config={"displayModeBar": False}
    )
    return f'<div class="plot">{drawn}</div>'


def _safe(text: str) -> str:
    # plotly.js reads a few tags in labels.
    return html.escape(text)
