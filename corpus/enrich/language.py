"""Which language a text is in."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

_CODE = re.compile(r"^[a-z]{2}\b")
# Words that only one of the two languages has: they decide at once for all but the shortest texts.
_FRENCH = re.compile(
    r"\b(?:les|des|une|est|dans|pour|que|qui|aux|du|sur|avec|pas|cette|sont|leurs?|été|où)\b", re.IGNORECASE
)
_ENGLISH = re.compile(
    r"\b(?:the|and|of|is|are|with|that|this|was|were|has|have|from|will|which|their|its)\b", re.IGNORECASE
)
_READ_CHARACTERS = 4000


def detect(text: str, hint: str = "") -> str:
    """The ISO 639-1 code of a text's language, "" where there is nothing to tell by.

    ``hint`` is what the page or feed states ("fr-FR"); it decides only where the text is too short to.
    """
    sample = text[:_READ_CHARACTERS]
    stated = match.group() if (match := _CODE.match(hint.lower())) else ""
    french, english = len(_FRENCH.findall(sample)), len(_ENGLISH.findall(sample))
    if max(french, english) >= 4 and max(french, english) >= 3 * min(french, english):
        return "fr" if french > english else "en"
    letters = sum(c.isalpha() for c in sample)
    if letters < 20:
        return stated or ("fr" if french > english else "en" if english > french else "")
    code, probability = _identifier().classify(sample)
    if stated and probability < 0.9:
        return stated
    return str(code)


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
