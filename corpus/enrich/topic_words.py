"""The words that speak for a topic, by language, with their weight. Patterns match whole words, case aside."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SOURCES: dict[str, dict[str, dict[str, float]]] = {
    "fr": {
        "layoffs": {
            r"licenci\w+": 1.6,
            r"plans? (?:sociaux|social)|PSE|plan de sauvegarde de l['’]emploi": 2.0,
            r"suppress\w+ (?:de |d['’])?(?:[\d\s.,]+ )?(?:postes?|emplois?)": 2.2,
            r"supprim\w+ (?:[^.]{0,30})?(?:postes?|emplois?|effectifs)": 2.2,
            r"(?:réduction|réduire|coupes?|baisse|diminution)\w* (?:[^.]{0,20})?(?:effectifs|postes|personnel|main-d['’]œuvre)": 1.8,
            r"départs? (?:volontaires?|contraints?)|rupture conventionnelle collective|dégraissage|charrette": 1.6,
            r"destruction d['’]emplois?|emplois détruits|pertes? d['’]emplois?|emplois (?:menacés|perdus)": 1.2,
            r"se sépar\w+ de (?:[\d\s]+)?(?:salariés|employés|collaborateurs)|remerci\w+ (?:[^.]{0,20})(?:salariés|employés)": 1.4,
            r"chômage|restructuration": 0.5,
        },
        "automation": {
            r"automatis\w+": 1.5,
            r"robots?|robotis\w+|robotique": 1.2,
            r"agents? (?:d['’])?(?:IA|autonomes?|intelligents?|conversationnels?)|IA agentique|agentique": 1.2,
            r"remplac\w+ (?:[^.]{0,40})(?:IA|intelligence artificielle|robots?|machines?|humains?|salariés)": 1.5,
            r"chatbots?|assistants? (?:virtuels?|IA)|copilotes?": 0.5,
            r"gains? de productivité|productivité": 0.5,
            r"entrepôts?|centres? d['’]appels?|chaînes? de production": 0.4,
            r"humanoïdes?|véhicules? autonomes?": 0.9,
        },
        "skills": {
            r"compétences?": 1.3,
            r"formations?|former|formés?|se former": 1.0,
            r"reconver\w+|requalifi\w+|montée en compétences?|upskilling|reskilling": 1.9,
            r"apprentissage|apprendre (?:à|les|l['’])|alternance|diplôm\w+|certifi\w+|cursus": 0.6,
            r"recrut\w+|embauch\w+|talents?|profils? recherchés?|pénurie": 0.6,
            r"employabilité|métiers?|acculturation|littératie": 0.7,
        },
    },
    "en": {
        "layoffs": {
            r"lay(?:ing)?[- ]?offs?|laid off|lays off": 1.9,
            r"job (?:cuts?|losses|reductions?|eliminations?)|jobs? (?:are |were )?(?:being )?(?:cut|axed|eliminated|lost)": 2.0,
            r"(?:cut(?:s|ting)?|slash\w*|axe[ds]?|axing|eliminat\w+|shed(?:s|ding)?|trim\w*) (?:[^.]{0,40})(?:jobs|roles|positions|workers|"
            r"employees|staff|workforce|headcount)": 1.9,
            r"redundanc\w+|made redundant|severance|pink slips?|let go|WARN notice": 1.4,
            r"workforce reduction|reduction in force|reduc\w+ (?:its |the )?(?:workforce|headcount|staff)": 1.9,
            r"downsiz\w+|restructuring": 0.7,
            r"unemploy\w+|job displacement": 0.5,
        },
        "automation": {
            r"automat(?:e|es|ed|ing|ion)": 1.5,
            r"robots?|robotics|robotic": 1.2,
            r"(?:AI|autonomous) agents?|agentic": 1.2,
            r"replac\w+ (?:[^.]{0,40})(?:AI|artificial intelligence|robots?|machines?|workers|humans?|employees)": 1.5,
            r"chatbots?|virtual assistants?|copilots?": 0.5,
            r"productivity": 0.5,
            r"warehouses?|call cent(?:er|re)s?|assembly lines?": 0.4,
            r"humanoids?|self-driving|driverless": 0.9,
        },
        "skills": {
            r"skills?|skilled": 1.2,
            r"reskill\w*|upskill\w*|retrain\w*": 2.0,
            r"training (?:programs?|programmes?|courses?|staff|workers|employees)|train(?:s|ed|ing)? (?:[^.]{0,20})(?:workers|employees|"
            r"staff|people|graduates)": 1.4,
            r"apprentice\w*|bootcamps?|certificat\w+|curricul\w+|degrees?|courses?": 0.6,
            r"hir(?:e|es|ed|ing)|recruit\w*|talent|graduates?": 0.5,
            r"employab\w+|AI literacy|workforce development|learning": 0.6,
        },
    },
}

WORDS: Mapping[str, Mapping[str, Mapping[re.Pattern[str], float]]] = {
    language: {
        topic: {re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE): weight for pattern, weight in words.items()}
        for topic, words in topics.items()
    }
    for language, topics in _SOURCES.items()
}
