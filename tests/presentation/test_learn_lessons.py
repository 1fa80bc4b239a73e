"""Lessons: complete, kind, true to the base, and every quoted source one that the code follows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import html

from ipt_evidence import EvidenceBase, Question, coverage, estimate
from ipt_evidence.analyses import glossary
from ipt_evidence.analyses.lessons import (
    LESSONS,
    effect_size,
    following,
    forest_plot,
    grade,
    heterogeneity,
    small_studies,
    trials,
)
from ipt_evidence.analyses.lessons.lesson import (
    WORKS,
    Check,
    Instrument,
    Lesson,
    cite,
    example_conditions,
    feedback,
    instruments,
    score,
)
from ipt_evidence.dashboard.views.condition.sections import LESSON_OF, SECTIONS
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.exchange.handout import handout_html
from ipt_evidence.meta_analysis.models import pool
from ipt_evidence.wording import tables

ROOT = Path(__file__).resolve().parents[2]
LONGEST_SENTENCE = 32  # words, or signs that end a breath
AMERICAN = re.compile(
    r"\b(?!size|prize)\w*i(zation|ze[sd]?|zing)\b|\b(behavior|center|color|program)\b", re.I
)


@pytest.fixture(scope="module")
def depression(base: EvidenceBase) -> Estimate:
    return estimate(base, Question("depression", "control"))


@pytest.fixture(scope="module")
def postpartum(base: EvidenceBase) -> Estimate:
    return estimate(base, Question("postpartum", "control"))


def texts(lesson: Lesson) -> list[str]:
    checks = [text for c in lesson.checks for text in (c.question, *c.choices, c.reason)]
    return [lesson.title, *lesson.explanation, lesson.try_it, *lesson.summary, *checks]


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=lambda lesson: lesson.id)
def test_each_lesson_explains_sums_up_and_asks_five_questions(lesson: Lesson) -> None:
    assert len(lesson.explanation) >= 2
    assert len(lesson.summary) >= 3
    assert len(lesson.checks) == 5
    assert {check.right for check in lesson.checks} == {0, 1, 2}  # position gives nothing away
    for check in lesson.checks:
        assert len(set(check.choices)) == 3
        assert check.reason.endswith(".")
    for text in texts(lesson):
        assert len(text) < 800
        assert not AMERICAN.search(text.replace("in the program.", "").replace("a program", "")), (
            text
        )


def test_every_quoted_work_is_one_that_the_code_follows() -> None:
    analyses = ROOT / "ipt_evidence" / "analyses"
    learn = (analyses / "lessons", analyses / "glossary")
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "ipt_evidence").rglob("*.py")
        if not set(learn) & set(path.parents)
    )
    for name, doi in WORKS.values():
        assert f"doi:{doi}" in code, name
    used = "\n".join(
        path.read_text(encoding="utf-8") for folder in learn for path in folder.rglob("*.py")
    )
    for work in WORKS:
        assert re.search(rf"[\"']{work}[\"']\)|work=\"{work}\"", used), work
    assert cite("hedges") == "[Hedges 1981](https://doi.org/10.3102/10769986006002107)"


def test_lessons_follow_one_another_to_the_end() -> None:
    assert following("effect") == "forest"
    assert following("indirect") is None
    assert [lesson.id for lesson in LESSONS.values()] == list(LESSONS)


BDI = Instrument("BDI", 10.0, "Median")
CHECK = Check("How many?", ("One.", "Two.", "Three."), 1, "There are two.")


def test_feedback_gives_the_reason_whatever_was_chosen() -> None:
    assert feedback(CHECK, "Two.") == (True, "Yes, that is it. There are two.")
    right, words = feedback(CHECK, "One.")
    assert not right
    assert words.startswith("Not quite")
    assert "“Two.” There are two." in words


def test_the_score_waits_for_the_last_answer() -> None:
    checks = (CHECK,) * 3
    assert score(checks, {0: "Two.", 1: None, 2: "Two."}) == ""
    assert score(checks, {0: "Two.", 1: "Two.", 2: "Two."}).startswith("All three right")
    assert score(checks, {0: "One.", 1: "Two.", 2: "One."}).startswith("One of three right")
    assert score(checks, dict.fromkeys(range(3), "One.")).startswith("None of three right")


def test_an_effect_in_human_units_carries_its_interval(depression: Estimate) -> None:
    pooled = depression.pooled
    g = effect_size.on_slider(pooled)
    shown = effect_size.shown(g, pooled, "Depression")
    assert shown.g == pooled.estimate
    assert tables.interval(pooled.ci_lower, pooled.ci_upper) in shown.words
    units = effect_size.units(shown, Instrument("HDRS-17", 8.05, "Median SD of arms"))
    assert [unit.value.count(" to ") for unit in units] == [1] * 5
    assert units[4].value.startswith(tables.effect(pooled.estimate * 8.05, 1))


def test_a_moved_slider_is_the_readers_own_number_without_an_interval(
    depression: Estimate,
) -> None:
    shown = effect_size.shown(0.8, depression.pooled, "Depression")
    assert (shown.lower, shown.upper) == (None, None)
    assert shown.words == "Your own number: g 0.80, a large difference in favour of IPT."
    values = [unit.value for unit in effect_size.units(shown, BDI)]
    assert values == ["79%", "69%", "71%", "2", "8.0"]


@pytest.mark.parametrize(
    ("g", "u3", "nnt"), [(0.0, "50%", "none: no difference"), (-0.5, "31%", "4 to harm")]
)
def test_no_effect_and_harm_have_words(g: float, u3: str, nnt: str) -> None:
    units = effect_size.units(effect_size.shown(g, None, ""), BDI)
    assert (units[0].value, units[3].value) == (u3, nnt)


def test_an_interval_across_zero_leaves_the_nnt_open() -> None:
    pooled = pool([0.3, -0.1, 0.2], [0.05, 0.05, 0.05])
    shown = effect_size.shown(effect_size.on_slider(pooled), pooled, "Anxiety")
    assert effect_size.units(shown, BDI)[3].value == "open: the interval holds 0"


def test_the_slider_stays_within_its_ends() -> None:
    assert effect_size.on_slider(pool([4.0], [0.1])) == effect_size.HIGHEST
    assert effect_size.on_slider(None) == 0.0


def test_the_guided_reading_speaks_of_the_trials_at_hand(postpartum: Estimate) -> None:
    steps = {step.id: step for step in forest_plot.steps(postpartum)}
    assert len(steps) == 8
    frame = postpartum.trials
    heaviest = frame.sort_values("weight").iloc[-1]
    assert heaviest["label"] in steps["row"].text
    assert tables.effect(heaviest["yi"]) in steps["square"].text
    crossing = sum(
        low <= 0 <= high for low, high in zip(frame["ci_lower"], frame["ci_upper"], strict=True)
    )
    assert crossing == 4
    assert "four of the 10 trials" in steps["zero"].text
    assert "wholly on the side of IPT" in steps["diamond"].text
    assert "beyond 0" in steps["prediction"].text
    assert forest_plot.heading(steps["row"], list(steps)).startswith("Step 1 of 8.")
    assert forest_plot.neighbours("row", list(steps)) == (None, "square")
    assert forest_plot.neighbours("spread", list(steps)) == ("prediction", None)


def test_a_single_trial_has_no_guided_reading(base: EvidenceBase) -> None:
    assert forest_plot.steps(estimate(base, Question("anxiety", "pharmacotherapy"))) == ()


def test_the_most_influential_trial_moves_the_average_most(
    base: EvidenceBase, depression: Estimate
) -> None:
    question = Question("depression", "control")
    chosen = heterogeneity.most_influential(depression)
    moved = {
        study: abs(
            estimate(base, question.without(study)).pooled.estimate - depression.pooled.estimate
        )
        for study in (chosen, *depression.trials["study_id"].iloc[:4])
    }
    assert max(moved, key=moved.get) == chosen


def test_what_leaving_out_changes_is_said_with_numbers() -> None:
    with_all, without = pool([0.4, 0.5, 1.9], [0.02] * 3), pool([0.4, 0.5], [0.02] * 2)
    words = heterogeneity.change(with_all, without, "Huge 2020")
    assert words.startswith("Without Huge 2020 the average goes from 0.93 to 0.45")
    assert "does not depend on this trial" in words
    firm, loose = pool([0.5, 0.52, 0.48], [0.02] * 3), pool([0.52, 0.1], [0.02] * 2)
    assert "depends on this single trial" in heterogeneity.change(firm, loose, "A")
    assert "no trial is left" in heterogeneity.change(firm, None, "A")


def test_halves_split_by_precision_and_only_describe(depression: Estimate) -> None:
    found = small_studies.halves(depression)
    vi = depression.trials["vi"].to_numpy(float)
    precise = [v for v, one in zip(vi, found.precise, strict=True) if one]
    rest = [v for v, one in zip(vi, found.precise, strict=True) if not one]
    assert max(precise) <= min(rest)
    assert found.larger.k + found.smaller.k == depression.k
    assert "not a test" in small_studies.halves_sentence(found)


def test_fewer_than_ten_trials_are_not_tested(base: EvidenceBase, depression: Estimate) -> None:
    few = estimate(base, Question("anxiety", "control"))
    assert small_studies.verdict(few).startswith("With fewer than 10 trials nobody can tell")
    assert "Egger's test, p" in small_studies.verdict(depression)
    assert "Caution: I²" in small_studies.verdict(depression)
    single = estimate(base, Question("anxiety", "pharmacotherapy"))
    assert small_studies.halves(single) is None
    assert "fewer than four" in small_studies.halves_sentence(None)


def test_example_cells_have_one_two_a_few_and_the_most_trials(base: EvidenceBase) -> None:
    cells = coverage(base)
    rows = trials.examples(base)
    assert rows["k"].tolist() == [1, 2, 3, 34]
    assert rows["label"].iloc[-1] == "Depression, control"
    assert rows["pi_lower"].isna().tolist() == [True, True, False, False]
    assert example_conditions(base)[0] == "depression"
    assert all(
        cell.estimate.k >= 3
        for cell in cells
        if cell.condition in example_conditions(base) and cell.comparison == "control"
    )


def test_trials_as_they_came_end_at_the_estimate_of_all(
    base: EvidenceBase, depression: Estimate
) -> None:
    rows = trials.growth(base, "depression", 5)
    assert rows["k"].tolist() == [1, 2, 5, 34]
    assert rows["estimate"].iloc[-1] == pytest.approx(depression.pooled.estimate)
    assert rows["n"].iloc[-1] == depression.people.value
    oldest = depression.trials.sort_values("year").iloc[0]
    assert rows["estimate"].iloc[0] == pytest.approx(oldest["yi"])
    assert trials.growth(base, "depression", 34)["k"].tolist() == [1, 2, 34]
    assert "After the first five trials" in trials.growth_sentence(rows, 5)
    assert "includes 0, no difference" in trials.growth_sentence(rows, 2)


@pytest.mark.parametrize("domain", grade.DOMAINS, ids=lambda domain: domain.id)
def test_each_grade_domain_shows_facts_and_no_verdict(
    domain: grade.Domain, depression: Estimate
) -> None:
    words = grade.seen(domain.id, depression)
    assert re.search(r"\d", words)
    assert not re.search(r"certainty|downgrade|serious|high quality", words)
    assert domain.asks.endswith("?")
    assert "?" in domain.think


def test_grade_facts_are_counts_of_the_trials(depression: Estimate, base: EvidenceBase) -> None:
    counts = depression.trials["rob"].value_counts()
    words = grade.seen("bias", depression)
    assert f"{counts['some_concerns']} some concerns" in words
    assert "waiting list" in grade.seen("indirectness", depression)
    assert "3,126 people" in grade.seen("imprecision", depression)
    nothing = estimate(base, Question("eating_disorders", "maintenance"))
    assert "nothing to look at" in grade.seen("bias", nothing)


REQUIRED = (
    "g; confidence interval; prediction interval; I²; tau; weight; random effects; REML; "
    "Hartung-Knapp; fixed effect; equal effects; heterogeneity; risk of bias; publication bias; "
    "Egger; trim and fill; PET-PEESE; NNT; U3; overlap; odds ratio; waiting list; usual care; "
    "active control; intention to treat; cluster-randomised; follow-up; GRADE; "
    "network meta-analysis; CHE; rho"
).split("; ")


@pytest.mark.parametrize("word", REQUIRED)
def test_the_glossary_knows_the_word(word: str) -> None:
    first = next(iter(glossary.find_terms(word).values()))
    names = [name.casefold() for name in (first.name, *first.also)]
    assert any(name.startswith(word.casefold()) for name in names), first.name


def test_the_glossary_is_searched_without_accents_case_and_superscripts() -> None:
    assert next(iter(glossary.find_terms("i2"))) == "i2"
    assert next(iter(glossary.find_terms("WAITLIST"))) == "waiting_list"
    assert list(glossary.find_terms("")) == list(glossary.GLOSSARY)
    assert glossary.find_terms("zzz") == {}
    assert glossary.count_words(0).startswith("No term fits")
    assert glossary.count_words(3) == f"3 of {len(glossary.GLOSSARY)} terms"
    for term in glossary.GLOSSARY.values():
        assert term.meaning.endswith(".")
        assert not term.work or term.work in WORKS
        assert not term.topic or term.topic in LESSONS
        assert not AMERICAN.search(term.meaning)


def test_points_are_those_of_instruments_with_a_known_spread(base: EvidenceBase) -> None:
    known = instruments(base)
    assert known["hdrs-17"].sd == pytest.approx(
        base.instruments.set_index("instrument_id").loc["hdrs-17", "reference_sd"]
    )
    assert all(one.sd > 0 and one.basis for one in known.values())


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=lambda lesson: lesson.id)
def test_the_hand_out_holds_the_lesson_its_questions_and_the_right_letters(
    base: EvidenceBase, lesson: Lesson
) -> None:
    page = handout_html(base, lesson)
    assert page == handout_html(base, lesson)  # everybody in a room has the same paper
    root = html.fromstring(page)
    said = " ".join(root.text_content().split())
    assert root.xpath("//h1")[0].text == lesson.title
    assert "**" not in said and "](" not in said
    assert ("<img" in page) == (lesson.id in {"forest", "heterogeneity", "small-studies"})
    questions = root.xpath("//div[@class='question']")
    answers = root.xpath("//div[@class='answers']/p")
    assert len(questions) == len(answers) == len(lesson.checks) == 5
    for check, question, answer in zip(lesson.checks, questions, answers, strict=True):
        choices = [item.text_content() for item in question.xpath(".//li")]
        assert {choice[5:] for choice in choices} == set(check.choices)
        letter = answer.text_content().split()[1].rstrip(".")
        assert f"☐ {letter}. {check.choices[check.right]}" in choices


def test_each_lesson_is_reached_from_where_its_idea_is_needed() -> None:
    assert set(LESSON_OF.values()) == set(LESSONS)
    assert set(LESSON_OF) < set(SECTIONS)


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=lambda lesson: lesson.id)
def test_sentences_of_a_lesson_are_short_enough_to_be_read_aloud(lesson: Lesson) -> None:
    texts = [
        *lesson.explanation,
        lesson.try_it,
        *lesson.summary,
        *(c.reason for c in lesson.checks),
    ]
    plain = [re.sub(r"\]\([^)]*\)|[*\[]", "", text) for text in texts]
    sentences = [part for text in plain for part in re.split(r"(?<=[.!?:;])\s", text)]
    assert len(sentences) > 10
    assert not [sentence for sentence in sentences if len(sentence.split()) > LONGEST_SENTENCE]
