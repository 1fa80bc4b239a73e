"""What the Overview draws: each trial at its effect, each study in its year, and the same said."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from ipt_evidence import EvidenceBase, coverage
from ipt_evidence.analyses.gap_map.result import Cell
from ipt_evidence.analyses.overview import panel as overview
from ipt_evidence.analyses.overview.figure import small_multiples, trial_dots
from ipt_evidence.figures.look import Look
from ipt_evidence.wording import tables


@pytest.fixture(scope="module")
def cells(base: EvidenceBase) -> list[Cell]:
    return coverage(base)


@pytest.fixture(scope="module")
def control(cells: list[Cell]) -> list[Cell]:
    return [cell for cell in cells if cell.comparison == "control"]


def trace(figure: object, name: str) -> object:
    return next(trace for trace in figure.data if trace.name == name)


def texts(figure: object, name: str) -> list[str]:
    return [note.text for note in figure.layout.annotations if note.name == name]


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize("dark", [False, True])
def test_every_trial_stands_in_its_panel(
    base: EvidenceBase, control: list[Cell], dark: bool, compact: bool
) -> None:
    figure = small_multiples(
        overview.conditions_of(base, control),
        overview.trials_of(control),
        look=Look(dark=dark, compact=compact),
    )
    assert control
    for cell in control:
        drawn = trace(figure, f"trials {cell.condition}")
        shown = {point[1]: x for point, x in zip(drawn.customdata, drawn.x, strict=True)}
        assert set(shown) == set(cell.estimate.trials["study_id"])
        low, high = figure.layout[f"xaxis{drawn.xaxis[1:]}"].range
        for study, yi in zip(
            cell.estimate.trials["study_id"], cell.estimate.trials["yi"], strict=True
        ):
            assert shown[study] == pytest.approx(min(max(yi, low), high))
        assert list(drawn.x) == sorted(drawn.x, reverse=True)  # the largest on top


def test_all_panels_share_one_axis_and_the_band_is_the_interval(
    base: EvidenceBase, control: list[Cell]
) -> None:
    figure = small_multiples(overview.conditions_of(base, control), overview.trials_of(control))
    axes = [figure.layout[name] for name in figure.layout if name.startswith("xaxis")]
    assert len(axes) == len(control)
    assert len({tuple(axis.range) for axis in axes}) == 1
    bands = [shape for shape in figure.layout.shapes if shape.type == "rect"]
    pooled = [c.estimate.pooled for c in control if c.estimate.k > 2]
    assert [(band.x0, band.x1) for band in bands] == [(p.ci_lower, p.ci_upper) for p in pooled]


def test_headings_say_the_result_or_why_there_is_none(
    base: EvidenceBase, control: list[Cell]
) -> None:
    figure = small_multiples(overview.conditions_of(base, control), overview.trials_of(control))
    results = texts(figure, "result")
    first = control[0].estimate
    assert results[0] == (
        f"g {tables.effect(first.pooled.estimate)} "
        f"[{tables.interval(first.pooled.ci_lower, first.pooled.ci_upper)}], {first.k} trials"
    )
    assert results[2] == "Only at follow-up"
    two = overview.conditions_of(base, control).head(1).assign(k=2)
    few = small_multiples(two, overview.trials_of(control).head(2))
    assert texts(few, "result") == ["2 trials, too few to pool"]
    assert not few.layout.shapes[0].type == "rect"


def test_nothing_to_draw_says_so(base: EvidenceBase) -> None:
    empty = overview.conditions_of(base, [])
    assert texts(small_multiples(empty, overview.trials_of([])), "message")
    rows = overview.studies_by_year(base).iloc[:0]
    assert texts(trial_dots(rows), "message")
    assert overview.years_alternative(rows) == "No study with a year."


def test_the_panels_in_words(base: EvidenceBase, control: list[Cell]) -> None:
    said = overview.by_condition_panel(base).text_alternative
    assert "Eating disorders: only at follow-up." in said
    trials = control[0].estimate.trials
    assert (
        f"from {tables.effect(trials['yi'].min())} to {tables.effect(trials['yi'].max())}" in said
    )
    assert len(overview.by_condition_panel(base).table) == sum(cell.estimate.k for cell in control)


@pytest.mark.parametrize("compact", [False, True])
def test_every_study_stands_in_its_year(base: EvidenceBase, compact: bool) -> None:
    rows = overview.studies_by_year(base)
    figure = trial_dots(rows, look=Look(compact=compact))
    for condition, own in rows.dropna(subset=["year"]).groupby("condition"):
        drawn = trace(figure, f"studies {condition}")
        shown = {point[0]: x for point, x in zip(drawn.customdata, drawn.x, strict=True)}
        assert shown == dict(zip(own["study_id"], own["year"].astype(int), strict=True))
    assert "4 without a year left out." in texts(figure, "note")


def test_no_two_dots_of_a_row_and_year_overlap(base: EvidenceBase) -> None:
    figure = trial_dots(overview.studies_by_year(base))
    for drawn in figure.data:
        dots = pd.DataFrame({"x": drawn.x, "y": drawn.y, "size": drawn.marker.size})
        for _, year in dots.groupby("x"):
            ordered = year.sort_values("y")
            room = ordered["y"].diff().iloc[1:].to_numpy()
            needed = (ordered["size"] + ordered["size"].shift()).iloc[1:].to_numpy() / 2
            assert (room >= needed).all()
    low = min(min(drawn.y) for drawn in figure.data)
    assert low > 0


def test_more_people_make_a_larger_dot_and_rings_have_no_number(base: EvidenceBase) -> None:
    rows = overview.studies_by_year(base)
    drawn = trace(trial_dots(rows), "studies depression")
    known = rows.loc[rows["condition"] == "depression"].set_index("study_id")
    sizes = dict(zip([p[0] for p in drawn.customdata], drawn.marker.size, strict=True))
    by_people = known["n"].dropna().astype(float).sort_values()
    assert sizes[by_people.index[-1]] > sizes[by_people.index[0]]
    colours = dict(zip([p[0] for p in drawn.customdata], drawn.marker.color, strict=True))
    rings = {study for study, usable in known["usable"].items() if not usable}
    assert len({colours[study] for study in rings & set(colours)}) == 1
    assert {colours[s] for s in colours if s in rings}.isdisjoint(
        colours[s] for s in colours if s not in rings
    )


def test_the_dots_in_words_and_as_a_table(base: EvidenceBase) -> None:
    panel = overview.by_year_panel(base)
    table = panel.table
    assert len(table) == base.studies["study_id"].nunique()
    assert table["Study"].is_unique or len(table) == len(base.studies)
    said = panel.text_alternative
    usable = base.effects.loc[base.effects["include"].astype(bool), "study_id"].nunique()
    assert f"{usable} of them have a result" in said


def test_cards_hold_the_answer_and_the_other_comparisons(base: EvidenceBase) -> None:
    made = overview.cards(base)
    assert [card.condition for card in made] == list(base.taxonomy.top_level)
    assert made[0].answer.startswith("Across 34 trials")
    assert made[0].others[0].startswith("Other psychotherapy: g 0.15 (")
    assert "Medication: two trials, g −0.34 and −0.19, too few to pool" in made[0].others


def test_a_card_opens_where_there_is_evidence(base: EvidenceBase) -> None:
    eating = next(card for card in overview.cards(base) if card.condition == "eating_disorders")
    assert eating.comparison == "other_psychotherapy"
    assert eating.answer.startswith("Two trials of IPT against other psychotherapies")
    assert "Control: only at follow-up, 2 trials" in eating.others


def test_sources_stand_with_the_date_of_their_search(base: EvidenceBase) -> None:
    table = overview.currency_table(base)
    dated = [source for source in base.sources.values() if source.last_search]
    assert len(table) == len(dated)
    newest = max(source.last_search for source in dated)
    assert table["Searched up to"].iloc[0] == tables.month(newest)
    nothing = replace(base, effects=base.effects.iloc[:0])
    assert set(overview.currency_table(nothing)["Trials here"]) == {"0"}
