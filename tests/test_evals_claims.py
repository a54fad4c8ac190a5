"""The maker of claim pairs, the rates that are counted on them, and the floors of the pairs written by hand."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evals.claim_alterations import altered
from evals.claim_forms import dated, rewritten
from evals.claim_pairs import HAND, ClaimPair, half_of, make_pairs, read_hand
from evals.claim_sources import Source
from evals.claims import Judged, cost_ms, judge, summary
from evals.cli import eval_app
from evals.measures import EvaluationError
from rag.claims import check_claim

SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "data"
FR = "Le 3 mars 2025, Zyblor a supprimé 1 200 postes à Lyon, soit 3,5 % de ses effectifs, a déclaré Anna Quist."
EN = "On Monday, Zyblor said it cut 1,200 jobs in Paris, or 3.5% of its staff, after a review by Anna Quist."
AUTUMN = datetime(2025, 10, 8, tzinfo=UTC)  # A Wednesday.


def source(text: str, language: str, passage: str = "", published: datetime | None = None) -> Source:
    return Source(text, passage or text, language, "a-document", published)


def test_form_keeps_the_figure_and_the_date() -> None:
    numbers = list(rewritten(source(FR, "fr"), "number"))
    assert any("1200 postes" in n for n in numbers)
    assert any("3,5 pour cent" in n for n in numbers)
    dates = list(rewritten(source(FR, "fr"), "date"))
    assert any(d.startswith("Le 03/03/2025") for d in dates)
    assert any(d.startswith("Le 2025-03-03") for d in dates)
    assert list(rewritten(source("Quentra a grandi en 2025.", "fr"), "number")) == []


def test_a_weekday_is_counted_back_from_publication() -> None:
    told = source("Police said on Monday that nobody was hurt.", "en", published=AUTUMN)
    assert list(dated(told)) == ["Police said on October 6, 2025 that nobody was hurt."]
    assert list(dated(told, 3)) == ["Police said on October 3, 2025 that nobody was hurt."]
    assert list(dated(source("Police said on Monday that nobody was hurt.", "en"))) == []


@pytest.mark.parametrize(("text", "language"), [(FR, "fr"), (EN, "en")])
def test_alterations_change_what_is_said(text: str, language: str) -> None:
    for kind in ("figure", "period", "place", "polarity"):
        found = list(altered(source(text, language), kind, ()))
        assert all(claim != text for claim in found), kind
        assert found or (kind, language) == ("polarity", "en"), kind


def test_a_figure_elsewhere_is_one_of_the_passage() -> None:
    passage = f"{EN} Rival Quentra cut 4,500 jobs."
    assert any("4,500 jobs in Paris" in c for c in altered(source(EN, "en", passage), "figure-elsewhere", ()))
    assert not list(altered(source(EN, "en"), "figure-elsewhere", ()))


def test_no_alteration_puts_in_what_the_passage_holds() -> None:
    passage = f"{FR} " + " ".join(str(year) for year in range(2019, 2031))
    assert not [c for c in altered(source(FR, "fr", passage), "period", ()) if "mars 2025" not in c and " mars 20" in c]


def data_folder(folder: Path) -> Path:
    english = "Zyblor Systems cut 1,200 jobs in Chicago on March 3, 2025, according to Anna Quist of Quentra Partners. "
    rows = [
        {
            "url": f"u{n}",
            "text": english + f"It was not the first time in {2000 + n} that jobs were lost there again and again.",
        }
        for n in range(20)
    ]
    (folder / "news-en").mkdir(parents=True)
    with gzip.open(folder / "news-en" / "docs.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(json.dumps(row) for row in rows))
    (folder / "news-fr").mkdir()
    summaries = [
        {"URL": f"f{n}", "Résumé": FR.replace("1 200", f"1 {200 + n}"), "Date de publication": "2025-03-04"}
        for n in range(20)
    ]
    (folder / "news-fr" / "articles_2026-02.json").write_text(json.dumps(summaries), encoding="utf-8")
    return folder


def test_pairs_are_the_same_every_time_and_split_by_document(tmp_path: Path) -> None:
    folder = data_folder(tmp_path / "data")
    pairs = make_pairs(folder)
    assert pairs == make_pairs(folder)
    assert {p.half for p in pairs} == {"tune", "held-out"}
    assert {p.language for p in pairs} == {"fr", "en"}
    assert {half_of("x") for _ in range(5)} == {half_of("x")}
    assert all(p.claim not in p.passage for p in pairs)
    done = CliRunner().invoke(eval_app, ["claims", "--data", str(folder), "--json"])
    assert json.loads(done.stdout)["pairs"] == len(pairs)


def test_no_news_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="news-fr"):
        make_pairs(tmp_path)
    (tmp_path / "h.jsonl").write_text('{"id": "a"}\n', encoding="utf-8")
    with pytest.raises(EvaluationError, match=r"h\.jsonl, row 1"):
        read_hand(tmp_path / "h.jsonl")


def test_rates_by_their_formula() -> None:
    def one(expected: str, status: str) -> Judged:
        return Judged(ClaimPair("i", "k", "c", "p", expected, "fr", False, "tune"), status)  # type: ignore[arg-type]

    told = [("supported", "supported"), ("supported", "partly"), ("supported", "unsupported")]
    told += [("unsupported", "partly"), ("unsupported", "unsupported"), ("weaker", "partly"), ("weaker", "supported")]
    rates = summary([one(*pair) for pair in told])["all"]
    assert rates == {"pairs": 7.0, "false acceptance": 2 / 4, "false refusal": 1 / 3, "partly": 1 / 3}


def test_the_check_keeps_its_floors_on_the_pairs_written_by_hand() -> None:
    """Floors, not aims: a change of the check that lets more false claims through fails here."""
    pairs = read_hand()
    assert len(pairs) == 400
    assert sum(p.language == "fr" for p in pairs) >= 190
    rates = summary(judge(pairs, check_claim))["all"]
    assert rates["false acceptance"] <= FLOOR_ACCEPTED
    assert rates["false refusal"] <= FLOOR_REFUSED
    assert cost_ms(pairs, check_claim)["p50"] < 20  # The aim is 2 ms; a shared machine may be slow.


CLAUSES = read_hand(HAND.with_name("clauses.jsonl"))
NOT_YET = {"clause-249", "clause-270", "clause-294", "clause-323", "clause-335"}
"""Pairs on which the check is known to err: three true ones refused, two false ones accepted."""


@pytest.mark.parametrize("pair", [p for p in CLAUSES if p.id not in NOT_YET], ids=lambda p: f"{p.id}-{p.kind}")
def test_every_clause_of_news(pair: ClaimPair) -> None:
    """Invented passages; see evals/gold/README.md."""
    (judged,) = judge([pair], check_claim)
    assert not judged.accepted, "a false claim passes"
    assert not judged.refused, "a true claim is refused"


def test_what_is_known_to_err_is_still_wrong() -> None:
    """A pair that is right by now belongs to those that must stay right."""
    assert {j.pair.id for j in judge(CLAUSES, check_claim) if j.accepted or j.refused} == NOT_YET


FLOOR_ACCEPTED, FLOOR_REFUSED = 0.02, 0.13
