"""The Coverage page: figures with their words, and questions with the search behind them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from ipt_evidence import EvidenceBase
from ipt_evidence.analyses.coverage import panel as words
from ipt_evidence.analyses.coverage.panel import GROUPS, in_group
from ipt_evidence.analyses.coverage.result import growth, profile
from ipt_evidence.analyses.gaps.panel import WHY, gap_card, gap_export
from ipt_evidence.analyses.gaps.result import NEEDS, find_gaps, gaps_among
from ipt_evidence.analyses.gaps.rules import Gap
from ipt_evidence.analyses.studies.result import StudyFilter, catalogue
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.evidence.facets import FACETS, facets
from ipt_evidence.evidence.sources import Search

PATIENCE = 60

CHARTS = [facet.id for facet in facets("chart")]


def run(**query: str | list[str]) -> AppTest:
    script = "from ipt_evidence.dashboard.views import coverage\ncoverage.render()\n"
    app = AppTest.from_string(script, default_timeout=PATIENCE)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def shown(app: AppTest) -> str:
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.info)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


@pytest.fixture(autouse=True)
def fresh_caches() -> None:
    st.cache_resource.clear()


def test_a_level_of_a_facet_leads_to_its_studies(base: EvidenceBase) -> None:
    app = run(by="where", where="continent")
    assert not app.exception
    links = {
        element.proto.label: element.proto.query_string
        for element in app.get("page_link")
        if element.proto.page.endswith("studies")
    }
    africa = catalogue(base).find(StudyFilter("", {"continent": ("Africa",)})).studies
    assert len(africa) > 1
    label = next(label for label in links if label.startswith("Africa"))
    assert label.endswith(f"{len(africa)} studies") and links[label] == "continent=Africa"
    assert "" in links.values()  # all of them


@pytest.fixture(scope="module")
def found(base: EvidenceBase) -> list[Gap]:
    return find_gaps(base)


def test_the_page_opens_with_how_much_there_is(base: EvidenceBase) -> None:
    app = run()
    assert not app.exception
    assert app.title[0].value == words.TITLE
    assert f"**{len(base.studies)} studies**" in shown(app)
    assert escape(words.text_alternative(base, "year")) in shown(app)


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_shows_one_figure_with_its_words_and_table(
    base: EvidenceBase, group: str, tables_of: Callable[[AppTest], dict[str, pd.DataFrame]]
) -> None:
    facet = list(in_group(group))[-1]
    app = run(by=group, **{group: facet}, count="people")
    assert not app.exception
    assert escape(words.text_alternative(base, facet, (), "people")) in shown(app)
    table = tables_of(app)["profile"]
    assert table.columns[0] == FACETS[facet].label
    assert len(table) == len(profile(base, facet))
    assert table.iloc[-1, 0] == FACETS[facet].chart.unknown


@pytest.mark.parametrize("k", [0, 1, 2, 100])
def test_the_filter_counts_only_studies_of_the_condition(base: EvidenceBase, k: int) -> None:
    tags = base.studies["conditions_all"].explode().value_counts()
    sizes = {c.id: int(tags.get(c.id, 0)) for c in base.taxonomy.conditions}
    condition = min(sizes, key=lambda c: abs(sizes[c] - k))
    line = words.lead(base, (condition,))
    assert line.startswith(f"**{sizes[condition] or 'No'} stud")
    assert "nan" not in line.lower()
    for facet in CHARTS:
        assert words.text_alternative(base, facet, (condition,)).endswith(".")
    assert words.timeline_alternative(base, (condition,)).endswith(".")
    if sizes[condition]:
        app = run(**{"in": condition, "by": "where"})
        assert not app.exception
        assert line in shown(app)


def test_two_conditions_may_be_looked_at_together(base: EvidenceBase) -> None:
    app = run(**{"in": ["panic", "hiv"]})
    assert not app.exception
    assert words.lead(base, ("panic", "hiv")) in shown(app)
    assert app.multiselect(key="in").value == ["panic", "hiv"]


@pytest.mark.parametrize("need", NEEDS)
def test_cards_hold_question_reason_evidence_and_search(
    base: EvidenceBase, found: list[Gap], need: str
) -> None:
    app = run(need=need, all="1")
    assert not app.exception
    of_need = [gap for gap in found if gap.need == need]
    assert [heading.value for heading in app.subheader] == [
        escape(gap_card(base, gap).question) for gap in of_need
    ]
    page = shown(app)
    for gap in of_need:
        card = gap_card(base, gap)
        for part in (card.why, card.known, card.search):
            assert escape(part) in page


def test_many_cards_come_in_a_first_handful(found: list[Gap]) -> None:
    app = run(need="searching")
    assert len(app.subheader) == 6
    app.toggle(key="all").set_value(True).run()
    assert len(app.subheader) == sum(gap.need == "searching" for gap in found)


def test_a_condition_has_its_own_questions(base: EvidenceBase, found: list[Gap]) -> None:
    app = run(**{"in": "borderline", "need": "searching"})
    of_borderline = [g for g in gaps_among(base, found, ["borderline"]) if g.need == "searching"]
    assert len(app.subheader) == len(of_borderline) == 1
    assert "borderline personality disorder" in app.subheader[0].value


def test_where_no_rule_finds_anything_the_page_says_so() -> None:
    app = run(**{"in": "borderline", "need": "reading"})
    assert not app.exception
    assert words.NO_GAP in shown(app)


def test_unknown_values_in_the_address_are_ignored() -> None:
    app = run(**{"in": "<script>", "by": "colour", "need": "magic", "count": "money"})
    assert not app.exception
    assert not app.multiselect(key="in").value


def test_every_sentence_is_whole(base: EvidenceBase, found: list[Gap]) -> None:
    assert found
    for gap in found:
        card = gap_card(base, gap)
        assert card.question.endswith("?")
        for text in (card.question, card.why, card.known, card.search):
            assert not re.search(r"nan|<NA>|None|  |\.\.|\bNA\b|_", text), text
            assert text[0].isupper() or text[0].isdigit()
        assert card.known.endswith(".")
        assert card.search.endswith(".")


def gap(kind: str, *comparisons: str, condition: str = "bipolar", **facts: object) -> Gap:
    return Gap(kind, "trial", condition, comparisons, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("made", "question"),
    [
        (gap("not_searched", "control"),
         "How well does IPT for bipolar disorder work, compared with no treatment, usual care or a "
         "placebo?"),
        (gap("not_searched", "control", "pharmacotherapy", "maintenance"),
         "How well does IPT for bipolar disorder work, compared with a control group or "
         "medication? Does going on with it after recovery prevent relapse?"),
        (gap("no_trial", "combined", condition="hiv"),
         "Does IPT together with medication for people with HIV help more than one of them "
         "alone?"),
        (gap("no_trial", "prevention", condition="obesity_prevention"),
         "Can IPT prevent obesity?"),
        (gap("no_trial", "maintenance", condition="panic"),
         "Does IPT continued after recovery from panic disorder keep people well?"),
        (gap("single_trial", "pharmacotherapy", studies=("elkin1989",), usable=("elkin1989",)),
         "Would a second trial of IPT for bipolar disorder find the same, compared with "
         "medication?"),
        (gap("single_trial", "control", studies=("elkin1989", "frank1990"), usable=("elkin1989",)),
         "Does the other study of IPT for bipolar disorder, compared with no treatment, usual "
         "care or a placebo, agree with the one that we can count?"),
        (gap("one_place", "control", counts=(("USA", 2),)),
         "Would IPT for bipolar disorder do as well outside the USA, compared with no treatment, "
         "usual care or a placebo?"),
        (gap("weak_controls", "control"),
         "Does IPT for bipolar disorder help more than attention and support alone?"),
    ],
)  # fmt: skip
def test_questions_are_asked_in_plain_words(base: EvidenceBase, made: Gap, question: str) -> None:
    assert gap_card(base, made).question == question


def test_a_search_says_what_it_was_made_for(base: EvidenceBase) -> None:
    search = Search(("depression",), ("control",), "Systematic search of X", "2024-01-01")
    own = gap_card(base, gap("no_trial", "control", condition="depression", searches=(search,)))
    assert own.search == "Systematic search of X, up to January 2024."
    child = gap("no_trial", "control", condition="persistent_depression", searches=(search,))
    assert gap_card(base, child).search.endswith("It was made for depression as a whole.")
    assert gap_card(base, gap("not_searched", "control")).search.startswith("Nobody whose work")
    odd = Search(("bipolar",), ("control",), "Search", "spring 2020")
    assert gap_card(base, gap("no_trial", "control", searches=(odd,))).search == (
        "Search, up to spring 2020."
    )


def test_people_that_are_not_known_are_said_to_be_so(base: EvidenceBase) -> None:
    studies = tuple(base.studies["study_id"].head(3))
    unknown = gap("no_number", "control", studies=studies, people=None)
    assert "how many people took part is not reported" in gap_card(base, unknown).known
    partly = gap("no_number", "control", studies=studies, people=90, people_known=2)
    assert "with 90 people (known for two of three)" in gap_card(base, partly).known


def test_every_kind_has_its_reason(found: list[Gap]) -> None:
    assert {gap.kind for gap in found} <= set(WHY)


def test_bars_of_people_are_in_the_order_of_people(base: EvidenceBase) -> None:
    rows = words.bar_rows(base, "country", (), "people")
    known = rows.loc[~rows["unknown"], "value"].dropna().tolist()
    assert known == sorted(known, reverse=True)
    assert rows["unknown"].tolist() == [False] * (len(rows) - 1) + [True]
    top = rows["label"].iloc[0]
    assert f"Most people: {top} {rows['end'].iloc[0]}" in words.text_alternative(
        base, "country", (), "people"
    )


def test_the_tables_to_take_away(base: EvidenceBase, found: list[Gap]) -> None:
    gaps = gap_export(base, found)
    assert gaps["rank"].tolist() == [gap.rank for gap in found]
    assert gaps["question"].str.endswith("?").all()
    assert gap_export(base, []).empty
    table = words.export_profile(base)
    assert table["label"].notna().all()
    assert table.loc[table["level"].isna(), "facet"].tolist() == CHARTS


def test_the_words_under_the_timeline_are_its_numbers(base: EvidenceBase) -> None:
    rows = growth(base).dropna(subset=["year"])
    assert f"depression {(rows['condition'] == 'depression').sum()}" in words.timeline_alternative(
        base
    )


def test_labels_of_controls_name_what_they_lead_to(base: EvidenceBase, found: list[Gap]) -> None:
    trials = sum(gap.need == "trial" for gap in found)
    assert words.need_label("trial", found) == f"By a new trial ({trials})"
    assert words.open_condition(base, gap("no_trial", "control")) == "Bipolar disorder: control"
