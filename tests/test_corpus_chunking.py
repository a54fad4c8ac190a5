from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from corpus.chunking import chunk_article, heading_of
from corpus.models import Article
from corpus.sentences import sentences


def count_words(texts: Sequence[str]) -> list[int]:
    """A token a word, and one more for every ten characters of a long one."""
    return [sum(1 + len(word) // 10 for word in text.split()) for text in texts]


def article(text: str) -> Article:
    return Article("https://a.example/1", "Titre", text, "Quotidien", None, "fr")


def split(text: str) -> list[str]:
    return [text[a:b] for a, b in sentences(text)]


def test_french_and_english_sentences() -> None:
    assert split("M. Dupont dirige Amazon. « Nous supprimons 14 000 postes. » Il l'a dit le 3 mars.") == [
        "M. Dupont dirige Amazon.",
        "« Nous supprimons 14 000 postes. »",
        "Il l'a dit le 3 mars.",
    ]
    assert split("The U.S. Senate met on Jan. 28. J. Smith said 3.5% was fine! Was it?") == [
        "The U.S. Senate met on Jan. 28.",
        "J. Smith said 3.5% was fine!",
        "Was it?",
    ]
    assert split("It met at 5 p.m. The vote followed. Amazon.com Inc. The company said no.") == [
        "It met at 5 p.m.",
        "The vote followed.",
        "Amazon.com Inc.",
        "The company said no.",
    ]


def test_headings_and_list_items_are_sentences() -> None:
    assert split("Un titre\n\nUn texte. Un autre.\n- premier\n- second") == [
        "Un titre",
        "Un texte.",
        "Un autre.",
        "- premier",
        "- second",
    ]


prose = st.text(alphabet=st.sampled_from("aé. !?\n«»A1,;:'-\u202f"), max_size=400)


@given(prose | st.text(max_size=300))
def test_sentences_cover_everything_that_is_not_space(text: str) -> None:
    spans = sentences(text)
    assert all(a < b for a, b in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    covered = "".join(text[a:b] for a, b in spans)
    assert "".join(covered.split()) == "".join(text.split())


@given(prose | st.text(max_size=600), st.integers(2, 40))
def test_chunks_cover_the_text_within_the_limit(text: str, limit: int) -> None:
    chunks = chunk_article(article(text), count_words, target=max(1, limit - 1), limit=limit)
    assert [c.ordinal for c in chunks] == list(range(len(chunks)))
    for chunk in chunks:
        assert chunk.text == text[chunk.start : chunk.end]
        assert chunk.tokens <= limit or len(chunk.text) == 1
    assert "".join("".join(c.text for c in chunks).split()) == "".join(text.split())


def test_chunks_are_of_nearly_equal_size() -> None:
    text = " ".join(f"Phrase numéro {i} de cet article assez long." for i in range(60))
    sizes = [c.tokens for c in chunk_article(article(text), count_words, target=100, limit=120)]
    assert len(sizes) == round(sum(sizes) / 100)
    assert max(sizes) - min(sizes) <= 2 * 8


def test_an_article_without_text_is_found_by_its_title() -> None:
    (chunk,) = chunk_article(article(""), count_words)
    assert (chunk.text, chunk.start, chunk.end, chunk.heading) == ("", 0, 0, "Titre (Quotidien)")
    assert heading_of(Article("u", "T", "", "", None, "fr")) == "T"
