"""Every result is frozen and turns into plain JSON: no NumPy scalars, no NaN."""

from __future__ import annotations

import dataclasses
import json

import pytest

from ipt_evidence.meta_analysis import power
from ipt_evidence.meta_analysis.bayesian import bayesian_pool
from ipt_evidence.meta_analysis.clinical_units import clinical_units
from ipt_evidence.meta_analysis.dependent_effects import cluster_robust, multilevel
from ipt_evidence.meta_analysis.heterogeneity import heterogeneity_interval
from ipt_evidence.meta_analysis.influence import cumulative, influence, leave_one_out, outliers
from ipt_evidence.meta_analysis.models import pool
from ipt_evidence.meta_analysis.moderators import meta_regression, predict, subgroups
from ipt_evidence.meta_analysis.multiverse import multiverse
from ipt_evidence.meta_analysis.small_study_effects import (
    asymmetry,
    limit,
    pet_peese,
    selection,
    significance,
    trim_and_fill,
)

RESULTS = {
    "pool": lambda d: pool(d["yi"], d["vi"]),
    "pool one": lambda d: pool(d["yi"][:1], d["vi"][:1]),
    "heterogeneity": lambda d: heterogeneity_interval(d["yi"], d["vi"]),
    "regression": lambda d: meta_regression(d["yi"], d["vi"], {"dose": d["dose"]}),
    "prediction": lambda d: predict(
        meta_regression(d["yi"], d["vi"], {"dose": d["dose"]}), {"dose": [5]}
    )[0],
    "subgroups": lambda d: subgroups(d["yi"], d["vi"], d["format"]),
    "multilevel": lambda d: multilevel(d["yi"], d["vi"], d["format"]),
    "robust": lambda d: cluster_robust(d["yi"], d["vi"], d["format"]),
    "leave one out": lambda d: leave_one_out(d["yi"], d["vi"])[0],
    "cumulative": lambda d: cumulative(d["yi"], d["vi"], d["year"])[0],
    "influence": lambda d: influence(d["yi"], d["vi"])[0],
    "outliers": lambda d: outliers(d["yi"], d["vi"]),
    "multiverse": lambda d: multiverse(d["yi"], d["vi"], d["study"]),
    "bayesian": lambda d: bayesian_pool(d["yi"], d["vi"]),
    "power": lambda d: power.pooled_power(d["vi"], 0.2),
    "next trial": lambda d: power.next_trial(d["yi"], d["vi"]),
    "clinical units": lambda d: clinical_units(
        0.4, 0.2, 0.6, control_event_rate=0.3, instrument_sd=8
    ),
    "egger": lambda d: asymmetry.egger_test(d["yi"], d["vi"]),
    "begg": lambda d: asymmetry.begg_test(d["yi"], d["vi"]),
    "trim and fill": lambda d: trim_and_fill.trim_and_fill(d["yi"], d["vi"]),
    "pet-peese": lambda d: pet_peese.pet_peese(d["yi"], d["vi"]),
    "limit": lambda d: limit.limit_meta_analysis(d["yi"], d["vi"]),
    "selection": lambda d: selection.selection_model(d["yi"], d["vi"]),
    "p-curve": lambda d: significance.p_curve(d["yi"], d["vi"]),
    "excess": lambda d: significance.excess_significance(d["yi"], d["vi"]),
    "fail-safe": lambda d: significance.fail_safe_n(d["yi"], d["vi"]),
}


@pytest.mark.parametrize("name", RESULTS)
def test_results_are_frozen_and_plain(name, dataset):
    result = RESULTS[name](dataset("skewed"))
    text = json.dumps(dataclasses.asdict(result), allow_nan=False)
    assert json.loads(text).keys() == {f.name for f in dataclasses.fields(result)}
    first = dataclasses.fields(result)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(result, first, None)
