"""Words of the two languages that mean the same in news of work and AI: a small lexicon of our own, for checking across them. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from corpus.analysis import fold_accents

# One concept a line: stems, French and English alike; a stem stands for every word that begins with it.
_CONCEPTS = """
supprim suppress cut cuts cutting eliminat slash axe axed shed trim
licenci layoff layoffs laid lay redundan fired dismiss
poste postes emploi emplois job jobs role roles position positions
salarie salaries employe employes employee employees worker workers staff effectif effectifs workforce headcount personnel travailleur
entrepris societe groupe company firm compan corporat business
annonc announc said declar indique indiqu affirm state stated
prevoi prevu plan plans planned planning project projet intend expect
demen denie denied deny denies refut dispute
premier first
nouveau nouvel nouvelle new
deuxieme second
robot robots robotis robotic
automatis automat
entrepot warehouse warehouses
logisti logistic
intelligence artificielle artificial ia ai
agent agents
competence competences skill skills
form formation training train trained
reconver requalif reskill upskill retrain
apprend learn learning
recrut embauch hire hires hired hiring recruit
croissance growth grow growing
chiffre revenu revenus revenue sales
benefice profit profits
invest
cout couts cost costs depense spending
directeur dirigeant pdg patron ceo chief executive boss
syndicat union unions
marche market
bourse action shares stock
client clients customer customers
service support
logiciel software
ingenieur ingenieurs engineer engineers developp developer developers
technolog tech
monde mondial global worldwide world
pays countr
europe europeen european
trimestre quarter
annee an ans year years
mois month months
semaine week weeks
moitie half
tiers third
reduct redui reduc lower
augment hausse increas rise rises rose
baisse baiss declin fall fell drop
rapport report reported study etude enquete survey
gouvernement government
loi law legislation
public
productivite productivity
restructur reorganis reorganiz
bureau bureaux corporate office offices
fermer fermet ferme clos closing closure
usine factory factories plant
remplac replac
modele model models
donnee donnees data
vague wave round
total
depart departs severance exit
banque bank bank
ville city
"""


@lru_cache(maxsize=1)
def _table() -> tuple[tuple[dict[str, int], dict[str, int]], ...]:
    exact: dict[str, int] = {}
    stems: dict[str, int] = {}
    for number, line in enumerate(filter(None, (row.strip() for row in _CONCEPTS.splitlines()))):
        for stem in line.split():
            (exact if len(stem) <= 4 else stems)[stem] = number
    return ((exact, stems),)


@lru_cache(maxsize=4096)
def concepts_of(text: str) -> frozenset[int]:
    """The numbers of the concepts that a text's words belong to."""
    ((exact, stems),) = _table()
    found: set[int] = set()
    for word in re.findall(r"[^\W\d_]+", fold_accents(text.lower())):
        if word in exact:
            found.add(exact[word])
            continue
        for length in range(min(len(word), 14), 3, -1):
            number = stems.get(word[:length])
            if number is not None:
                found.add(number)
                break
    return frozenset(found)
