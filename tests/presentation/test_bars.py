"""Bars show exactly the numbers they are given, the unknown apart, and no text is cut."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from ipt_evidence import EvidenceBase
from ipt_evidence.analyses.coverage import panel as words
from ipt_evidence.analyses.coverage.figure import NOTHING, horizontal_bars
from ipt_evidence.evidence.facets import FACETS, facets
from ipt_evidence.figures.look import Look
from ipt_evidence.figures.template import condition_colour, palette

LookAt = Callable[[go.Figure, int], dict[str, Any]]


@pytest.fixture
def rows() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "label": ["USA", "Uganda", "Kenya", "Chile", "Not reported"],
            "value": pd.array([56, 2, 0, None, 11], dtype="Int64"),
            "pale": pd.array([34, 0, 0, None, None], dtype="Int64"),
            "unknown": [False, False, False, False, True],
        }
    )


def trace(figure: go.Figure, name: str) -> Any:
    return next(trace for trace in figure.data if trace.name == name)


def texts(figure: go.Figure, name: str) -> list[str]:
    return [note.text for note in figure.layout.annotations if note.name == name]


@pytest.mark.parametrize("compact", [False, True])
def test_bars_are_the_numbers_in_the_order_given(rows: pd.DataFrame, compact: bool) -> None:
    figure = horizontal_bars(rows, look=Look(compact=compact))
    assert texts(figure, "label") == ["USA", "Uganda", "Kenya", "Chile", "<i>Not reported</i>"]
    assert list(trace(figure, "bars").x) == [22, 2, 0]
    assert list(trace(figure, "pale").x) == [34, 0, 0]
    assert list(trace(figure, "unknown").x) == [11]
    assert [text.strip() for text in trace(figure, "values").text] == [
        "56", "2", "0", "not reported", "11",
    ]  # fmt: skip
    places = list(trace(figure, "values").y)
    assert places == sorted(places)
    assert list(figure.layout.yaxis.range) == [figure.layout.yaxis.range[0], 0]
    assert figure.layout.xaxis.range == (0, 56)


def test_the_unknown_is_hatched_in_grey(rows: pd.DataFrame) -> None:
    for dark in (False, True):
        figure = horizontal_bars(rows, look=Look(dark=dark))
        pattern = trace(figure, "unknown").marker.pattern
        assert pattern.shape == "/"
        assert pattern.fgcolor == palette(dark).rule
        assert set(trace(figure, "bars").marker.color) == {palette(dark).accent}


def test_a_missing_number_has_no_bar(rows: pd.DataFrame) -> None:
    figure = horizontal_bars(rows)
    drawn = [y for name in ("bars", "unknown") for y in trace(figure, name).y]
    assert len(drawn) == 4
    assert trace(figure, "values").y[3] not in drawn


def test_bars_take_the_colour_of_a_condition(rows: pd.DataFrame) -> None:
    figure = horizontal_bars(rows, look=Look(condition="anxiety", dark=True))
    assert set(trace(figure, "bars").marker.color) == {condition_colour("anxiety", True)}
    own = horizontal_bars(rows.assign(condition=["depression", "anxiety", "", "", ""]))
    assert list(trace(own, "bars").marker.color) == [
        condition_colour("depression"), condition_colour("anxiety"), palette().accent,
    ]  # fmt: skip


def test_nothing_to_count_is_said(rows: pd.DataFrame) -> None:
    for empty in (rows.iloc[:0], rows.iloc[2:4]):
        figure = horizontal_bars(empty)
        assert [note.text for note in figure.layout.annotations] == [NOTHING]


def test_markup_in_a_label_is_no_markup(rows: pd.DataFrame) -> None:
    hostile = rows.assign(label=["<b>bold</b>", "a & b", "c", "d", "e"])
    figure = horizontal_bars(hostile)
    assert texts(figure, "label")[:2] == ["&lt;b&gt;bold&lt;/b&gt;", "a &amp; b"]
    assert "&lt;b&gt;" in trace(figure, "bars").hovertext[0]


@pytest.mark.parametrize("count", words.COUNTS)
@pytest.mark.parametrize("facet", [facet.id for facet in facets("chart")])
def test_bars_of_the_base_account_for_all_studies(
    base: EvidenceBase, facet: str, count: str
) -> None:
    rows = words.bar_rows(base, facet, (), count)
    figure = horizontal_bars(rows, notes=words.bar_notes(rows, facet, count))
    shown = sum(sum(trace.x) for trace in figure.data if trace.type == "bar")
    assert shown == rows["value"].sum()
    if count == "studies" and not FACETS[facet].several:
        assert shown == len(base.studies)


@pytest.mark.browser
@pytest.mark.parametrize(("width", "compact"), [(900, False), (356, True)])
def test_no_text_is_cut_or_lies_on_another(
    look: LookAt, base: EvidenceBase, width: int, compact: bool
) -> None:
    long = pd.DataFrame(
        {
            "label": ["A programme of several sessions with a name longer than any line can hold",
                      "Kurz", "Nicht berichtet"],
            "value": [1000, 1, 900], "unknown": [False, False, True],
            "end": ["1,000 (98 of 99)", "1", "900 (12 of 13)"],
        }
    )  # fmt: skip
    figures = [
        horizontal_bars(long, notes=(words.GENERAL_KNOWLEDGE,) * 2, look=Look(compact=compact))
    ]
    for facet in ("country", "instrument", "condition"):
        rows = words.bar_rows(base, facet, (), "people")
        notes = words.bar_notes(rows, facet, "people")
        figures.append(horizontal_bars(rows, notes=notes, look=Look(compact=compact)))
    for figure in figures:
        seen = look(figure, width)
        assert seen["found"] == []
        assert seen["texts"] >= 6
