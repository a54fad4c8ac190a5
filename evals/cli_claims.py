"""``vigie eval claims``: the claim check on pairs made from real sentences, or on those written by hand."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import Annotated

import typer

from evals.claim_pairs import A_KIND, make_pairs, read_hand
from evals.claims import cost_ms, judge, summary
from evals.cli_shared import JsonOption, err, one_line_errors, out, print_slices
from rag.claims import check_claim


@one_line_errors
def claims(
    data: Annotated[
        Path | None,
        typer.Option("--data", help="A folder with news-fr and news-en, and parallel and stsb-fr-en where they exist."),
    ] = None,
    a_kind: Annotated[int, typer.Option("--a-kind", min=1, help="Pairs of a kind and language at most.")] = A_KIND,
    mistakes: Annotated[int, typer.Option("--mistakes", min=0, help="Print so many mistakes of the tuning half.")] = 0,
    json: JsonOption = False,
) -> None:
    """False acceptance and false refusal of the claim check; the hand-written pairs when no data is named."""
    pairs = make_pairs(data, a_kind) if data else read_hand()
    err.print(f"{len(pairs)} pairs", markup=False)
    judged = judge(pairs, check_claim)
    figures, cost = summary(judged), cost_ms(pairs, check_claim)
    if json:
        typer.echo(
            json_module.dumps({"pairs": len(pairs), "slices": figures, "cost_ms": cost}, ensure_ascii=False, indent=2)
        )
        return
    print_slices("claim check", figures)
    out.print(f"a sentence with three passages: p50 {cost['p50']:.2f} ms, p95 {cost['p95']:.2f} ms")
    wrong = [one for one in judged if one.pair.half != "held-out" and (one.accepted or one.refused)]
    for one in wrong[:mistakes]:
        told = f"{one.pair.id} [{one.status}]\n  claim  {one.pair.claim}\n  source {one.pair.passage}"
        out.print(told, markup=False)
