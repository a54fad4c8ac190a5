"""The chat's own words, in French and English."""

from __future__ import annotations

from rag.models import Answer
from rag.question import LONGEST_QUESTION
from rag.wording import long_date

TEXTS: dict[str, dict[str, str]] = {
    "fr": {
        "title": "Vigie",
        "tagline": "L’actualité de l’IA au travail : licenciements, automatisation, compétences. Chaque phrase citée, chaque citation vérifiable.",
        "sample": "Échantillon écrit pour Vigie : éditeurs inventés, faits publics. Sa date est le {date}.",
        "real": "Commencer avec de vrais flux",
        "real_done": "{count} flux ajoutés à votre bibliothèque ({home}). Lancez « vigie run » pour les lire et discuter avec eux.",
        "empty_library": "La bibliothèque est vide : lancez « vigie crawl », puis revenez.",
        "ask": "Votre question",
        "placeholder": "Combien de postes Amazon supprime-t-il ?",
        "send": "Demander",
        "filters": "Filtres",
        "period": "Période",
        "sources": "Sources",
        "languages": "Langues",
        "topics": "Thèmes",
        "any": "toute",
        "days": "{n} jours",
        "examples": "Exemples",
        "evidence": "Sources citées",
        "no_evidence": "Les passages cités s’affichent ici, surlignés dans le texte conservé.",
        "nearest": "Articles les plus proches",
        "best_guess": "Répondre quand même",
        "publisher": "Voir chez l’éditeur",
        "sample_link": "Page de l’échantillon : {url}",
        "searching": "Recherche…",
        "clear": "Nouvelle conversation",
        "language": "Langue",
        "layoffs": "licenciements",
        "automation": "automatisation",
        "skills": "compétences",
        "partly": "en partie confirmé",
        "unsupported": "non confirmé par la source",
        "failed": "Vigie n’a pas pu répondre : {cause}",
        "engine": "Réponse {engine}, au {date}.",
        "as_of": "D’après ce qui était connu au {date}.",
        "cut": "Question trop longue : seuls ses {count} premiers caractères ont été lus.",
        "extractive": "extraite des articles",
        "open": "texte conservé",
    },
    "en": {
        "title": "Vigie",
        "tagline": "AI news at work: layoffs, automation, skills. Every sentence cited, every citation checkable.",
        "sample": "Sample written for Vigie: invented publishers, public facts. Its date is {date}.",
        "real": "Start with real feeds",
        "real_done": "{count} feeds added to your library ({home}). Run 'vigie run' to read them and chat with them.",
        "empty_library": "The library is empty: run 'vigie crawl', then come back.",
        "ask": "Your question",
        "placeholder": "How many jobs is Amazon cutting?",
        "send": "Ask",
        "filters": "Filters",
        "period": "Period",
        "sources": "Sources",
        "languages": "Languages",
        "topics": "Topics",
        "any": "any",
        "days": "{n} days",
        "examples": "Examples",
        "evidence": "Cited sources",
        "no_evidence": "Cited passages appear here, highlighted in the stored text.",
        "nearest": "Nearest articles",
        "best_guess": "Answer all the same",
        "publisher": "See it at the publisher",
        "sample_link": "Sample page: {url}",
        "searching": "Searching…",
        "clear": "New conversation",
        "language": "Language",
        "layoffs": "layoffs",
        "automation": "automation",
        "skills": "skills",
        "partly": "partly borne out",
        "unsupported": "not borne out by the source",
        "failed": "Vigie could not answer: {cause}",
        "engine": "Answer {engine}, as of {date}.",
        "as_of": "From what was known on {date}.",
        "cut": "The question is too long: only its first {count} characters were read.",
        "extractive": "extracted from the articles",
        "open": "stored text",
    },
}
EXAMPLES = (
    "Combien de postes Amazon supprime-t-il ?",
    "How many jobs did Oracle cut?",
    "Quelles compétences apprendre à l’ère de l’IA ?",
    "Compare les suppressions de postes chez Amazon et UPS",
    "What happened at Block?",
    "Que s’est-il passé chez Meta en avril 2026 ?",
)


def of_answer(answer: Answer, asked: str, language: str) -> list[str]:
    """What the interface says of an answer besides its notices: who made it and as of when, and that a question was not read to its end."""
    lines = [text(language, "cut", count=LONGEST_QUESTION)] if len(" ".join(asked.split())) > LONGEST_QUESTION else []
    if answer.as_of is None:
        return lines
    date = long_date(answer.as_of, language)
    if answer.answered:
        engine = text(language, "extractive") if answer.engine == "extractive" else answer.engine
        return [*lines, text(language, "engine", engine=engine, date=date)]
    return [*lines, text(language, "as_of", date=date)] if answer.filters.as_of is not None else lines


def text(language: str, key: str, **values: object) -> str:
    """A text of the interface's language."""
    return TEXTS.get(language, TEXTS["fr"])[key].format(**values)
