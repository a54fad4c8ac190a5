"""Which sentences can be shown by themselves."""

from __future__ import annotations

import pytest

from rag.standing import stands_from


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
