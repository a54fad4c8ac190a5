"""Which sentences can be shown by themselves."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rag.extractive import extract
from rag.models import Passage
from rag.question import read_question
from rag.standing import plain_sentence, stands_from, with_quotations


def _alone(text: str) -> bool:
    return stands_from(text, [(0, len(text))], 0, 0.0) == 0


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        # A common noun with its name beside it leans on nothing. All of these are invented.
        ("L’éditeur de cybersécurité Zébulon se sépare d’environ 90 salariés.", True),
        ("Le géant du commerce en ligne Zébulon supprime 14 000 postes.", True),
        ("L’entreprise américaine Zébulon licencie un dixième de ses équipes.", True),
        ("Le spécialiste allemand de la traduction automatique Zébulon supprime 250 postes.", True),
        ("La société de conseil Zébulon a dit qu’elle fermait deux bureaux.", True),
        ("The company Zebulon said that it would close two offices.", True),
        # A name that comes later is another one.
        ("Le groupe rachète Zébulon pour un milliard de dollars.", False),
        ("Le groupe de luxe a vendu Zébulon à ses salariés.", False),
        ("La banque va supprimer 300 postes à Londres.", False),
        ("Le constructeur a annoncé lundi que Zébulon suivrait.", False),
        ("The company said Zebulon would close two offices.", False),
    ],
)
def test_a_noun_with_its_name_beside_it_stands_alone(text: str, alone: bool) -> None:
    assert _alone(text) is alone


def test_a_leaning_figure_is_not_shown_beside_one_that_says_whose_it_is() -> None:
    # Invented.
    text = "Zébulon va supprimer 800 postes en mars. Cette vague concernerait 1 000 sous-traitants au plus, selon des élus."
    later = "Ces suppressions s’ajoutent à 2 500 départs d’il y a deux ans."
    passages = [
        Passage(text, "Zébulon supprime 800 postes", "http://x.example/a", "Essai", None, "fr", "a", "a:1:0"),
        Passage(
            later, "Zébulon réduit ses effectifs", "http://x.example/b", "Essai", None, "fr", "b", "b:1:1", start=400
        ),
    ]
    found = extract(
        read_question("Combien de postes Zébulon supprime-t-il ?", datetime(2026, 4, 1, tzinfo=UTC)), passages
    )
    assert any("800 postes" in s.text for s in found.sentences)
    assert not any("2 500" in s.text for s in found.sentences)
    alone = extract(
        read_question("Combien de postes Zébulon supprime-t-il ?", datetime(2026, 4, 1, tzinfo=UTC)), passages[1:]
    )
    assert any("2 500" in s.text and "dans l'article" in s.text for s in alone.sentences)


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("“We had no choice,” she said.", False),
        ("“We had no choice,” Ada Merle said.", True),
        ("C’est la seule raison, explique-t-il.", False),
        ("La place de marché eBay supprime environ 800 postes, a-t-elle annoncé le 26 février 2026.", True),
        ("Zébulon supprime 800 postes, a-t-il annoncé.", True),
        ("This week Zebulon closed two offices.", True),
        ("There is no option to disable it at Zebulon.", True),
        ("But Zebulon closed two offices.", True),
        ("But they closed two offices.", False),
    ],
)
def test_who_speaks_has_a_name(text: str, alone: bool) -> None:
    assert _alone(text) is alone


def test_a_quotation_is_one() -> None:
    text = "“It is over. We leave,” said Ada Merle of Zebulon. The shop closes."
    spans = [(0, 12), (13, 50), (51, len(text))]
    assert [text[a:b] for a, b in with_quotations(text, spans)] == [
        "“It is over. We leave,” said Ada Merle of Zebulon.",
        "The shop closes.",
    ]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Et trois outils sont livrés avec la lampe.", "Trois outils sont livrés avec la lampe."),
        ("But Zebulon makes lamps in the town of Lutz.", "Zebulon makes lamps in the town of Lutz."),
        ("However, Zebulon makes lamps in Lutz.", "Zebulon makes lamps in Lutz."),
        ("Still waters run deep in the town of Lutz.", "Still waters run deep in the town of Lutz."),
        ("Mais aussi des lampes, et des chaises en bois.", "Mais aussi des lampes, et des chaises en bois."),
        (
            "(2) Prix de la lampe, double piège : Elle coûte 3 $ et brûle vite.",
            "Prix de la lampe, double piège : Elle coûte 3 $ et brûle vite.",
        ),
        ("3) Zebulon: Lamps are sold in the town of Lutz.", "Zebulon: Lamps are sold in the town of Lutz."),
        ("But for lamps, Zebulon would have cut jobs.", "But for lamps, Zebulon would have cut jobs."),
        ("1. Zebulon makes lamps in the town of Lutz.", "Zebulon makes lamps in the town of Lutz."),
        ("Quatre points : ① la paix, ② le pain.", "Quatre points : la paix, le pain."),
        ("A. Merle makes lamps in the town of Lutz.", "A. Merle makes lamps in the town of Lutz."),
    ],
)
def test_what_ties_a_sentence_to_others_and_numbers_are_left_off(written: str, shown: str) -> None:
    assert plain_sentence(written) == shown
