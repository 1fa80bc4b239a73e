"""The flow after PRISMA 2020: what the R package reads, and the drawing, hold the same counts."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from defusedxml.ElementTree import fromstring

from ipt_evidence import EvidenceBase, Question, estimate
from ipt_evidence.exchange.prisma import (
    COLUMNS,
    Prisma,
    prisma_of_searches,
    prisma_of_view,
    prisma_svg,
    prisma_table,
)
from ipt_evidence.living.candidates import Flow

FLOW = Flow(
    runs=2, found=50, repeated=12, in_base=8, known=5, queued=25, included=3, excluded=10,
    unsure=2, waiting=10, databases=(("PubMed", 30), ("Europe PMC", 20)),
)  # fmt: skip


def listed(cell: str) -> dict[str, int]:
    """Counts with their reasons, taken apart as `PRISMA_parse_reasons_` of the package does."""
    parts = re.split(r"; ?", cell)
    return {part.partition(",")[0]: int(part.partition(",")[2]) for part in parts}


def numbers(frame: pd.DataFrame) -> dict[str, str]:
    named = frame.dropna(subset=["data", "n"])
    return dict(zip(named["data"], named["n"], strict=True))


@pytest.mark.parametrize("question", [
    Question("depression", "control"),
    Question("depression", "control", age_groups=("adults",), without_flags=("se_for_sd",)),
    Question("anorexia", "prevention"),
])  # fmt: skip
def test_the_studies_of_a_view_add_up(base: EvidenceBase, question: Question) -> None:
    answer = estimate(base, question)
    n = numbers(prisma_table(prisma_of_view(base, answer)))
    total = len(answer.selection.studies)
    assert int(n["database_results"]) == total
    assert int(n["new_studies"]) == int(n["total_studies_ma"]) == answer.k
    lost = sum(listed(n["dbr_excluded"]).values()) if "dbr_excluded" in n else 0
    assert total - lost == answer.k
    if total:
        assert sum(listed(n["database_specific_results"]).values()) == total
    assert "previous_studies" not in n and "duplicates" not in n  # not counted is not 0


def test_the_records_of_the_searches_by_database(base: EvidenceBase) -> None:
    flow = prisma_of_searches(base, FLOW)
    n = numbers(prisma_table(flow))
    assert listed(n["database_specific_results"]) == {"PubMed": 30, "Europe PMC": 20}
    removed = sum(int(n[name]) for name in ("duplicates", "excluded_automatic", "excluded_other"))
    assert int(n["database_results"]) - removed == FLOW.queued
    assert int(n["records_screened"]) - int(n["records_excluded"]) == int(n["dbr_sought_reports"])
    assert n["previous_studies"] == str(len(base.studies)) and "new_studies" not in n
    drawn = prisma_svg(flow, "Records")
    for words in ("PubMed (n\u00a0=\u00a030)", "Records excluded (n\u00a0=\u00a010)", "wait"):
        assert words in drawn


def test_older_runs_that_do_not_say_the_database_give_no_part_of_the_sum(
    base: EvidenceBase,
) -> None:
    part = Flow(*[2, 50, 12, 8, 5, 25, 3, 10, 2, 10], databases=(("PubMed", 30),))
    assert "database_specific_results" not in numbers(prisma_table(prisma_of_searches(base, part)))


def test_the_rows_are_those_of_the_package(base: EvidenceBase) -> None:
    frame = prisma_table(prisma_of_view(base, estimate(base, Question("depression", "control"))))
    assert tuple(frame.columns) == COLUMNS
    boxes = set(frame["box"])
    assert {f"box{number}" for number in range(1, 18)} < boxes
    nodes = list(frame["node"].dropna())
    assert len(nodes) == len(set(nodes)) == 23
    assert frame.loc[frame["node"].notna(), "tooltips"].notna().all()
    # The package puts these words between apostrophes and parts the counts at these signs.
    for column in ("boxtext", "tooltips", "n"):
        assert not frame[column].dropna().str.contains("['\"\\\\]").any()


def test_words_of_the_data_stay_words() -> None:
    evil = "'; node [label='x'], 7; <script>alert(1)</script>"
    flow = Prisma({"database_results": 2}, {"database_specific_results": ((evil, 2),)})
    (cell,) = numbers(prisma_table(flow)).keys() & {"database_specific_results"}
    assert list(listed(numbers(prisma_table(flow))[cell]).values()) == [2]
    drawn = prisma_svg(flow, evil)
    assert "<script>" not in drawn
    root = fromstring(drawn)
    assert "alert(1)" in "".join(root.itertext())
