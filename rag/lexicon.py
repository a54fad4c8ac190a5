"""Words of the two languages that mean the same in news of work and AI: a small lexicon of our own, for checking across them. Pure."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files

from corpus.analysis import fold_accents
from rag.stems import stem

# One concept a line: stems, French and English alike; a stem stands for every word that begins with it.
_CONCEPTS = """
supprim suppress cut cuts cutting eliminat slash axe axed shed trim coupe coupes
licenci layoff layoffs laid lay redundan fired dismiss debauch
poste postes emploi emplois job jobs role roles position positions
salarie salaries employe employes employee employees worker workers staff staffer effectif effectifs workforce headcount personnel travailleur collaborateur
entrepris societe groupe company companies firm firms compan corporat business businesses
annonc announc annonc declar indique indiqu affirm state stated said says explique explain precis soulign montr estim rappel ajout added adds wrote told
prevoi prevu plan plans planned planning project projet intend expect
demen denie denied deny denies refut dispute
nouveau nouvel nouvelle nouveaux nouvelles new
robot robots robotis robotic
automatis automat
entrepot warehouse warehouses
logisti logistic
intelligence artificielle artificial ia ai
agent agents agentique agentic
competence competences skill skills
form formation formations training train trained trainings
reconver requalif reskill upskill retrain
apprend learn learning apprentissage
recrut embauch hire hires hired hiring recruit
croissance growth grow growing
chiffre revenu revenus revenue revenues sales
benefice profit profits
invest
cout couts cost costs depense spending spend
directeur directrice dirigeant pdg patron ceo chief executive boss
syndicat union unions
marche market markets
bourse action actions shares share stock stocks
client clients customer customers
service services support
logiciel logiciels software
ingenieur ingenieurs engineer engineers developp developer developers
technolog tech
monde mondial mondiale mondiaux global globally worldwide world
pays countr
europe europeen european
trimestre quarter quarters
annee annees an ans year years
mois month months
semaine week weeks
jour jours journee day days
heure heures hour hours
reduct redui reduc lower
augment hausse hausses increas rise rises rose progress grimp bondi climb surg
baisse baiss declin fall falls fell drop drops decreas recul chut diminu slump plung
rapport report reported reports study studies etude etudes enquete survey surveys sondage
gouvernement government
loi lois law laws legislation
productivite productivity
restructur reorganis reorganiz
bureau bureaux office offices siege headquarters
ferm fermer fermet ferme clos closing closure close closes shut
usine usines factory factories plant plants
remplac replac
modele modeles model models
donnee donnees data
vague vagues wave waves round
depart departs severance exit
banque banques bank banks
ville villes city cities
chercheur chercheurs researcher researchers scientifique scientist scientists
recherche recherches research
entrain train trained
generatif generative
puce puces chip chips semiconduc
lanc launch launches launched
rachat rachete acheter acquer acquisition acqui acquires acquired buy buys bought takeover
vend vente ventes sell sells sold sale
analyste analystes analyst analysts
porte-parole spokesperson spokesman spokeswoman
pourcent percent
taux rate rates
moyenn average mean
niveau level levels
risque risques risk risks
outil outils tool tools
tache taches task tasks
travail work works working labour labor
chomage unemploy jobless
salaire salaires remuneration wage wages pay salary
greve greves strike strikes
accord accords deal deals agreement
contrat contrats contract contracts
partenariat partner
utilisateur utilisateurs user users
utilis emploie emploient employer using uses
majeur majeure important importante importants major significant
fourni fournit provid donne donnent give gives
permet permett possible enabl allows
aide aides aider help helps helped assist
achet purchas bought
entreprises
ecole ecoles school schools
universite univers college
etudiant etudiants student students
enseign teach professeur
sante health
medecin medecins doctor doctors
securite safety security
concurren compet rival
startup start-up pousse
fond fonds fund funds funding levee leve rais raised
valoris valuation valued
juge judge tribunal court
plainte plaintes lawsuit lawsuits sue sued sues complaint poursui
droit droits right rights
auteur auteurs author authors
vie life
menac threaten risk risks risque risques peril
voix vote votes
equipement equip equips equipment
constructeur fabricant maker makers manufactur
redout redoute craint craignent fear fears feared
promet promis promise promised promises
assure assurent garanti guarantee guarantees guaranteed
enfant enfants child children
femme femmes woman women
homme hommes man men
jeune jeunes young
"""
# Opposites. What happens or is done, which a claim cannot state unless its source does ...
_DEEDS = (
    (
        "augment hausse hauss increas rise rises rose risen rising grow grew grown growth croissance croitre accroi accru gain gained gains climb climbed surg jump jumped bondi progress expand releve relever relevent relevement relevait gagne gagner gagnent raise raises raised raising hike hikes hiked lift lifts lifted boost boosts boosted soar soars soared",
        "diminu baisse baisses baiss reduc redui decreas fall falls fell fallen drop drops dropped declin lower shrink shrank recul chute chut plung plummet slump contracted contracte perd perdu perdent perdre cut cuts cutting slash slashes slashed trim trims trimmed tumbl sank amput rogn",
    ),
    (
        "embauch recrut hire hires hired hiring recruit cree creer creent cree crees creees creation creat creates created",
        "licenci fire fired firing layoff layoffs laid dismiss supprim suppression cut cuts cutting axe axed axes axing slash slashes slashed scrap scraps scrapp shed sheds shedding eliminat destroy detrui loss losses lost lose perte pertes",
    ),
    (
        "ouvre ouvri ouvert ouverture open opens opened opening inaugur",
        "ferm close closes closed closing closure shut shuts scrap scraps scrapp",
    ),
    ("accept approuv approv accepted valid", "reject rejet refus turned declined"),
    ("confirm", "dement dementi deny denies denied denying refut infirm"),
    ("gagne gagner win wins won winner", "perd perdu perte lose loses lost losing"),
    ("achet achete acheter rachet buy buys bought acqui acquer", "vend vendu vendre sell sells sold"),
    ("profit profits benefice benefices profitable rentab", "perte pertes loss losses unprofit"),
    (
        "start starts started begin begins began commenc debut debute lanc",
        "end ends ended stop stops stopped arret termin cess halt halts halted halting",
    ),
    (
        "autoris allow allows allowed permet permit permis permett",
        "interdi ban bans banned banning prohibit forbid empech prevent",
    ),
    ("entrer entrent join joins joined rejoin rejoint", "quitt leave leaves left depart"),
    ("succe reussi reussit succeed succeeded", "echou echec fail failed fails failure"),
    ("cre creer cree creation creat creates created", "supprim detrui eliminat destroy"),
    ("double doubl twice", "halved halv"),
    ("agree agreed agrees", "disagree disagreed refuse refused"),
    ("ameliorer amelior improv improve", "deterior worsen aggrav degrad"),
    (
        "salu welcom applaud prais felicit",
        "critiqu criticis criticiz denonc condemn fustig blast reckless irresponsable",
    ),
)
# ... and what something is like.
_QUALITIES = (
    ("premier premiere first", "dernier derniere last"),
    ("plus more higher superieur above greater larger most", "moins less fewer lower inferieur below smaller least"),
    ("avant before prior", "apres after"),
    (
        "soutien soutenir soutenu support supports supported backed favor favour favorable",
        "oppos against contre hostile",
    ),
    ("meilleur meilleure better best", "pire worse worst"),
    ("facil easy easier easily", "difficil hard harder difficult"),
    ("fort forte strong stronger solid", "faibl weak weaker"),
    ("rapid fast faster quick accelera acceler", "lent lente slow slower slowed ralenti ralent"),
    ("toujours always", "jamais never"),
    ("optimis optimist", "pessimis pessimist"),
    ("public publique", "prive privee private"),
    ("majorit majority", "minorit minority"),
    ("positif positive", "negatif negative"),
    ("vrai true", "faux false fausse"),
    ("probable likely probablement", "improbable unlikely"),
    ("avec with", "sans without"),
    ("maxim maximum", "minim minimum"),
    ("export", "import imports imported impô"),
    ("court short shorter", "long longer longue"),
    ("nouveau nouvelle new newer", "ancien ancienne old older former"),
    ("jeune jeunes young younger", "vieux vieil age agees elderly"),
    ("legal legale lawful", "illegal illegale unlawful"),
    ("inclu inclus include includes", "exclu exclus exclude"),
    ("national domestic", "international"),
    ("gratuit gratuite free", "payant payante paid"),
    ("employeur employeurs employer employers", "employe employes employee employees salarie salaries worker workers"),
    ("client clients customer customers", "fournisseur fournisseurs supplier suppliers"),
    ("homme hommes man men", "femme femmes woman women"),
    ("haut haute hauts high higher highest", "bas basse low lower lowest"),
    ("eleve elevee", "faible"),
    ("up", "down"),
    ("multipli", "divis"),
)
_AXES = _DEEDS + _QUALITIES


def is_deed(axis: int) -> bool:
    """Whether an axis of opposites is of something that happens or is done ("hire", "dismiss"), not of what something is like."""
    return axis < len(_DEEDS)


def is_counted_by(axis: int) -> bool:
    """Whether an axis is of deeds that news counts by: rise and fall, hire and dismiss, open and close."""
    return axis < 3


def is_change(axis: int) -> bool:
    """Whether an axis is of rise and fall."""
    return axis == 0


@lru_cache(maxsize=1)
def _table() -> tuple[tuple[dict[str, int], dict[str, int]], ...]:
    exact: dict[str, int] = {}
    stems: dict[str, int] = {}
    for number, line in enumerate(filter(None, (row.strip() for row in _CONCEPTS.splitlines()))):
        for word in line.split():
            (exact if len(word) <= 4 else stems)[word] = number
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


CUT, DISMISS, POST = 0, 1, 2
"""The first three concepts: to cut, to lay off, jobs."""


def concepts_told(text: str) -> frozenset[int]:
    """The concepts of a text, and what they come to together: who lays people off cuts jobs, and the other way round."""
    found = concepts_of(text)
    if DISMISS in found:
        return found | {CUT, POST}
    return found | {DISMISS} if {CUT, POST} <= found else found


@lru_cache(maxsize=1)
def _axis_table() -> tuple[dict[str, tuple[tuple[int, int], ...]], dict[str, tuple[tuple[int, int], ...]]]:
    exact: dict[str, tuple[tuple[int, int], ...]] = {}
    stems: dict[str, tuple[tuple[int, int], ...]] = {}
    for number, sides in enumerate(_AXES):
        for sign, words in zip((1, -1), sides, strict=True):
            for word in words.split():
                table = exact if len(word) <= 4 else stems
                table[word] = (*table.get(word, ()), (number, sign))
    return exact, stems


@lru_cache(maxsize=100_000)
def axes_of(folded: str) -> tuple[tuple[int, int], ...]:
    """(axis, side) of the opposites that a folded word belongs to: "hausse" and "rise" are one side, "baisse" and "fall" the other."""
    exact, stems = _axis_table()
    found = exact.get(folded, ())
    if not found:
        for length in range(len(folded), 4, -1):
            if folded[:length] in stems and len(folded) - length <= 5:
                return stems[folded[:length]]
    return found


@lru_cache(maxsize=100_000)
def concept_of(folded: str) -> int | None:
    """The number of a folded word's concept, None for most words."""
    return next(iter(concepts_of(folded)), None)


@cache
def _translations() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    to_english: dict[str, tuple[str, ...]] = {}
    to_french: dict[str, tuple[str, ...]] = {}
    for line in files("rag").joinpath("translations.txt").read_text(encoding="utf-8").splitlines():
        french, *english = line.split(" ")
        to_english[french] = tuple(english)
        for word in english:
            to_french[word] = (*to_french.get(word, ()), french)
    return to_english, to_french


@cache
def _synonyms() -> dict[str, tuple[str, ...]]:
    rows = files("rag").joinpath("synonyms.txt").read_text(encoding="utf-8").splitlines()
    return {word: tuple(others) for word, *others in (row.split(" ") for row in rows)}


@lru_cache(maxsize=200_000)
def english_roots(folded: str, language: str) -> frozenset[str]:
    """The English stems of a folded word: its own, or those of its translations."""
    root = stem(folded, language)
    return frozenset(_translations()[0].get(root, ())) if language == "fr" else frozenset((root,))


def french_roots(folded: str) -> frozenset[str]:
    """The French stems of an English word's translations."""
    return frozenset(_translations()[1].get(stem(folded, "en"), ()))


@lru_cache(maxsize=200_000)
def synonyms_of(folded: str, language: str) -> frozenset[str]:
    """English stems that may stand for a folded word of either language (WordNet's first senses), its own among them; none on
    the other side of an opposition."""
    table = _synonyms()
    roots = english_roots(folded, language)
    other_side = {(axis, -side) for axis, side in axes_of(folded)}
    found = roots.union(*(table.get(root, ()) for root in roots))
    return frozenset(word for word in found if not other_side & set(axes_of(word)))


@lru_cache(maxsize=200_000)
def meanings(folded: str, language: str) -> frozenset[str]:
    """Keys under which a folded word meets its kin: its stem in its own language ("f:", "e:"), the stems of its translations
    in the other, its concept ("c:"). Two words of either language may mean the same when they share a key."""
    root = stem(folded, language)
    to_english, to_french = _translations()
    own, other, table = ("f:", "e:", to_english) if language == "fr" else ("e:", "f:", to_french)
    keys = {own + root}
    keys.update(other + word for word in table.get(root, ()))
    concept = concept_of(folded)
    if concept is not None:
        keys.add(f"c:{concept}")
    return frozenset(keys)


@lru_cache(maxsize=100_000)
def is_known_word(folded: str) -> bool:
    """Whether a folded word is an ordinary word of either language, as far as the translations know."""
    to_english, to_french = _translations()
    return stem(folded, "fr") in to_english or stem(folded, "en") in to_french or bool(concepts_of(folded))
