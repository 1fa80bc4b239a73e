"""What is said of IPT beside other therapies: always that the comparison is indirect."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ipt_evidence import EvidenceBase, Model, Question
from ipt_evidence.analyses.registry import analysis
from ipt_evidence.analyses.therapies.result import LEAST, OTHERS, beside
from ipt_evidence.evidence.context import context_conditions
from ipt_evidence.evidence.view import View
from ipt_evidence.figures.look import Look

THERAPIES = analysis("therapies")
DEPRESSION = View(Question("depression"))


def asked(base: EvidenceBase) -> list[View]:
    """The states: pooled, one trial, two trials, no table for it, another time, filtered out."""
    held = [View(Question(condition)) for condition in context_conditions(base)]
    other = [Question("eating_disorders"), Question("depression", time="follow_up"),
             Question("depression", raters=("other",)),
             Question("depression", only_double=True, variants=("ipt",)),
             Question("depression", "other_psychotherapy", formats=("group",))]  # fmt: skip
    return [*held, *map(View, other)]


def test_every_sentence_on_the_databases_says_that_it_is_indirect(base: EvidenceBase) -> None:
    views = asked(base)
    assert len(views) > 8
    for view in views:
        panel = THERAPIES.panel(base, view)
        *indirect, direct = panel.sentences
        assert indirect
        assert all("indirect" in text.lower() for text in indirect), view
        assert direct.startswith("Direct trials, which randomised people between IPT and another")
        if panel.drawn:
            assert panel.text_alternative.startswith("Indirect comparison")
            assert "indirect comparison" in panel.how_to_read
            assert [name for name in panel.table if "indirect" in name] == [
                "IPT minus this, indirect", "Adjusted, indirect",
            ]  # fmt: skip


def test_the_numbers_of_the_sentences_are_those_of_the_result(base: EvidenceBase) -> None:
    panel = THERAPIES.panel(base, DEPRESSION)
    results, differences, direct = panel.sentences
    assert "IPT reached g 0.48 (95% CI 0.31 to 0.65) in 31 trials" in results
    assert "cognitive behavioural therapy g 0.86 (95% CI 0.37 to 1.35) in 17 trials" in results
    found = beside(base, DEPRESSION)
    plain, adjusted = (one.differences[OTHERS] for one in (found.overall, found.overall_adjusted))
    assert f"together is g −{-plain.estimate:.2f} (95% CI −{-plain.ci_lower:.2f}" in differences
    assert f"it is g −{-adjusted.estimate:.2f} (95% CI −{-adjusted.ci_lower:.2f}" in differences
    assert "adjusted for kind of control, target group, risk of bias and year" in differences
    assert "Chance alone could explain either." in differences
    assert "Across three trials" in direct
    assert "ODC-By 1.0, https://doi.org/10.5281/zenodo.7254845" in panel.note
    assert "Three trials gave both IPT and another therapy" in panel.note


def test_a_therapy_without_a_name_comes_last_and_ipt_first(base: EvidenceBase) -> None:
    names = THERAPIES.panel(base, DEPRESSION).table["Therapy, against control"].to_list()
    assert names[0] == "IPT"
    assert names[-1] == "Other therapies"


def test_two_trials_are_two_trials(base: EvidenceBase) -> None:
    panel = THERAPIES.panel(base, View(Question("anxiety")))
    assert (
        "IPT was in two trials (Krupnick, 2008, g 1.14; Stangier, 2011, g 0.42)"
        in (panel.sentences[0])
    )
    row = panel.table.set_index("Therapy, against control").loc["IPT"]
    assert (row["g"], row["95% CI"]) == ("1.14 and 0.42", "not pooled")
    assert "fewer than 3 trials of IPT" in panel.sentences[1]
    assert "mixes databases of different disorders" in panel.sentences[2]
    figure = THERAPIES.figure(base, View(Question("anxiety")), Look("anxiety"))
    [dots] = [trace for trace in figure.data if trace.name == "estimates"]
    drawn = [one for one in beside(base, View(Question("anxiety"))).therapies if one.k != 2]
    assert len(dots.x) == len(drawn) < len(panel.table)
    assert not [shape for shape in figure.layout.shapes if shape.name == "interval of all trials"]


def test_ipt_is_marked_and_its_interval_is_the_band(base: EvidenceBase) -> None:
    figure = THERAPIES.figure(base, DEPRESSION, Look("depression"))
    [dots] = [trace for trace in figure.data if trace.name == "estimates"]
    assert dots.marker.symbol[0] == "circle-open"
    assert set(dots.marker.symbol[1:]) == {"circle"}
    [band] = [shape for shape in figure.layout.shapes if shape.name == "interval of all trials"]
    ends = [note.text for note in figure.layout.annotations if note.name == "direction"]
    assert ends == ["← favours control", "favours the therapy →"]
    ipt = beside(base, DEPRESSION).ipt
    assert ipt is not None
    assert (band.x0, band.x1) == (ipt.pooled.ci_lower, ipt.pooled.ci_upper)


def test_the_trials_of_a_chosen_therapy_open_at_their_row(base: EvidenceBase) -> None:
    panel = THERAPIES.panel(base, DEPRESSION, therapy="supportive")
    trials = panel.details[2]
    assert trials.heading == "Trials behind the row “Supportive therapy”"
    assert len(trials.table) == 5
    assert all("/data.csv?plain=1#L" in url for url in trials.table["Row of the database"])


@pytest.mark.parametrize("level", [90.0, 99.0])
def test_the_model_of_the_page_holds_for_every_row(base: EvidenceBase, level: float) -> None:
    model = Model(method="DL", test="z", rho=0.3, level=level)
    found = beside(base, replace(DEPRESSION, model=model))
    assert {(one.pooled.method, one.pooled.test, one.pooled.level) for one in found.therapies} == {
        ("DL", "z", level)
    }
    usual = beside(base, DEPRESSION)
    assert found.overall.differences[OTHERS].df is None
    assert usual.overall.differences[OTHERS].df == usual.overall.k - 2


def test_outliers_and_dependent_effects_are_treated_as_on_the_page(base: EvidenceBase) -> None:
    usual = {one.therapy: one.k for one in beside(base, DEPRESSION).therapies}
    without = beside(base, replace(DEPRESSION, model=Model(without_outliers=True)))
    fewer = {one.therapy: one.k for one in without.therapies}
    assert fewer["ipt"] < usual["ipt"]
    assert without.overall.k == sum(fewer.values())
    che = beside(base, replace(DEPRESSION, model=Model(dependence="che")))
    assert {one.pooled.method for one in che.therapies if one.k >= LEAST} == {"CHE"}


def test_differences_turn_with_the_therapies(base: EvidenceBase) -> None:
    """IPT minus a therapy is the difference of their means, as far as one τ² allows."""
    found = beside(base, DEPRESSION)
    means = {one.therapy: one.pooled.estimate for one in found.therapies}
    assert len(found.each.differences) == len(means) - 1
    for therapy, one in found.each.differences.items():
        assert one.ci_lower < one.estimate < one.ci_upper
        assert one.estimate == pytest.approx(means["ipt"] - means[therapy], abs=0.12)
