"""What speaks for a topic: groups of words and phrases, French and English together, since titles and quotes mix them.

What each group is worth is fitted (``topic_weights.json``, by ``python -m evals.train.topics``). Patterns are for text in lower case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_MACHINE = (
    r"\bAI\b|\bIA\b|\bA\.I\.|artificial intelligence|intelligence artificielle|\bLLMs?\b|chat ?GPT"
    r"|\bChatGPT\b|\bCopilot\b|\bClaude\b|\bGemini\b|\bCodex\b|\bagents?\b|\bchatbots?\b|\brobots?\b"
    r"|\bautomat\w+|\bmachines?\b|\balgorithm\w*"
)
_WORK = (
    r"\bwork(?:ers?|force|flows?|place)?\b|\bjobs?\b|\btasks?\b|\bemployees?\b|\bengineers?\b"
    r"|\bdevelopers?\b|\bproductiv\w+|\btravail\w*|\bemplois?\b|\bpostes?\b|\bmétiers?\b|\btâches?\b"
    r"|\bsalariés?\b|\béquipes?\b|\bdéveloppeurs?\b|\bingénieurs?\b|\bcollaborateurs?\b"
    r"|\bconseillers?\b|\beffectifs?\b|\bhumain\w*|\bhumans?\b|\bentreprises?\b"
)


def _alternatives(pattern: str) -> list[str]:
    """The parts between the bars of the outermost level."""
    parts, depth, inside = [""], 0, False
    for c, before in zip(pattern, " " + pattern, strict=False):
        inside = (inside or c == "[") and not (c == "]" and before != "\\")
        depth += 0 if inside else (c == "(") - (c == ")")
        if c == "|" and not depth and not inside:
            parts.append("")
        else:
            parts[-1] += c
    return parts


def _gathered(pattern: str) -> str:
    """The pattern for text in lower case, alternatives that begin words put together: four times as fast as ignoring case,
    since letters then rule out a place before anything is tried there."""
    parts = _alternatives(pattern.lower())
    words = "|".join(part.removeprefix(r"\b") for part in parts if part.startswith(r"\b"))
    others = [part for part in parts if not part.startswith(r"\b")]
    return "|".join([rf"\b(?:{words})", *others] if words else others)


_NEAR = r"[^.\n]{0,80}?"
_SOURCES: dict[str, dict[str, str]] = {
    "layoffs": {
        "dismissals": (
            r"\blay(?:ing|s)?[- ]?offs?\b|\blaid off\b|\blicenci\w+|\bplans? (?:sociaux|social|de départs?)\b"
            r"|\bPSE\b|sauvegarde de l['’]emploi|\bredundanc\w+|\bmade redundant\b|\bseverance\b"
            r"|\bpink slips?\b|\bWARN notice"
        ),
        "jobs cut": (
            r"(?:\bcut(?:s|ting)?\b|\bslash\w*|\baxe[ds]?\b|\baxing\b|\beliminat\w+|\bshed(?:s|ding)?\b|\btrim\w*"
            r"|\breduc\w+|\bfir(?:e|ed|ing|ings)\b) (?:[^.\n]{0,40}?)\b(?:jobs|roles|positions|workers|employees"
            r"|staff|workforce|headcount)\b"
            r"|\bjob (?:cuts?|losses|reductions?|eliminations?)\b|\bmass firings?\b"
            r"|(?:suppr[ei]\w+|coup\w+|rédui\w+|réduction\w*|baisse|diminution|destruction|disparition"
            r"|perte|perdu)s? (?:[^.\n]{0,30}?)\b(?:postes?|emplois?|effectifs?|personnel)\b"
            r"|\bworkforce reduction|\breduction in force|\bstaff(?:ing)? (?:cuts|reductions?)"
            r"|\b(?:fewer|less) (?:[^.\n]{0,20}?)\b(?:jobs|employees|workers|people|staff)\b"
            r"|\b(?:salariés|employés|postes|emplois|personnes|effectifs) (?:de |en )moins\b"
            r"|\b(?:postes?|emplois?) (?:[^.\n]{0,25}?)(?:supprimés?|menacés?)\b|\bmenac\w+ (?:[^.\n]{0,25}?)\b(?:postes|emplois)\b"
            r"|\b\d+ départs\b|\b(?:lose|loses|lost) (?:[^.\n]{0,25}?)\b(?:jobs|employees|workers)\b|\bjobs (?:go|are cut|to go|will go)\b"
            r"|\b(?:rédui\w+|coup\w+) (?:[^.\n]{0,15}?)\béquipes?\b"
        ),
        "exits and restructuring": (
            r"\bbuyouts?\b|\bdeferred resignation|\bvoluntary (?:exit|departure|retirement|separation)\w*"
            r"|départs? (?:volontaires?|contraints?)|rupture conventionnelle"
            r"|se sépar\w+ d[e'’] ?(?:[^.\n]{0,25}?)\b(?:salariés?|employés?|collaborateurs?|personnes|effectifs?)\b"
            r"|\blet(?:s|ting)? (?:[^.\n]{0,30}?)\bgo\b|\bparts? (?:ways )?with (?:[^.\n]{0,25}?)\b(?:employees|staff|workers)\b"
            r"|\bdownsiz\w+|\brestructur\w+"
        ),
        "jobs lost or at risk": (
            r"\bunemploy\w+|chômage|\bjob displacement|\bjobpocalypse|\bbloodbath"
            r"|\blose (?:their|your) jobs?\b|\b(?:emplois|jobs) (?:détruits|menacés|perdus|lost|at risk)"
            r"|\btake (?:your|our|their) jobs?|\bkilling jobs|\bcoming for your job"
        ),
    },
    "automation": {
        "machines": (
            r"\bautomat\w+|\brobot\w*|\bhumanoïdes?\b|\bhumanoids?\b|\bdriverless\b|\bself-driving\b"
            r"|véhicules? autonomes?"
        ),
        "agents": (
            r"(?:\bAI|\bautonomous|\bcoding) agents?\b|\bagentic\b|\bagentique\w*"
            r"|agents? (?:d['’])?(?:IA|autonomes?|intelligents?|conversationnels?|de code|de codage)"
        ),
        "in the place of people": (
            r"\bre(?:m)?plac\w+ (?:[^.\n]{0,40}?)(?:\bAI\b|\bIA\b|artificial|artificielle|robots?|machines?|workers"
            r"|humans?|humains?|employees|salariés|postes|jobs)"
            r"|\b(?:AI|IA|artificielle|robots?|machines?)\b[^.\n]{0,40}\b(?:re(?:m)?plac\w+|take over|takes over"
            r"|prend\w* (?:en charge|la place))"
        ),
        "machines and work in one breath": f"(?:{_gathered(_MACHINE)}){_NEAR}(?:{_gathered(_WORK)})|(?:{_gathered(_WORK)}){_NEAR}(?:{_gathered(_MACHINE)})",
        "code and tasks done": (
            r"\d+ ?% (?:du|des|of) (?:[^.\n]{0,20})(?:code|work|tasks|travail|tâches|requêtes|PRs?)"
            r"|\bwrit\w+ (?:[^.\n]{0,20})code\b|écri\w+ (?:[^.\n]{0,25})code\b|code généré"
        ),
        "adoption": (
            r"adopt\w+ (?:[^.\n]{0,20})(?:AI|IA)\b|\b(?:AI|IA) adoption"
            r"|transform\w+ (?:[^.\n]{0,20})(?:work|travail|métiers?|organisation\w*|engineering|entreprise)"
            r"|déploi\w+ (?:[^.\n]{0,20})(?:IA|AI|agents?)|\broll\w* out (?:[^.\n]{0,20})AI"
            r"|intégr\w+ (?:[^.\n]{0,20})(?:IA)\b"
        ),
        "time and output": (r"\bproductiv\w+|gains? de temps|\btime sav\w+|\befficien\w+"),
    },
    "skills": {
        "competence": (
            r"\bcompétences?\b|(?<!Claude )(?<!agent )(?<!Agent )\bskill(?:s|ed|set)?\b(?! (?:map|file|\.md))"
            r"|\bsavoir-faire\b"
        ),
        "learning anew": (
            r"\breskill\w*|\bupskill\w*|\bretrain\w*|reconver\w+|requalifi\w+|montée en compétences?"
            r"|\bdeskill\w*|\bemploya?bili\w+|\bAI literacy|littératie|acculturation"
        ),
        "training": (
            r"\bformations?\b|\bformer\b|\bse former\b|\bformés\b"
            r"|\btraining (?:program\w*|courses?|staff|workers|employees)"
            r"|\btrain(?:s|ed|ing)? (?:[^.\n]{0,20})(?:workers|employees|staff|people|graduates|teachers|students"
            r"|researchers)"
            r"|\bapprenti\w*|\bbootcamps?|\bcurricul\w+|\bcours\b|\bcourses?\b|\bpédagog\w+"
            r"|\blearn(?:ing|s)? (?:to|how)\b|\bmodules?\b|\bécoles?\b|\bdiplôm\w+|\bdegrees?\b"
            r"|\bonboarding\b|\balternance\b"
        ),
        "hiring": (
            r"\brecrut\w+|\bembauch\w+|\bhir(?:e|es|ed|ing)\b|\brecruit\w*|\btalents?\b|\bjuniors?\b"
            r"|\bentry-level\b|\binterview (?:process|prep\w*)|\bentretien d['’]embauche|\bcandidats?\b"
            r"|\bcareers?\b|\bcarrières?\b|\broadmap\b"
        ),
        "craft and judgement": (
            r"\bmétiers?\b|\brôles? (?:de|du|des)\b|\bexpertise\b|\bjugement\b|\bjudg[e]?ment\b|\bcognitiv\w+"
            r"|\bcritical thinking|\besprit critique|\bfondamentaux\b|\bcraft\w*"
        ),
    },
}

GROUPS: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    topic: {name: re.compile(_gathered(pattern)) for name, pattern in groups.items()}
    for topic, groups in _SOURCES.items()
}
"""For text in lower case."""
