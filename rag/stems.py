"""Words -> folded forms and stems in French and English, and the words that carry no content. Pure, cached by word."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from corpus.analysis import stem_word

FUNCTION_WORDS: dict[str, frozenset[str]] = {
    "fr": frozenset(
        """a ai ait ait as au aussi autre aux avaient avait avec avoir ayant aura auront aurait auraient ca car ce ceci cela celle
        celles celui ces cet cette ceux chaque chez ci comme d dans de des deja desormais donc dont du elle elles en encore
        enfin ensuite entre environ es est et etaient etait etant ete etes etre eu eux fait faire fois font furent fut ici il ils
        j je l la laquelle le lequel les lesquels leur leurs lors lorsque lui m ma mais me meme memes mes moi moins mon n ne ni nos
        notre nous on ont or ou par parce pas pendant peu plus pour pourtant pres puis puisque qu quand que quel quelle quelles
        quels qui quelque quelques rien s sa sans se selon sera serait seraient seront ses si soit son sont sous sur t ta tandis te tel
        telle tels tes toi ton toujours tous tout toute toutes toutefois tres tu un une vers via voici voila vos votre vous y
        afin ainsi alors malgre quoique bien or toutefois neanmoins apres avant lorsqu jusqu jusque jusqua cependant c qu'""".split()
    ),
    "en": frozenset(
        """a about after all also am an and any are as at be because been before being both but by can could did do does doing
        done during each either else even ever few for from further had has have having he her here hers him his how i if in into
        is it its itself just let like ll m may me might mine more most much must my near no nor not now of off on once one only
        onto or other our out over own per quite rather re s same shall she should since so some such t than that the their
        them then there these they this those though through thus to too toward towards under until up upon us ve very via was we were
        what when where whether which while who whom whose why will with within without would yet you your d
        although unless despite whereas moreover furthermore besides nevertheless meanwhile therefore thus hence according as across against among around however""".split()
    ),
}


@lru_cache(maxsize=100_000)
def fold(word: str) -> str:
    """Lower case, without accents and ligatures: "Œuvré" -> "oeuvre"."""
    lower = word.lower()
    if lower.isascii():
        return lower
    plain = lower.replace("œ", "oe").replace("æ", "ae")
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))


@lru_cache(maxsize=200_000)
def stem(folded: str, language: str) -> str:
    """The Snowball stem of a folded word; of another language than the two, the word itself."""
    return stem_word(folded, language)
