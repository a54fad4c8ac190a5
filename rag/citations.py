"""Citation markers in all the forms that models write, and what they name. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.models import Citation, Passage

_KINDS = r"(?:sources?|passages?|extraits?|excerpts?|articles?|doc(?:ument)?s?|réf\.?|ref\.?|cit\.?|n[°º]|#)"
_NUMBERS = rf"\d{{1,3}}(?:\s*(?:,|;|-|–|et|and|&)\s*(?:{_KINDS}\s*:?\s*)?\d{{1,3}})*"
_ONE = rf"[\[【{{<]\s*\^?(?:{_KINDS}\s*)?:?\s*{_NUMBERS}(?:†[^\]】]*)?\.?\s*[\]】}}>]"
_MARKER = re.compile(
    rf"\s*(?:(?P<square>{_ONE}(?:\s*(?:,|;|et|and|&)?\s*{_ONE})*)|"
    rf"\(\s*(?:(?:{_KINDS}|voir|see|cf\.?)\s*:?\s*)?(?P<round>\d{{1,2}}(?:\s*,\s*\d{{1,2}})*)\s*\)|"
    rf"(?:\b(?:selon|d['’]après|according to|per)\s+(?:l['’]|la\s+|les\s+|le\s+|the\s+)?)?"
    rf"\(?(?<![\w])(?:sources?|passages?|extraits?|excerpts?)\s+(?:n°\s*)?(?P<word>{_NUMBERS})(?:\)|(?=\s*(?:[.,;:!?…)]|$))))",
    re.IGNORECASE,
)
_LINK = re.compile(r"\[([^\[\]]*)\]\(\s*(?:[a-z][a-z+.-]*:|/|#|www\.)[^()\s]*(?:\s[^()]*)?\)", re.IGNORECASE)
_ADDRESS = re.compile(r"<?\b(?:https?://|www\.)[^\s<>\])]*[^\s<>\]).,;:!?]>?", re.IGNORECASE)
_DRESS = re.compile(r"\*{1,2}(?=[\[【])|(?<=[\]】])\*{1,2}|(?<=\[)\[(?=\^?\d)|(?<=\d\])\]|\\(?=[\[\]])")
_RAISED = re.compile(r"(?:(?<=[^\W\d_]{3})|(?<=[.,»”)]))[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_RAISED_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_EMPTY = re.compile(r"\s*[(\[]\s*(?:cf\.?|voir|see)?[\s,;:]*[)\]]")


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A sentence without its markers, the passages that they name (1-based, in order), and how many named nothing."""

    text: str
    numbers: tuple[int, ...]
    dropped: int


def read_markers(text: str, passages: int) -> MarkedText:
    """The markers of a sentence: [1], [1, 2], [1][2], [1-3], 【1】, (1), [^1], "source 1", "[extrait 1]", ¹. Those beyond the
    number of passages name nothing: they are dropped and counted. Links and addresses that the model wrote are taken out."""
    named: list[int] = []
    dropped = 0

    def take(match: re.Match[str]) -> str:
        nonlocal dropped
        for number in _expand(next(filter(None, match.groups()))):
            if 1 <= number <= passages:
                named.append(number)
            else:
                dropped += 1
        return ""

    text = _LINK.sub(lambda m: f"[{m[1]}]" if re.fullmatch(r"\^?\d{1,3}", m[1].strip()) else m[1], text)
    text = _RAISED.sub(lambda m: f" [{m.group().translate(_RAISED_DIGITS)}]", _DRESS.sub("", _ADDRESS.sub("", text)))
    text = _EMPTY.sub("", _MARKER.sub(take, text))
    plain = re.sub(r"\s+([.,;!?…])", r"\1", text).strip().lstrip(",; ")
    return MarkedText(plain, tuple(dict.fromkeys(named)), dropped)


def _expand(written: str) -> list[int]:
    numbers: list[int] = []
    for part in re.split(r"\s*(?:,|;|et|and|&|[\]】}>]\s*[\[【{<])\s*", re.sub(r"†[^\]】]*", "", written)):
        ends = [int(n) for n in re.findall(r"\d+", part)]
        numbers += range(ends[0], min(ends[-1], ends[0] + 20) + 1) if len(ends) == 2 and ends[0] < ends[-1] else ends
    return numbers


class CitationList:
    """Numbers citations in the order of their first use; the same quote of the same passage keeps its number."""

    def __init__(self) -> None:
        self._by_quote: dict[tuple[str, int, int], Citation] = {}

    def cite(self, passage: Passage, start: int, end: int) -> int:
        """The number of a citation of ``passage.text[start:end]``."""
        key = (passage.chunk_id or passage.text, start, end)
        if key not in self._by_quote:
            quote = passage.text[start:end]
            number = len(self._by_quote) + 1
            self._by_quote[key] = Citation(number, passage, quote, passage.start + start, passage.start + end)
        return self._by_quote[key].number

    def all(self) -> tuple[Citation, ...]:
        """Every citation, by number."""
        return tuple(self._by_quote.values())
