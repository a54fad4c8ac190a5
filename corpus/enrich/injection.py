"""Passages that address a reader's AI: data that tries to be an instruction. Pure, French and English.

Recognised by what such a text cannot do without: it names its addressee (an assistant, a model, the previous
instructions) or gives the order itself in the imperative to whoever processes the text.
"""

from __future__ import annotations

import re

from corpus.sentences import sentences

_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # Orders to drop earlier instructions.
        r"\b(?:ignore|disregard|forget|override|bypass)\b[^.!?]{0,60}\b(?:previous|prior|above|earlier|preceding|all|your|"
        r"system)\b[^.!?]{0,40}\b(?:instructions?|prompts?|rules?|guidelines?|context|directions?)\b",
        r"\b(?:ignore[zr]?|oublie[zr]?|néglige[zr]?|contourne[zr]?)\b[^.!?]{0,60}\b(?:instructions?|consignes?|règles|"
        r"directives?|prompt)\b",
        # The addressee named.
        r"\b(?:attention|note|message|instructions?|to|dear)\b[^.!?]{0,25}\b(?:ai|llm|chatbot|language model|assistant)s?\b"
        r"\s*(?:models?|assistants?|agents?|systems?|readers?)?\s*[:,!]",
        r"\b(?:à l['’]attention d|note pour|message (?:à|pour)|instructions? (?:à|pour|destinées? à))[^.!?]{0,25}"
        r"\b(?:ia|llm|assistant|modèle(?: de langage)?|chatbot|agent)s?\b",
        r"\b(?:if you are|as) an? (?:ai|llm|large language model|language model|chatbot|ai assistant)\b[^.!?]*"
        r"\b(?:you must|must|please|should|answer|respond|reply|say|tell|do)\b",
        r"\bsi (?:tu es|vous êtes) (?:une? )?(?:ia|intelligence artificielle|assistant|modèle|llm|agent)\b",
        r"\b(?:you are now|from now on,? you|your new (?:task|role|instructions?)|act as (?:a|an|the)\b.{0,40}\b(?:ai|"
        r"assistant|model|expert))\b",
        r"\b(?:tu es désormais|vous êtes désormais|à partir de maintenant,? (?:tu|vous)|(?:ta|votre) nouvelle (?:tâche|"
        r"mission|consigne))\b",
        # Orders about the answer itself.
        r"\b(?:in|at the end of|include|add|append|insert|end|start|begin)\b[^.!?]{0,40}\b(?:your|the) (?:answer|response|"
        r"reply|output|summary)\b",
        r"\b(?:réponds|répondez|affirme[zr]?|écris|écrivez|ajoute[zr]?|termine[zr]?|insère|insérez|commence[zr]?)\b"
        r"[^.!?]{0,50}\b(?:ta|votre|la) (?:réponse|synthèse|sortie)\b",
        r"\b(?:reveal|print|output|repeat|show)\b[^.!?]{0,30}\b(?:system prompt|your (?:instructions|prompt))\b",
        r"\b(?:révèle[zr]?|affiche[zr]?|répète[zr]?)\b[^.!?]{0,30}\b(?:prompt|(?:tes|vos) (?:instructions|consignes))\b",
        r"<\|?(?:im_start|im_end|system|assistant|user)\|?>|\[/?INST\]|^\s*(?:system|assistant)\s*:|\bsystem prompt\s*:",
        r"\b(?:do not|don['’]t|never) (?:mention|cite|reveal|tell|summari[sz]e)\b[^.!?]{0,50}\b(?:user|reader|this "
        r"(?:text|instruction|message)|article)\b",
        r"\bne (?:mentionne[zr]?|cite[zr]?|révèle[zr]?|dis|dites|résume[zr]?)\b[^.!?]{0,50}\b(?:utilisateur|lecteur|ce "
        r"(?:texte|message)|cette (?:instruction|consigne)|article)\b",
    )
)


def find(text: str) -> list[tuple[int, int]]:
    """(start, end) of every sentence of ``text`` that addresses an AI."""
    return [(start, end) for start, end in sentences(text) if any(p.search(text, start, end) for p in _PATTERNS)]
