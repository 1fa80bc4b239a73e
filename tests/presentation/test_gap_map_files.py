"""The map narrowed by year, risk of bias and income, and the map as files."""

from __future__ import annotations

import io
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest
from lxml import etree

from ipt_evidence.analyses.gap_map.panel import columns, filters_said, gap_rows, leads_to
from ipt_evidence.analyses.gap_map.result import MAP_FILTERS, NO_FILTERS, coverage
from ipt_evidence.errors import QuestionError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.view import estimate_of, view_of
from ipt_evidence.exchange.map_files import MAP_FORMS, map_file

FILTERS = replace(NO_FILTERS, periods=("2010s", "from_2020"), rob=("low", "some_concerns"))
TITLE = "What is known <b>here</b> & there"


def test_a_filtered_cell_is_the_page_to_which_it_leads(base: EvidenceBase) -> None:
    whole, narrowed = coverage(base), coverage(base, filters=FILTERS)
    assert sum(cell.estimate.k for cell in narrowed) < sum(cell.estimate.k for cell in whole)
    for cell, before in zip(narrowed, whole, strict=True):
        page, query = leads_to(cell)
        assert cell.k_studies <= before.k_studies and cell.estimate.k <= before.estimate.k
        if cell.state == "none_left":
            assert before.k_studies and not cell.estimate.k and "rob" not in query
            continue
        assert page == "condition" and query["rob"] == ["low", "some_concerns"]
        words = {
            word: [value] if isinstance(value, str) else value for word, value in query.items()
        }
        there = estimate_of(base, view_of(words, base))
        assert there.k == cell.estimate.k
        if there.pooled is not None and cell.estimate.pooled is not None:
            assert there.pooled.estimate == cell.estimate.pooled.estimate
    assert {cell.state for cell in narrowed} >= {"none_left", "pooled"}
    shown = gap_rows(base, narrowed, columns(base, "comparison"))
    assert "None of these" in {cell.main for row in shown for cell in row.cells}


def test_the_filters_are_said() -> None:
    assert filters_said(NO_FILTERS) == ""
    said = filters_said(replace(FILTERS, incomes=("lmic",)))
    assert said == (
        "Only trials of: 2010 to 2019 or 2020 or later; risk of bias: low or some concerns; "
        "low- and middle-income countries."
    )
    assert MAP_FILTERS == ("period", "rob", "income")


@pytest.mark.parametrize("form", MAP_FORMS)
def test_the_map_as_a_file(base: EvidenceBase, form: str) -> None:
    cells = coverage(base)
    made = map_file(base, cells, form, TITLE)
    assert made == map_file(base, cells, form, TITLE)  # the same on every machine
    if form == "png":
        assert made.startswith(b"\x89PNG")
        return
    text = made.decode()
    if form == "csv":
        table = pd.read_csv(io.StringIO(text))
        assert len(table) == len(cells)
        for row, cell in zip(table.itertuples(), cells, strict=True):
            shown = cell.estimate.shown
            assert pd.isna(row.estimate) if shown is None else row.estimate == shown.estimate
        return
    assert base.version in text and "<b>here" not in text
    written = "".join(etree.fromstring(made).itertext()) if form == "svg" else _text(text)
    for row in gap_rows(base, cells, columns(base, "comparison")):
        assert all(cell.main in written for cell in row.cells)


def _text(page: str) -> str:
    gathered: list[str] = []

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            gathered.append(data)

    Reader().feed(page)
    return "".join(gathered)


def test_a_form_that_there_is_not_is_named(base: EvidenceBase) -> None:
    with pytest.raises(QuestionError, match="svg, png, csv, html"):
        map_file(base, coverage(base), "gif", TITLE)
