"""Who did it, when, for how much: sentences that tell of the deed, and ones that only speak of the body. All invented."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from corpus.sentences import sentences
from rag.asked_figures import asked_quantities
from rag.deeds import asked_kinds, asked_noun, met
from rag.extractive import extract
from rag.lexicon import concepts_told
from rag.models import Passage
from rag.question import read_question
from rag.standing import plain_sentence, stands_from
from rag.wording import short_source

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = datetime(2026, 2, 3, tzinfo=UTC)


def _answer(question: str, *texts: str, title: str = "Zébulon", language: str = "fr") -> list[str]:
    passages = [
        Passage(t, title=title, source="Essai", published=DAY, language=language, article_id=str(n), chunk_id=str(n))
        for n, t in enumerate(texts)
    ]
    found = extract(read_question(question, NOW), passages)
    return [] if found.beside else [s.text for s in found.sentences]


@pytest.mark.parametrize(
    ("question", "tells", "tells_not"),
    [
        ("Qui a remplacé Ada Merle à la tête de Zébulon ?", "Zébulon a nommé Léo Brun directeur général.", "Ada Merle a pris la parole mardi."),
        ("Who founded Zebulon?", "Ada Merle, creator of Zebulon, spoke on Monday.", "Zebulon opened an office."),
        ("Qui dirige Zébulon ?", "Ada Merle, directrice générale de Zébulon, parle.", "Zébulon a ouvert un bureau."),
        ("How much did Acme pay for Zebulon?", "Acme takes over Zebulon for $2 billion.", "Acme takes over Zebulon."),
        ("Combien coûte l'abonnement de Zébulon ?", "Il est vendu 275 €/mois.", "Il est vendu partout."),
    ],
)  # fmt: skip
def test_a_deed_is_told_in_other_words(question: str, tells: str, tells_not: str) -> None:
    kinds = asked_kinds(read_question(question, NOW))
    assert kinds
    assert met(kinds, tells) > met(kinds, tells_not)


def test_who_replaced_somebody_is_answered_by_the_one_who_follows() -> None:
    said = "Ada Merle, la patronne de Zébulon, a présenté mardi les résultats annuels du groupe."
    follows = "Léo Brun a été nommé directeur général de Zébulon, où il succède à Ada Merle."
    (first, *_) = _answer("Qui a remplacé Ada Merle à la tête de Zébulon ?", said, follows)
    assert "Léo Brun" in first


def test_a_sentence_on_the_body_is_no_answer_to_who_bought_it() -> None:
    assert _answer("Who bought Zebulon?", "Zebulon said on Monday that its chief Ada Merle is pleased with the results.", language="en") == []  # fmt: skip


def test_the_noun_that_is_asked_for_has_a_name_beside_it() -> None:
    unnamed = (
        "The government of Zubrovka said on Monday that a federal judge in California signalled a halt to layoffs."
    )
    named = "District Judge Susan Merle granted the request of two unions to halt the layoffs in Zubrovka."
    question = "Who is the judge in the layoffs case in Zubrovka?"
    assert "w:judge" in asked_noun(read_question(question, NOW))
    (first, *_) = _answer(question, unnamed, named, title="Zubrovka", language="en")
    assert "Susan Merle" in first


def test_an_entry_of_a_list_without_its_subject_is_not_shown() -> None:
    text = "Zebulon cut 300 jobs in March, according to its annual report on the year.\n\nAnnounced on March 28 that it has eliminated over 100 jobs."
    assert not any("28" in s for s in _answer("How many jobs did Zebulon cut?", text, language="en"))


def test_a_pronoun_goes_with_the_paragraph_before_where_each_sentence_is_one() -> None:
    press = "Zebulon will lay off staff from May.\n\nThis is the first of two rounds, set for May 20, of about 900 jobs.\n\nThe union is opposed to it."
    (only,) = _answer("How many jobs does Zebulon lay off?", press, language="en")
    assert only.startswith("Zebulon will lay off staff from May. This is")
    prose = press.replace("from May.\n\n", "from May. It said so today.\n\n")
    assert not any("two rounds" in s for s in _answer("How many jobs does Zebulon lay off?", prose, language="en"))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("**Le sujet.** Block a licencié **environ 4 000 personnes**.", "Block a licencié environ 4 000 personnes."),
        ("— Les ventes *montent* de 5 * 3 points.", "Les ventes montent de 5 * 3 points."),
        ("- `run` est prêt.", "run est prêt."),
        ("Un_nom_de_variable reste.", "Un_nom_de_variable reste."),
    ],
)  # fmt: skip
def test_a_shown_sentence_has_no_markup(written: str, shown: str) -> None:
    assert plain_sentence(written) == shown


def test_emphasis_hides_no_end_of_a_sentence() -> None:
    text = "**Le vrai sujet.** **Six mois plus tôt**, Zébulon a licencié. Fin."
    assert [text[a:b] for a, b in sentences(text)] == ["**Le vrai sujet.**", "**Six mois plus tôt**, Zébulon a licencié.", "Fin."]  # fmt: skip


def test_a_source_goes_by_its_name_alone() -> None:
    assert short_source("Essai | L'actualité en continu") == "Essai"
    assert short_source("Essai - Toute l'actualité") == "Essai"
    assert short_source("Saint-Nazaire Infos") == "Saint-Nazaire Infos"


@pytest.mark.parametrize(
    ("question", "demanded", "bodies"),
    [
        ("Why was Ada Merle ousted from Zebulon?", (), ("Ada Merle", "Zebulon")),
        ("What is the latest on Zebulon's layoffs?", (), ("Zebulon",)),
        ("Compare les licenciements chez Acme et Zebulon", (), ("Acme", "Zebulon")),
        ("What did articles from Zebulon say about Acme?", ("Zebulon",), ("Acme",)),
        ("Que dit-on d'Acme dans Zebulon ?", ("Zebulon",), ("Acme",)),
        ("Selon Zebulon, combien de postes Acme supprime-t-il ?", (), ("Acme",)),
        ("Which Acme plans does the Zebulon article report?", (), ("Acme",)),
    ],
)
def test_a_body_that_has_a_blog_in_the_library_is_no_source_for_being_named(
    question: str, demanded: tuple[str, ...], bodies: tuple[str, ...]
) -> None:
    read = read_question(question, NOW, ["Zebulon"])
    assert (read.conditions.sources, read.companies) == (demanded, bodies)


def test_a_torn_quotation_and_the_first_person_are_not_shown() -> None:
    plain = "Zebulon will cut 40 jobs in Lutz, the company said on Monday."
    for torn in (
        '"Zebulon will cut 90 jobs, and the worst is to come.',
        "I was told that Zebulon will cut 90 jobs in spring.",
    ):
        (only,) = _answer("How many jobs will Zebulon cut?", f"{plain} {torn} Other matters follow.", language="en")
        assert "40" in only
    kept = _answer(
        "How many jobs will Zebulon cut?", 'Zebulon will cut 90 jobs: "I am sad," its chief said.', language="en"
    )
    assert len(kept) == 1


def test_an_open_question_is_told_on() -> None:
    text = "Zebulon announced Safe Desk on Monday. The tool has two parts: an alarm and a filter. Both come in spring. Nothing else is new."
    told = _answer("What does Zebulon's Safe Desk do?", text, language="en")
    assert any("two parts" in sentence for sentence in told)


def test_what_fell_by_a_share_is_answered_by_one() -> None:
    text = (
        "Sales of homes in Zubrovka dropped 15% in September, the agents' association said. The agents met in a hall."
    )
    (only,) = _answer("How much did home sales fall in Zubrovka?", text, title="Zubrovka", language="en")
    assert "15%" in only


def test_days_are_no_answer_to_how_much_was_lost() -> None:
    days = "Zébulon a perdu pied pendant cinq jours chaotiques, et ses salariés menaçaient de partir."
    assert _answer("Combien Zébulon a-t-il perdu en un an ?", days) == []
    (only,) = _answer(
        "Combien Zébulon a-t-il perdu en un an ?", f"{days} Zébulon a perdu 8 milliards de dollars en un an."
    )
    assert "8 milliards" in only


def test_how_many_is_not_answered_without_a_figure() -> None:
    assert (
        _answer(
            "How many people will Zebulon lay off?", "Zebulon will lay off people in spring, it said.", language="en"
        )
        == []
    )


def test_the_company_stands_for_the_body_of_the_title() -> None:
    text = "Founder Ada Merle launched the startup in 2017. She had been at Acme before."
    (first, *_) = _answer("Who founded Zebulon?", text, title="Zebulon raises $3M", language="en")
    assert "Ada Merle" in first


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("LUTZ, Zubrovka (AP) – A judge ruled on Monday.", "A judge ruled on Monday."),
        ("AI-assisted summary Ada Merle was elected.", "Ada Merle was elected."),
        ("No. Usually the tools come in spring.", "Usually the tools come in spring."),
        ("IBM – the maker of machines – cuts jobs.", "IBM – the maker of machines – cuts jobs."),
    ],
)
def test_what_a_page_sets_before_a_sentence_is_not_shown(written: str, shown: str) -> None:
    assert plain_sentence(written) == shown


def test_a_clause_that_leans_is_not_shown_alone() -> None:
    text = "There was talk of a prize of all the firms.\n\nWhen she found that out, she left Zebulon with 40 others."
    assert not any(
        "she left" in s for s in _answer("How many people left Zebulon?", text, title="Other", language="en")
    )


def test_a_name_that_is_a_word_needs_its_capital() -> None:
    ramp_up = "The ramp up of Zebulon, with 900 firms compared, took a year of work."
    found = "To find out, Ramp compared the spending of 21,559 firms in the country."
    assert _answer("How many firms did Ramp compare?", ramp_up, found, title="Study", language="en") == [
        "To find out, Ramp compared the spending of 21,559 firms in the country (Essai, 3 February 2026)."
    ]


def test_combien_de_temps_is_answered_by_a_duration() -> None:
    share = "Les équipes qui adoptent Zébulon livrent 19 % de versions en plus par mois."
    saved = "Les développeurs gagnent deux à trois heures par semaine avec Zébulon."
    (only,) = _answer("Combien de temps les développeurs gagnent-ils par semaine avec Zébulon ?", share, saved)
    assert only.startswith(saved[:-1])


def test_what_was_expected_is_no_answer_to_what_was() -> None:
    expected = "Investors had expected Zebulon to report revenues of around $9.5 billion."
    reported = "Zebulon reported revenue of $9.3 billion, an 11% increase year over year."
    (first, *_) = _answer("What revenue did Zebulon report?", expected, reported, language="en")
    assert first.startswith(reported[:-1])


def test_things_of_which_nothing_speaks_are_not_counted() -> None:
    text = "Zebulon employed 78,865 people worldwide at the end of last year."
    assert _answer("How many satellites did Zebulon launch?", text, language="en") == []
    assert _answer("How many people does Zebulon employ?", text, language="en")


def test_the_reason_stands_in_the_sentence_after() -> None:
    text = "Zebulon reported a profit for the first time in a year. The bump was in large part due to higher prices."
    (only,) = _answer("Why did Zebulon report a profit?", text, title="Zebulon", language="en")
    assert "higher prices" in only


def test_an_article_may_begin_with_this_study() -> None:
    text = (
        "Cette étude de Zébulon examine le travail. Elle s'appuie sur une enquête auprès de 132 chercheurs du groupe."
    )
    (only,) = _answer("Combien de chercheurs Zébulon a-t-il interrogés ?", text)
    assert only.startswith("Cette étude de Zébulon")
    assert "132" in only


def test_what_goes_into_a_body_does_not_narrow_the_search_to_it() -> None:
    sources = ("Zebulon", "Essai")
    assert read_question("How much did Acme invest in Zebulon?", NOW, sources).conditions.sources == ()
    assert read_question("Who is the judge in the Zebulon Search trial?", NOW, sources).conditions.sources == ()
    assert read_question("What do articles in Essai say of Acme?", NOW, sources).conditions.sources == ("Essai",)


def test_who_holds_an_office_is_told_by_a_sentence_with_the_office() -> None:
    investor = "Ada Merle, who invests in Zebulon, spoke of its lamps in Lutz on Monday."
    assert _answer("Who is the chief technology officer of Zebulon?", investor, language="en") == []
    (only,) = _answer(
        "Who is the chief technology officer of Zebulon?",
        f"{investor} Leo Brown, Zebulon's CTO, came with her.",
        language="en",
    )
    assert "Leo Brown" in only


def test_a_sentence_that_names_its_source_is_followed_by_the_day_alone() -> None:
    text = "Essai rapporte qu'Ada Merle a fondé Zébulon dans la ville de Lutz."
    (only,) = _answer("Qui a fondé Zébulon ?", text)
    assert only.endswith("(3 février 2026).")
    (only,) = _answer("Qui a fondé Zébulon ?", text.replace("Essai rapporte qu'", ""))
    assert only.endswith("(Essai, 3 février 2026).")


def test_the_head_of_a_department_does_not_lead_the_body() -> None:
    text = "Ada Merle, the head of human resources at Zebulon, spoke in Lutz on Monday."
    assert _answer("Who leads Zebulon?", text, language="en") == []
    (only,) = _answer("Who leads Zebulon?", f"{text} Leo Brown is the chief executive of Zebulon.", language="en")
    assert "Leo Brown" in only


def test_posts_that_nobody_held_are_no_cuts() -> None:
    text = (
        "Zebulon began to lay off about 800 people in Lutz. A memo of Zebulon closed about 600 open positions in Lutz."
    )
    told = _answer("How many jobs does Zebulon cut?", text, language="en")
    assert "800" in told[0]
    assert not any("600" in sentence for sentence in told)


def _dated(question: str, *told: tuple[str, datetime]) -> list[str]:
    passages = [
        Passage(t, title="Zebulon", source="Essai", published=d, language="en", article_id=str(n), chunk_id=f"{n}:1:0")
        for n, (t, d) in enumerate(told)
    ]
    return [s.text for s in extract(read_question(question, NOW), passages).sentences]


def test_what_was_is_told_as_done_rather_than_as_planned() -> None:
    planned = "Zebulon is reportedly targeting February for a cut of some 800 jobs in Lutz, Reuters reported."
    done = "Zebulon began to lay off about 800 people on Monday, a tenth of all, in Lutz."
    found = _dated("How many jobs did Zebulon cut?", (planned, DAY - timedelta(days=30)), (done, DAY))
    assert "began to lay off" in found[0]


def test_a_time_alone_asks_what_happened_then() -> None:
    lead = "Zebulon closed its shop in Lutz on Monday, its managers said."
    later = f"{lead} {'The shop sold lamps of many kinds to many people. ' * 9}In June a smaller cut had hit 90 people in Lutz."
    assert _dated("since 2 February 2026", (later, DAY)) == [f"3 February 2026 (Essai): {lead}"]


def test_to_lay_people_off_is_to_cut_jobs() -> None:
    assert concepts_told("Zébulon licencie") >= concepts_told("Zébulon supprime des postes")
    assert concepts_told("lay off 800 people") & concepts_told("supprime des postes")
    assert not concepts_told("new jobs in Lutz") & concepts_told("Zébulon licencie des gens") - {2}


def test_a_sentence_that_quotes_the_other_language_is_introduced_in_its_own() -> None:
    text = 'Zébulon raconte la genèse de ses lampes : explorer "all the stuff that no lamp and no other machine of ours has yet lit up in the halls".'
    passage = Passage(text, title="Zébulon", source="Essai", published=DAY, language="fr", chunk_id="a")
    (only,) = extract(read_question("Who tells how the lamps of Zébulon came about?", NOW), [passage]).sentences
    assert "(text in French)" in only.text


@pytest.mark.parametrize(
    ("question", "text", "figures"),
    [
        ("How many jobs did Zebulon cut?", "Zebulon cut 30,000 jobs in an effort to save.", [30000.0]),
        ("How many jobs did Zebulon cut?", "Zebulon cut 14,000 employees weeks before.", [14000.0]),
        ("Combien perdront leur travail chez Zébulon ?", "Chez Zébulon, 400 personnes perdront leur travail.", [400.0]),
        ("Combien Zébulon a-t-il perdu ?", "Zébulon a tenu cinq jours chaotiques.", []),
    ],
)
def test_which_figures_are_counted(question: str, text: str, figures: list[float]) -> None:
    found = asked_quantities(read_question(question, NOW), text)
    assert [max(q.values) for q in found] == figures


def test_an_office_of_another_body_is_not_the_asked_ones() -> None:
    text = "Brian Dykes, chief financial officer of Borealis, spoke of lamps. Zebulon spoke of nothing on that Monday."
    assert _answer("Who is the CFO of Zebulon?", text, title="Borealis and its lamps", language="en") == []


@pytest.mark.parametrize(
    ("text", "leans"),
    [
        ("Two days later, Zebulon closed its shop in Lutz.", True),
        ("(The figures of the year before were higher.)", True),
        ("Two years after its hiring spree, Zebulon cut jobs.", False),
        ("Second-quarter revenue of Zebulon rose.", False),
        ("(Reuters) - Zebulon will cut jobs.", False),
    ],
)
def test_what_leans(text: str, leans: bool) -> None:
    before = "Zebulon opened a shop in Lutz on Monday."
    spans = [(0, len(before)), (len(before) + 1, len(before) + 1 + len(text))]
    assert (stands_from(f"{before} {text}", spans, 1, 1.0) == 0) is leans
