from __future__ import annotations

import pytest

from evals.declining import area_under_roc
from evals.measures import EvaluationError
from rag.decline import confidence, missing_publications
from rag.extractive import extract
from rag.models import Passage
from rag.question import read_question
from tests.test_rag_deeds import NOW

HELD = ["The Sample Post", "Journal Exemple"]


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("What does a report in The Zubrov Times say of Acme?", ("The Zubrov Times",)),
        ("Does the Zubrov Times article agree with the Sample Post article?", ("Zubrov Times",)),
        ("Considering an article from The Sample Post and another from Zubrov Daily, who left?", ("Zubrov Daily",)),
        ("Que dit l'article du Journal Exemple sur Acme ?", ()),
        ("Que dit l'article paru dans Le Zubrovien ?", ("Le Zubrovien",)),
        ("What did The Sample Post's report in November say?", ()),
        ("How many jobs does Acme cut in Zubrovka?", ()),
    ],
)
def test_publications_that_a_question_rests_on(text: str, missing: tuple[str, ...]) -> None:
    assert missing_publications(text, HELD) == missing


def test_a_missing_publication_lowers_the_confidence() -> None:
    question = read_question("How many jobs does Acme cut?", NOW)
    found = extract(question, [Passage("Acme cuts 400 jobs in Example City.", title="Acme cuts jobs", language="en")])
    assert 0 < confidence(question, found, ["Zubrov Times"]) < confidence(question, found)


def _sure(asked: str, text: str, title: str = "Acme") -> float:
    question = read_question(asked, NOW)
    return confidence(question, extract(question, [Passage(text, title=title, language="en")]))


def test_another_purchase_of_the_same_body_is_no_answer() -> None:
    """ "When did Zebulon buy Acme" is not answered by what its article says of somebody else's offer."""
    text = "Borealis agreed to buy Acme for $2 billion on 3 May 2025, the two companies said. Acme makes lamps in Lutz."
    assert _sure("When did Zebulon buy Acme?", text) < _sure("When did Borealis buy Acme?", text) - 0.2


def test_a_deed_that_nothing_tells_of_lowers_the_confidence() -> None:
    text = "Ada Merle of Acme spoke on Monday about lamps and halls in Lutz, and how long both of them last."
    told = "Ada Merle of Acme was replaced on Monday by Leo Brown in Lutz, and lamps last as long as both."
    assert _sure("Who replaced Ada Merle at Acme?", text) < _sure("Who replaced Ada Merle at Acme?", told) - 0.2


def test_area_under_roc_counts_pairs() -> None:
    low, high = [0.1, 0.4, 0.4], [0.4, 0.9]
    pairs = [(h > a) + 0.5 * (h == a) for a in low for h in high]
    assert area_under_roc(low, high) == pytest.approx(sum(pairs) / len(pairs))
    with pytest.raises(EvaluationError):
        area_under_roc([], high)


def test_a_comparison_of_three_is_told_of_by_an_article_a_side() -> None:
    def sure(*names: str) -> float:
        question = read_question(f"Compare job cuts at {', '.join(names[:-1])} and {names[-1]}", NOW)
        passages = [
            Passage(f"{n} cuts {k} jobs in Lutz.", title=f"{n} cuts jobs", language="en", chunk_id=n, article_id=n)
            for k, n in enumerate(("Acme", "Zebulon", "Borealis"), start=400)
        ]
        return confidence(question, extract(question, passages))

    assert sure("Acme", "Zebulon", "Borealis") > sure("Acme", "Zebulon") - 0.1
    assert sure("Acme", "Zebulon", "Nowhere") < sure("Acme", "Zebulon", "Borealis")
