"""The network of therapies on the fixture base: whole trials, honest words, a readable figure."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from ipt_evidence import EvidenceBase
from ipt_evidence.analyses.network.panel import panel
from ipt_evidence.analyses.network.result import IPT, _whole, therapy_network
from ipt_evidence.analyses.registry import analysis
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.view import View
from ipt_evidence.figures import lettering
from ipt_evidence.figures.look import Look

DEPRESSION = View(Question("depression"))


def test_network_holds_ipt_and_says_how_it_is_made(base: EvidenceBase) -> None:
    found = therapy_network(base, DEPRESSION)
    network = found.network
    assert network is not None, found.reason
    assert IPT == network.reference
    assert IPT in network.treatments
    shown = panel(base, DEPRESSION)
    text = " ".join(shown.sentences)
    assert f"{network.k} trials compare {network.n} therapies and kinds of control" in text
    assert "P-scores rank point estimates" in text
    assert "no test can promise to find it" in shown.how_to_read
    assert len(shown.table) == network.n - 1
    assert set(shown.table["Treatment"]) == set(network.treatments) - {IPT}


def test_every_line_and_treatment_is_drawn(base: EvidenceBase) -> None:
    network = therapy_network(base, DEPRESSION).network
    assert network is not None
    for look in (Look("depression"), Look("depression", dark=True, compact=True)):
        figure = analysis("network").figure(base, DEPRESSION, look)
        lines = [trace for trace in figure.data if trace.name == "comparison"]
        assert len(lines) == len(network.lines)
        widths = [trace.line.width for trace in lines]
        assert widths == sorted(widths)
        names = {a.text.replace("<br>", " ") for a in figure.layout.annotations}
        assert names == set(network.treatments)
        if look.compact:
            half = figure.layout.xaxis.range[1]
            for a in (a for a in figure.layout.annotations if a.xanchor != "center"):
                room = (half - abs(a.x)) / (2.0 * half) * 340.0
                assert lettering.widest(a.text.split("<br>"), 12.0) <= room + 0.5


def test_a_condition_without_other_therapies_says_so(base: EvidenceBase) -> None:
    shown = panel(base, View(Question("eating_disorders")))
    assert not shown.drawn
    assert "no trial of IPT stands in a table of other therapies" in shown.sentences[0]


@pytest.mark.parametrize("hub_first", [True, False])
def test_effects_that_share_an_arm_make_a_whole_trial(hub_first: bool) -> None:
    pairs = (
        {("IPT", "a"): (0.5, 0.1), ("IPT", "b"): (0.2, 0.2)}
        if hub_first
        else {("a", "WL"): (0.5, 0.1), ("b", "WL"): (0.2, 0.2)}
    )
    whole, cut = _whole(pairs)
    assert not cut
    third = ("b", "a") if hub_first else ("a", "b")
    effect, variance = whole[third]
    assert effect == pytest.approx(0.3)
    assert variance == pytest.approx(0.3 - np.sqrt(0.02))
    several, cut = _whole({("a", "WL"): (0.5, 0.1), ("a", "CAU"): (0.3, 0.1), ("b", "WL"): (0, 1)})
    assert cut
    assert set(several) == {("a", "WL"), ("b", "WL"), ("a", "b")}


def test_filters_narrow_the_network(base: EvidenceBase) -> None:
    question = dataclasses.replace(Question("depression"), comparator_types=("waitlist",))
    found = therapy_network(base, View(question)).network
    whole = therapy_network(base, DEPRESSION).network
    assert whole is not None
    assert found is None or found.k < whole.k
