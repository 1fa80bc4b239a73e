"""How many trials each choice of a question would leave: as if it had been made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.facets import FACETS, FILTERS
from ipt_evidence.evidence.selection import Question, flags_among, select, trials_left
from ipt_evidence.evidence.time_points import TIME_POINTS

QUESTIONS = [
    Question("depression", "control"),
    Question("depression", "control", rob=("low",), without_flags=("se_for_sd",), only_double=True),
    Question("anxiety", "control", outcome_domains=("depression",), doubtful_moved=True),
    Question("depression", "other_psychotherapy", excluded=("elkin1989",), sources=("reviews",)),
    Question("depression", "control", without_conditions=("major_depression",), periods=("2010s",)),
    Question("chronic_illness", "maintenance"),
]


def choices(base: EvidenceBase, question: Question) -> Iterator[tuple[str, str, Question]]:
    """Every choice that a page offers: word, value, and the question once it is made."""
    for facet in FILTERS:
        assert facet.filter is not None
        for level in facet.choices:
            yield facet.id, level, replace(question, **{facet.filter.field: (level,)})  # type: ignore[arg-type]
    for source in base.sources:
        yield "source", source, replace(question, sources=(source,))
    for time in TIME_POINTS:
        yield "time", time, replace(question, time=time)
    for flag in flags_among(base, Question(question.condition, question.comparison)):
        yield "without", flag, replace(question, without_flags=(*question.without_flags, flag))
    yield "double", "1", replace(question, only_double=True)
    yield "printed", "1", replace(question, only_printed=True)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: f"{one.condition}-{one.comparison}")
def test_the_number_is_that_of_the_page_once_chosen(base: EvidenceBase, question: Question) -> None:
    left = trials_left(base, question)
    asked = list(choices(base, question))
    for word, value, chosen in asked:
        assert left[word][value] == int(select(base, chosen).studies["used"].sum()), (word, value)
    assert sum(map(len, left.values())) == len(asked)


def test_an_arm_of_a_control_leaves_nothing_of_another_therapy(base: EvidenceBase) -> None:
    left = trials_left(base, Question("depression", "other_psychotherapy"))["against"]
    assert left["waitlist"] == 0 and left["cbt"] > 0


def test_periods_and_incomes_sort_every_study_that_says_when_and_where(base: EvidenceBase) -> None:
    for facet, column in (("period", "year"), ("income", "country")):
        known = base.joined.loc[base.joined[column].notna()]
        found = sum(
            FACETS[facet].keeps(known, (level,)).astype(int) for level in FACETS[facet].levels
        )
        mixed = known["country"].fillna("").str.contains("/") if facet == "income" else False
        assert ((found == 1) | mixed).all()
    years = {1973: "to_1989", 1990: "1990s", 2019: "2010s", 2040: "from_2020"}
    assert {y: [*FACETS["period"].read({"year": y})] for y in years} == {
        year: [level] for year, level in years.items()
    }
    places = {"Uganda": ["lmic"], "USA/Italy": ["high"], "Kenya/Norway": [], "Nowhere": []}
    assert {one: [*FACETS["income"].read({"country": one})] for one in places} == places
