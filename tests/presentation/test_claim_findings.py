"""The figure of a claim says what is cited, what is better, and what we pool."""

from __future__ import annotations

import math

import pytest

from ipt_evidence import EvidenceBase
from ipt_evidence.analyses.claims.figure import claim_findings
from ipt_evidence.analyses.claims.panel import (
    finding_rows,
    findings_table,
    own_estimates,
    panel,
    text_alternative,
)
from ipt_evidence.evidence.claims import Claim
from ipt_evidence.figures.look import Look


def claim(base: EvidenceBase, claim_id: str) -> Claim:
    return next(c for c in base.audit.claims if c.id == claim_id)


def test_a_claim_stands_beside_its_source_better_evidence_and_our_estimate(
    base: EvidenceBase,
) -> None:
    answers = own_estimates(base, "depression")
    rows = finding_rows(base, claim(base, "depression-established"), answers)
    first, last = rows.iloc[0], rows.iloc[-1]
    assert (first["kind"], first["source"]) == ("cited", "[1] Cuijpers et al. 2011")
    assert (first["yi"], first["yi_lower"], first["yi_upper"]) == (0.63, 0.36, 0.9)
    assert last["kind"] == "own"
    assert last["yi"] in {a.pooled.estimate for a in answers.values() if a.pooled}
    assert list(rows["kind"].unique()) == ["cited", "better", "own"]


def test_a_paper_that_is_not_about_ipt_is_never_drawn_as_an_effect_of_it(
    base: EvidenceBase,
) -> None:
    met = 0
    for one in base.audit.claims:
        rows = finding_rows(base, one, own_estimates(base, one.condition))
        strangers = {f"[{n}]" for n in one.references if not base.audit.reference(n).about_ipt}
        for row in rows.loc[rows["kind"] == "cited"].to_dict("records"):
            if row["source"].split(" ")[0] in strangers:
                assert math.isnan(row["yi"])
                assert row["why"] == "not about IPT"
                met += 1
    assert met


@pytest.mark.parametrize("compact", [False, True])
def test_the_figure_holds_each_number_where_it_belongs(base: EvidenceBase, compact: bool) -> None:
    one = claim(base, "anxiety-coping")
    rows = finding_rows(base, one, own_estimates(base, "anxiety"))
    figure = claim_findings(rows, look=Look(condition="anxiety", compact=compact))
    marks = {trace.name: trace for trace in figure.data}
    better = rows.loc[(rows["kind"] == "better") & rows["yi"].notna()]
    assert list(marks["better"].x) == pytest.approx(better["yi"].tolist())
    assert list(marks["better"].y) == better.index.tolist()
    written = figure.to_json()
    assert "not about IPT" in written
    assert "Althobaiti et al. 2020" in written


def test_words_and_table_say_the_same(base: EvidenceBase) -> None:
    rows = finding_rows(
        base, claim(base, "depression-established"), own_estimates(base, "depression")
    )
    table = findings_table(rows)
    assert len(table) == len(rows)
    assert table.iloc[0]["g (95% CI)"] == "0.63 (95% CI 0.36 to 0.90)"
    for cell in table["Source"]:
        assert cell in text_alternative(rows)


def test_a_claim_is_drawn_where_some_row_has_a_number(base: EvidenceBase) -> None:
    drawn = {one.id: panel(base, one).drawn for one in base.audit.claims}
    assert drawn == {
        one.id: bool(
            finding_rows(base, one, own_estimates(base, one.condition))["yi"].notna().any()
        )
        for one in base.audit.claims
    }
    assert any(drawn.values())
