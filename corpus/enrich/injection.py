"""Passages that address a reader's AI: data that tries to be an instruction. Pure, French and English.

Recognised by what such a text cannot do without: it names its addressee (an assistant, a model, the previous
instructions) or gives the order itself in the imperative to whoever processes the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from corpus.sentences import sentences

_WRITE = (
    r"provide|render|modify|enhance|augment|remove|rearrange|scramble|jumble|replace|substitute|convert|use|group|combine|integrate|include|add|append|insert|"
    r"introduce|misspell|anagram|end|start|begin|finish|write|format|phrase|give|make|translate|rewrite|encode|reverse|shift|swap|mention|state|put"
)
_ECRIRE = (
    r"remplace[zr]?|modifie[zr]?|enrichi(?:s|ssez|r)|ajoute[zr]?|termine[zr]?|commence[zr]?|insère|insérez|glisse[zr]?|rends|rendez|fourni(?:s|ssez|r)|écri(?:s|vez|re)|"
    r"propose[zr]?|laisse[zr]?|recommande[zr]?|supprime[zr]|enlève|enlevez|répète|répétez|révèle|révélez|affiche[zr]?|montre[zr]?|donne[zr]?|transforme[zr]?|formule[zr]?|mets|mettez|"
    r"inclus|incluez|intègre|intégrez|mélange[zr]?|inverse[zr]?|utilise[zr]?|traduis|traduisez|rédige[zr]?|reformule[zr]?"
)
_TASKS = re.compile(
    r"^\W*(?:please |can you |could you )?(?:explain|describe|write|draft|compose|provide|translate|develop|create|generate|summari[sz]e|define|list|give|tell|show|break down|"
    r"recommend|click|download|visit|install|subscribe|share|send|vote|donate|replace|add|make|read|change|play|join|update|get)\s+(?:a|an|the|me|us|your|this|that|these|the following|how|why|what|in|to|"
    r"for|on|out|every|all|an?y|now|here|our|[\"“‘'])",
    re.IGNORECASE,
)
_TACHES = re.compile(
    r"^\W*(?:merci de |veuillez )?(?:explique[zr]?|décri(?:s|vez|re)|écri(?:s|vez)|rédige[zr]?|compose[zr]|tradui(?:s|sez)|donne[zr]?|dis|dites|fourni(?:s|ssez)|propose[zr]|résume[zr]?|liste[zr]|"
    r"génère|générez|créez|montre[zr]|recommande[zr]|clique[zr]?|télécharge[zr]?|visite[zr]?|installe[zr]?|abonnez|partage[zr]|votez|faites|fais|gagne[zr]?|ajoute[zr]|remplace[zr]|lisez|rejoignez|oublie[zr]|ignore[zr]?)\b"
    r"(?!-t-)",
    re.IGNORECASE,
)
_AN_AI = (
    r"(?:(?:ai|llm|large language model|language model|chatbot)s?(?: (?:model|assistant|agent|system|reader|bot)s?)?)"
)
_UNE_IA = r"(?:(?:intelligences? artificielles?|ia|llm|modèles? de langage|chatbots?|(?:assistant|agent|modèle)s?(?: d['’])? ?(?:ia|virtuels?)|assistants?(?=\s*[,:!]))s?)"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # Orders to drop earlier instructions.
        r"\b(?:ignore|disregard|forget|override|bypass)\b[^.!?]{0,60}\b(?:previous|prior|above|earlier|preceding|all|your|"
        r"system)\b[^.!?]{0,40}\b(?:instructions?|prompts?|rules?|guidelines?|context|directions?)\b",
        r"\b(?:ignore[zr]?|oublie[zr]?|néglige[zr]?|contourne[zr]?)\b[^.!?]{0,60}\b(?:instructions?|consignes?|règles|"
        r"directives?|prompt)\b",
        # The addressee named.
        r"(?:\b(?:attention|note|message|instructions?|dear)\b[^.!?]{0,25}|^\W*to (?:any|all|the|every) )\b(?:ai|llm|chatbot|language model|assistant)s?\b"
        r"\s*(?:models?|assistants?|agents?|systems?|readers?)?\s*[:,!]",
        r"\b(?:à l['’]attention d|note pour|message (?:à|pour)|instructions? (?:à|pour|destinées? à))[^.!?]{0,25}"
        r"\b(?:ia|llm|assistant|modèle(?: de langage)?|chatbot|agent)s?\b",
        r"\b(?:if you are|as) an? (?:ai|llm|large language model|language model|chatbot|ai assistant)\b[^.!?]{0,2000}"
        r"\b(?:you must|must|please|should|answer|respond|reply|say|tell|do)\b",
        r"\bsi (?:tu es|vous êtes) (?:une? )?(?:ia|intelligence artificielle|assistant|modèle|llm|agent)\b",
        r"\b(?:you are now|from now on,? you|your new (?:task|role|instructions?)|act as (?:a|an|the)\b.{0,40}\b(?:ai|"
        r"assistant|model|expert))\b",
        r"\b(?:tu es désormais|vous êtes désormais|à partir de maintenant,? (?:tu|vous)|(?:ta|votre) nouvelle (?:tâche|"
        r"mission|consigne))\b",
        # Orders about the answer itself.
        r"\b(?:in|at the end of) your (?:answer|response|reply|output|summary)\b(?=[^.!?]{0,2000}\b(?:suggest|add|mention|tease|say|write|include|state|"
        r"recommend|claim|insert|promote|use)\b)",
        rf"^\W*(?:please |now |then |also )*(?:{_WRITE})\b(?:[^.!?]|[.](?=\w)|[!?](?=[\"”])){{0,130}}\b(?:your (?:own )?(?:answer|response|reply|output|summary|message|text)|"
        r"the (?:answer|response|reply|output|summary))\b",
        rf"^\W*(?:please )?(?:{_WRITE})\b[^.!?]{{0,50}}\b(?:letters?|vowels?|consonants?|characters?|spaces)\b",
        r"\b(?:réponds|répondez|affirme[zr]?|écris|écrivez|ajoute[zr]?|termine[zr]?|insère|insérez|commence[zr]?)\b"
        r"[^.!?]{0,50}\b(?:ta|votre|la) (?:réponse|synthèse|sortie)\b",
        rf"^\W*(?:merci de |veuillez |il faut |maintenant,? )?(?:{_ECRIRE})\b(?:[^.!?]|[.](?=\w)|[!?](?=[\"”»])){{0,130}}\b(?:t[ae]s?|ton|votre|vos) (?:propres? )?(?:réponses?|synthèse|"
        r"sortie|résumé|message|texte|consignes|instructions|configuration|prompt)\b",
        rf"^\W*(?:{_ECRIRE})\b[^.!?]{{0,50}}\b(?:lettres?|voyelles?|consonnes?|caractères|majuscules|espaces)\b",
        r"^\W*dans (?:ta|votre) (?:réponse|synthèse)\b",
        r"^\W*(?:réponds|répondez)\b|\b(?:ne tiens|ne tenez) (?:plus|pas) compte\b[^.!?]{0,2000}\b(?:instructions?|consignes?|règles|directives?)\b",
        r"\b(?:tu|vous) répond(?:s|ez) (?:désormais )?comme\b",
        r"\b(?:reveal|print|output|repeat|show)\b[^.!?]{0,30}\b(?:system prompt|your (?:instructions|prompt))\b",
        r"\b(?:révèle[zr]?|affiche[zr]?|répète[zr]?)\b[^.!?]{0,30}\b(?:prompt|(?:tes|vos) (?:instructions|consignes))\b",
        r"<\|?(?:im_start|im_end|system|assistant|user)\|?>|\[/?INST\]|^\s*(?:system|assistant)\s*:|\bsystem prompt\s*:",
        r"\b(?:do not|don['’]t|never) (?:mention|cite|reveal|tell|summari[sz]e)\b[^.!?]{0,50}\b(?:user|reader|this "
        r"(?:text|instruction|message)|article)\b",
        r"\bne (?:mentionne[zr]?|cite[zr]?|révèle[zr]?|dis|dites|résume[zr]?)\b[^.!?]{0,50}\b(?:utilisateur|lecteur|ce "
        r"(?:texte|message)|cette (?:instruction|consigne)|article)\b",
    )
)

_OPENINGS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # The addressee named, a colon behind: "To language models:", "Aux IA qui lisent ce texte :".
        rf"\W*to (?:any |all |the |every )?{_AN_AI}(?: (?:reading|processing|summari[sz]ing|using) [^:.!?]{{0,30}})?\s*:",
        rf"\W*(?:note |message |consignes? |instructions? )?(?:à l['’]|à (?:toute|une|la) |aux? )(?:attention d[eu]s? )?{_UNE_IA}(?: qui (?:lisent|lit|résument?|traitent?) [^:.!?]{{0,30}}| lisant [^:.!?]{{0,30}})?\s*:",
        rf"\W*(?:ch(?:er|ère)s? {_UNE_IA}\s*[,:!]|attention,? (?:aux? )?{_UNE_IA}\s*[,:])",
        # What the answer must be, whom to tell, new orders.
        r"\W*your (?:answer|response|reply|output|summary) (?:must|should|shall|has to|will) (?:only )?(?:recommend|say|mention|contain|state|promote|begin|start|end)\b",
        r"\W*(?:ta|votre) (?:réponse|synthèse|sortie) (?:doit|devra|commencera|se terminera|finira|contiendra)\b",
        r"\W*(?:(?:begin|start|end|finish) (?:every|each|all|any) (?:of your )?(?:answers?|responses?|repl(?:y|ies))|(?:commence[zr]?|termine[zr]?|finis(?:sez)?) (?:chaque|toutes? (?:tes |vos |les )?)\s?réponses?)\b",
        r"\W*(?:(?:please )?tell (?:the|your) users?|(?:dis|dites) (?:à l['’]utilisat(?:eur|rice)|aux utilisateurs))\b",
        r"\W*(?:(?:new|updated|revised|additional|real) (?:instructions?|system prompt)|nouvelles? (?:instructions?|consignes?))\s*:",
        r"\W*(?:système\s*:\s*(?:tu|vous|réponds|répondez|ignore[zr]?|oublie[zr]?)|ne (?:tiens|tenez) aucun compte d(?:e ce qui précède|e tout ce|es? (?:consignes|instructions|règles)))\b",
    )
)
"""How a sentence that addresses an AI may begin."""
_OPENING = re.compile("|".join(pattern.pattern for pattern in _OPENINGS), re.IGNORECASE)
_READERS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # Who reads this: "if an AI is reading this,", "toute IA qui résume cet article doit".
        rf"\b{_AN_AI} (?:that |which |who )?(?:is |are )?(?:reads?|reading|process(?:es|ing)?|summari[sz](?:es?|ing)) (?:this|these)(?: (?:text|article|page|message|document)s?)?\s*(?:[:,;]|(?:must|should|shall|has to|have to)\b)",
        rf"\b{_UNE_IA} (?:qui )?(?:lit|lisent|résume(?:nt)?|traite(?:nt)?) (?:ceci|(?:ce|cet|cette|ces) (?:texte|article|page|message|document)s?)\s*(?:[:,;]|(?:doi(?:t|vent)|devra)\b)",
        r"\bif you(?:['’]re| are) an? (?:ai|llm|(?:large )?language model|chatbot)(?=\s*(?:[,;:]|(?:reading|that|who|model|assistant|agent|system)\b))",
        r"\b(?:when|while) (?:you )?(?:summari[sz](?:e|ing)|answer(?:ing)?|process(?:ing)?|quot(?:e|ing)) (?:about |from )?(?:this|the) (?:article|text|page|document)\b[^.!?]{0,20},\s*(?:please )?(?:say|state|mention|claim|add|write|tell|include|recommend|always|do not|never)\b",
        r"\ben (?:résumant|lisant|citant|traitant) (?:ce|cet|cette) (?:texte|article|page|document)\b[^.!?]{0,20},\s*(?:dis|dites|écris|écrivez|affirme[zr]?|mentionne[zr]?|recommande[zr]?|ajoute[zr]?|précise[zr]?)\b",
    )
)
_READER_HINTS = (
    *(
        f"{verb} {this}"
        for verb in ("reading", "reads", "read", "processing", "processes")
        for this in ("this", "these")
    ),
    *("summari", "answering", "quoting", "if you're", "if you’re", "if you are", "lit ce", "lisent ce", "résume"),
    *("traite ce", "traitent ce", "traitant ce", "lisant ce", "citant ce", "résumant"),
)


_HINTS = (
    *("instruction", "prompt", "rule", "guideline", "context", "direction", "consigne", "règle", "directive"),
    *("attention", "note", "message", "dear", "if you are", "as a ai", "as an ai", "as a llm", "as an llm"),
    *("language model", "chatbot", "si tu es", "si vous êtes", "you are now", "from now on", "your new", "act as"),
    *("désormais", "à partir de maintenant", "nouvelle", "answer", "response", "reply", "output", "summary"),
    *("your text", "your own", "letter", "vowel", "consonant", "character", "space", "réponse", "synthèse", "sortie"),
    *("résumé", "texte", "configuration", "lettre", "voyelle", "consonne", "caractère", "majuscule", "espace"),
    *("répond", "ne tiens", "ne tenez", "<", "inst]", "system", "assistant", "mention", "cite", "reveal", " tell"),
    *("summari", "révèle", "résume", "ne dis", "ne dites"),
)
_TO = re.compile(r"\W*to (?:any|all|the|every) ")


def find(text: str) -> list[tuple[int, int]]:
    """(start, end) of every sentence of ``text`` that addresses an AI."""
    plain = _plain(text)
    hints = [hint for hint in _HINTS if hint in plain]
    return [(start, end) for start, end in sentences(text) if _addresses(text[start:end], hints)]


def no_statements(text: str) -> list[tuple[int, int]]:
    """(start, end) of every sentence that states nothing a source could be cited for: questions, orders to whoever reads, and what
    addresses an AI. "Explain the theory of relativity." bears nothing out, and is no answer."""
    return [(start, end) for start, end in sentences(text) if states_nothing(text[start:end])]


@lru_cache(maxsize=8192)
def states_nothing(sentence: str) -> bool:
    """Whether one sentence is a question, an order to whoever reads, or addresses an AI."""
    plain = sentence.strip().rstrip("»”\"') \u00a0\u202f")
    return plain.endswith("?") or bool(_TASKS.search(plain) or _TACHES.search(plain)) or _addresses(sentence)


def _addresses(sentence: str, hints: Sequence[str] = _HINTS) -> bool:
    # Each pattern needs one of these words; most sentences have none, and are spared two dozen searches.
    plain = _plain(sentence)
    if _OPENING.match(sentence):
        return True
    if any(hint in plain for hint in _READER_HINTS) and any(pattern.search(sentence) for pattern in _READERS):
        return True
    if not (any(hint in plain for hint in hints) or _TO.match(plain)):
        return False
    return any(pattern.search(sentence) for pattern in _PATTERNS)


def _plain(text: str) -> str:
    # What re.IGNORECASE takes for an "i" besides; casefold writes "İ" with a dot of its own.
    return text.casefold().replace("\u0307", "").replace("ı", "i")
