"""The claim check and the grammar under it: forms of one fact pass, other facts do not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.agreement import supports, verdict
from rag.claims import check_claim
from rag.dates import find_dates
from rag.models import Passage
from rag.quantities import find_quantities

SOURCE = "Le 3 mars 2025, Orvalis a annoncé la suppression de {} postes à Lyon, soit 3,5 % des effectifs."
ENGLISH = "Orvalis announced on 3 March 2025 that it will cut 1,200 jobs in Lyon, or 3.5% of its workforce."


def _status(sentence: str, *texts: str, published: datetime | None = None) -> str:
    return check_claim(sentence, [Passage(t, published=published) for t in texts]).status


def _forms(number: int) -> list[str]:
    english = f"{number:,}"
    return [str(number), english, *(english.replace(",", c) for c in " \u00a0\u202f\u2009'")]


@given(st.integers(1000, 9_999_999), st.data())
@settings(max_examples=60, deadline=None)
def test_every_form_of_a_number_is_that_number(number: int, data: st.DataObject) -> None:
    one, two = (data.draw(st.sampled_from(_forms(number))) for _ in range(2))
    claim, source = (find_quantities(f"un total de {form} postes")[0] for form in (one, two))
    assert float(number) in claim.values
    assert verdict(claim, source) == "yes"


@given(st.integers(2100, 999_999), st.data())
@settings(max_examples=60, deadline=None)
def test_a_changed_digit_is_never_supported(number: int, data: st.DataObject) -> None:
    digits = str(number)
    at = data.draw(st.integers(0, len(digits) - 1))
    other = data.draw(st.sampled_from([d for d in "123456789" if d != digits[at]]))
    changed = int(digits[:at] + other + digits[at + 1 :])
    source = SOURCE.format(data.draw(st.sampled_from(_forms(number))))
    claim = SOURCE.format(data.draw(st.sampled_from(_forms(changed))))
    assert _status(claim, source) != "supported"
    assert _status(SOURCE.format(data.draw(st.sampled_from(_forms(number)))), source) == "supported"


@pytest.mark.parametrize(
    ("text", "value", "unit", "bound"),
    [
        ("1,2 millier de postes", 1200, "", ""),
        ("mille deux cents postes", 1200, "", ""),
        ("1.2K jobs", 1200, "", ""),
        ("quatre-vingt-dix-sept postes", 97, "", ""),
        ("one hundred and twenty-five people", 125, "", ""),
        ("un million et demi de clients", 1_500_000, "", ""),
        ("3,5 % des effectifs", 3.5, "%", ""),
        ("3 points de pourcentage", 3, "points", ""),
        ("un tiers des salariés", 1 / 3, "share", ""),
        ("three-quarters of staff", 0.75, "share", ""),
        ("plus de 14 000 postes", 14000, "", "more"),
        ("près de 500 postes", 500, "", "nearly"),
        ("1,2 milliard d'euros", 1.2e9, "EUR", ""),
        ("$1.2 billion in sales of the firm", 1.2e9, "USD", ""),
        ("2 billions d'euros pour les banques", 2e12, "EUR", ""),
        ("des milliers de postes", 1000, "", "vague"),
    ],
)
def test_quantities(text: str, value: float, unit: str, bound: str) -> None:
    quantity = find_quantities(text)[0]
    assert any(abs(v - value) < 1e-9 * max(1, value) for v in quantity.values)
    assert (quantity.unit, quantity.bound) == (unit, bound)


def test_a_range_shares_its_unit() -> None:
    low, high = find_quantities("entre 10 et 15 millions d'euros")
    assert (low.values, low.unit, low.bound) == ((10e6,), "EUR", "low")
    assert (high.values, high.unit, high.bound) == ((15e6,), "EUR", "high")


@pytest.mark.parametrize(
    ("claim", "source", "expected"),
    [
        ("plus de 14 000 postes", "14 200 postes", "yes"),
        ("plus de 14 000 postes", "14 000 postes", "no"),
        ("plus de 14 000 postes", "13 900 postes", "no"),
        ("près de 15 000 postes", "14 900 postes", "yes"),
        ("about 500 jobs", "510 jobs", "yes"),
        ("510 jobs", "about 500 jobs", "no"),
        ("500 jobs", "more than 500 jobs", "loose"),
        ("moins de 500 postes", "plus de 500 postes", "no"),
        ("25 % of staff", "a quarter of staff", "yes"),
        ("3 %", "3 points", "no"),
        ("5 millions de dollars", "5 millions d'euros", "no"),
    ],
)
def test_bounds_and_units(claim: str, source: str, expected: str) -> None:
    assert verdict(find_quantities(claim)[0], find_quantities(source)[0]) == expected


@pytest.mark.parametrize(
    ("claim", "source", "holds"),
    [
        ("le 3 mars 2025", "March 3, 2025", True),
        ("le 03/03/2025", "2025-03-03", True),
        ("3 mai", "3 mars", False),
        ("en mars 2025", "le 3 mars 2025", True),
        ("le 3 mars 2025", "en mars 2025", False),
        ("au T3 2025", "in the third quarter of 2025", True),
        ("au T3 2025", "au T2 2025", False),
        ("mardi", "le 4 mars 2025", True),
        ("mercredi", "le 4 mars 2025", False),
        ("last year", "in 2024", True),
        ("depuis 2020", "d'ici 2020", False),
    ],
)
def test_dates(claim: str, source: str, holds: bool) -> None:
    published = datetime(2025, 3, 6, tzinfo=UTC)
    assert supports(find_dates(claim)[0], find_dates(source)[0], published) is holds


@pytest.mark.parametrize(
    "claim",
    [
        "Orvalis a annoncé le 3 mars 2025 la suppression de 1200 postes à Lyon, soit 3,5% des effectifs.",
        "Le 03/03/2025, Orvalis a annoncé la suppression de mille deux cents postes à Lyon, soit 3,5 % des effectifs.",
        ENGLISH,
    ],
)
def test_other_forms_are_supported(claim: str) -> None:
    assert _status(claim, SOURCE.format("1 200")) == "supported"


@pytest.mark.parametrize(
    ("claim", "kind"),
    [
        (SOURCE.format("1 300"), "number"),
        (SOURCE.format("1 200").replace("3,5 %", "35 %"), "number"),
        (SOURCE.format("1 200").replace("3 mars", "3 mai"), "date"),
        (SOURCE.format("1 200").replace("Orvalis", "Bexane"), "name"),
        (SOURCE.format("1 200").replace("Lyon", "Lille"), "name"),
        (SOURCE.format("1 200").replace("a annoncé", "n'a pas annoncé"), "polarity"),
        (SOURCE.format("1 200").replace("a annoncé", "a démenti"), "polarity"),
        (ENGLISH.replace("1,200", "12,000"), "number"),
        (ENGLISH.replace("March", "May"), "date"),
        (ENGLISH.replace("Lyon", "London"), "name"),
    ],
)
def test_another_substance_is_refused_with_its_span(claim: str, kind: str) -> None:
    check = check_claim(claim, [Passage(SOURCE.format("1 200"))])
    assert check.status == "unsupported"
    assert kind in {reason.kind for reason in check.reasons}
    assert all(0 <= r.span[0] <= r.span[1] <= len(claim) for r in check.reasons)


def test_the_number_of_another_company_is_refused() -> None:
    text = "Orvalis supprime 500 postes et Bexane recrute 300 ingénieurs."
    assert _status("Bexane supprime 500 postes et Orvalis recrute 300 ingénieurs.", text) == "unsupported"
    assert _status("Orvalis supprime 300 postes et Bexane recrute 500 ingénieurs.", text) == "unsupported"


def test_roles_turn_with_the_voice() -> None:
    assert (
        _status("Bexane rachète Orvalis pour 3 millions d'euros.", "Orvalis rachète Bexane pour 3 millions d'euros.")
        == "unsupported"
    )


def test_a_plan_is_no_deed_and_a_dropped_bound_is_partly_supported() -> None:
    assert (
        _status("Orvalis supprime 500 postes à Lyon.", "Orvalis envisage de supprimer 500 postes à Lyon.")
        == "unsupported"
    )
    assert _status("Orvalis supprime 500 postes à Lyon.", "Orvalis supprime environ 500 postes à Lyon.") == "partly"


def test_a_whole_sentence_of_the_passage_is_supported_whatever_it_holds() -> None:
    text = "Avant tout, rien. « Ne pas nier : 3,5 % ou 35 % ? », dit-il, sans que Bexane, Orvalis ou 12 autres démentent. Fin."
    assert (
        _status("« Ne pas nier : 3,5 % ou 35 % ? », dit-il, sans que Bexane, Orvalis ou 12 autres démentent.", text)
        == "supported"
    )


def test_empty_and_absent() -> None:
    assert check_claim("", [Passage("Texte.")]).status == "unsupported"
    assert check_claim("Orvalis recrute.", []).status == "unsupported"
    assert _status("Le marché de l'avocat s'effondre au Pérou.", SOURCE.format("1 200")) == "unsupported"


def test_two_passages_support_one_sentence() -> None:
    sentence = "Orvalis supprime 500 postes à Lyon et Bexane recrute 300 ingénieurs à Lille."
    assert (
        _status(sentence, "Orvalis supprime 500 postes à Lyon.", "Bexane recrute 300 ingénieurs à Lille.")
        == "supported"
    )


@pytest.mark.parametrize(
    ("claim", "source", "status"),
    [
        ("Bexane a été rachetée en 12/2025.", "Bexane a été rachetée en décembre 2025.", "supported"),
        ("Le dépôt de Bexane a été créé le 03/04.", "Le dépôt de Bexane a été créé le 3 avril.", "supported"),
        ("Quist a dit à Bexane que l'usine ferme.", "Anna Quist a dit à Bexane que l'usine ferme.", "supported"),
        ("Bexane fera le tour en 3 ans.", "Bexane fera le tour en 3 mois.", "unsupported"),
        (
            "The fire was reported in Leeds, according to Bexane Motors.",
            "The fire was reported in Leeds, according to Orvalis.",
            "unsupported",
        ),
        (
            "According to Orvalis, Bexane will mend every pedal free of charge.",
            "Bexane will mend every pedal free of charge, according to Orvalis.",
            "supported",
        ),
        ("Anna Quist will attend the trial in Leeds.", "Anna Quist is expected to attend the trial in Leeds.", "unsupported"),
        ("They are not very rare, said Anna Quist.", "They are very rare, said Anna Quist.", "unsupported"),
        ("The most notable name was Bexane.", "The least notable name was Bexane.", "unsupported"),
        ("Un comptable sur cinq de Leeds utilise l'outil Bexane.", "One in five accountants in Leeds uses the Bexane tool.", "supported"),
        ("Bexane purchased a plant in Leeds.", "Bexane bought a plant in Leeds.", "supported"),
        ("A 750-million-euro fund was set up by Bexane.", "A fund of 750 million euros was set up by Bexane.", "supported"),
    ],
)  # fmt: skip
def test_what_the_pairs_made_from_news_taught(claim: str, source: str, status: str) -> None:
    assert _status(claim, source) == status


def test_a_pronoun_stands_for_who_is_named_first_before_it() -> None:
    text = "Anna Quist leads Bexane, a rival of Orvalis. She said the plant in Leeds would close."
    assert _status("Anna Quist said the plant in Leeds would close.", text) == "supported"
    assert _status("Orvalis said the plant in Leeds would close.", text) == "unsupported"
