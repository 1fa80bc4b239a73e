"""The citation matrix and the PRISMA flow: every number of the picture is one of the data."""

from __future__ import annotations

import re

import pandas as pd

from ipt_evidence.living.candidates import Flow
from ipt_evidence.living.figures import PAPERS, citation_matrix, prisma_flow
from ipt_evidence.living.panel import flow_words

FLOW = Flow(
    runs=2, found=50, repeated=12, in_base=8, known=5, queued=25, included=3, excluded=10,
    unsure=2, waiting=10,
)  # fmt: skip


def texts(figure) -> list[str]:
    return [note.text for note in figure.layout.annotations if note.text]


def test_the_flow_shows_its_counts_and_they_add_up() -> None:
    shown = [int(n) for text in texts(prisma_flow(FLOW)) for n in re.findall(r"<b>(\d+)", text)]
    assert shown == [50, 25, 25, 15, 10, 3, 10]
    words = flow_words(FLOW)
    for number in ("50", "17", "8", "25", "3", "10", "2"):
        assert f" {number} " in f" {words} "


def test_without_a_search_the_flow_says_so() -> None:
    nothing = Flow(*[0] * 10)
    assert "No search has been finished yet" in str(prisma_flow(nothing).to_dict())
    assert flow_words(nothing) == "No search has been finished yet."


def test_the_matrix_counts_papers_that_it_has_no_room_for() -> None:
    marks = pd.DataFrame(
        [("A <b>work</b>", f"Author {n}", "cited") for n in range(30)]
        + [("Another", "Author 3", "citing")],
        columns=["work", "paper", "kind"],
    )
    figure = citation_matrix(marks)
    assert len(figure.layout.xaxis.ticktext) == PAPERS
    assert texts(figure) == ["30 papers", "1 paper"]
    assert "&lt;b>" in figure.layout.yaxis.ticktext[0]  # markup in a title stays text
    assert "Author 3" in figure.layout.xaxis.ticktext


def test_an_empty_matrix_is_a_sentence() -> None:
    empty = pd.DataFrame(columns=["work", "paper", "kind"])
    assert "No work is tied" in str(citation_matrix(empty).to_dict())
