"""The Robustness page without a screen: pictures, points, rows, words and addresses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from ipt_evidence import EvidenceBase, Model, Question, estimate
from ipt_evidence.analyses.fragility.panel import title
from ipt_evidence.analyses.gosh import panel as subsets
from ipt_evidence.analyses.gosh.figure import gosh_plot
from ipt_evidence.analyses.influence import panel as trials
from ipt_evidence.analyses.influence.figure import (
    baujat_plot,
    cumulative_figure,
    leave_one_out_figure,
)
from ipt_evidence.analyses.influence.figure import figure as influence_figure
from ipt_evidence.analyses.multiverse import panel as words
from ipt_evidence.analyses.multiverse.figure import (
    choice_rows,
    drawn_points,
    specification_curve,
)
from ipt_evidence.analyses.multiverse.panel import (
    FACTOR_NAMES,
    address_of,
    option_name,
    specification_words,
)
from ipt_evidence.analyses.multiverse.result import (
    STANDINGS,
    Importance,
    importance,
    specifications,
)
from ipt_evidence.analyses.registry import analysis
from ipt_evidence.errors import PoolingError
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.figures.look import Look
from ipt_evidence.meta_analysis.gosh import gosh, gosh_clusters, gosh_picture
from ipt_evidence.meta_analysis.influence import cumulative, influence, leave_one_out

MAJOR = Question("major_depression", "control")
ALL = STANDINGS


@pytest.fixture(scope="module")
def answer(base: EvidenceBase):
    return estimate(base, MAJOR)


@pytest.fixture(scope="module")
def curve(base: EvidenceBase, answer):
    return specifications(base, answer)


@pytest.fixture(scope="module")
def found(answer):
    return gosh(answer.trials["yi"].to_numpy(float), answer.trials["vi"].to_numpy(float))


@pytest.fixture
def labels(answer):
    return [str(label) for label in answer.trials["label"]]


def test_a_picture_counts_every_subset_once(found) -> None:
    plain = gosh_picture(found)
    assert plain.with_study.sum() == 0
    assert plain.without_study.sum() == plain.subsets == 2**10 - 1 - 10 - 45  # no single, no pair
    parted = gosh_picture(found, 3)
    assert parted.with_study.sum() == 2**9 - 1 - 9
    assert (parted.with_study + parted.without_study == plain.without_study).all()


def test_a_picture_puts_subsets_where_they_belong(found) -> None:
    picture = gosh_picture(found)
    values = found.estimate[found.k >= 3]
    mean = (picture.without_study.sum(axis=0) @ picture.estimate) / picture.subsets
    assert abs(mean - values.mean()) < 0.01


def test_a_picture_of_equal_effects_and_of_no_subset() -> None:
    same = gosh_picture(gosh([0.3] * 5, [0.1] * 5))
    assert same.without_study.sum() == 16
    gosh_plot(same)
    pair = gosh([0.3, 0.5], [0.1, 0.1])
    assert gosh_picture(pair).subsets == 0
    assert subsets.gosh_sentence(pair) == subsets.FEW
    with pytest.raises(PoolingError, match="no study"):
        gosh_picture(gosh([0.3] * 5, [0.1] * 5), 5)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("compact", [False, True])
def test_the_gosh_figure_names_the_study_in_its_colours(found, labels, dark, compact) -> None:
    figure = gosh_plot(
        gosh_picture(found, 2), label=labels[2], pooled=0.4, look=Look(dark=dark, compact=compact)
    )
    cells = [trace for trace in figure.data if trace.type == "heatmap"]
    assert [trace.name for trace in cells] == ["without", "with"]
    assert any(labels[2] in (note.text or "") for note in figure.layout.annotations)
    assert any(shape.name == "all trials" and shape.x0 == 0.4 for shape in figure.layout.shapes)
    low, high = figure.layout.xaxis.range
    assert low < 0 < high


def test_gosh_words_say_how_many_and_how(found, labels) -> None:
    said = subsets.gosh_sentence(found)
    assert said.startswith(
        "All 968 subsets of three trials or more were pooled by REML. 55 of one or two trials are "
        "left out."
    )
    clusters = gosh_clusters(found)
    assert "one cluster" in subsets.clusters_sentence(clusters, labels)
    table = subsets.influence_table(clusters, labels)
    assert len(table) == 10
    assert labels[0] in set(table["Trial"])
    assert "on average" in subsets.text_alternative(found, clusters, labels, labels[0])


def test_two_clusters_are_named_with_the_trial_that_makes_them(rng) -> None:
    vi = np.r_[rng.uniform(0.03, 0.06, 9), 0.004]
    yi = np.r_[rng.normal(0.2, 0.1, 9), 1.4]
    names = [f"Trial {i}" for i in range(9)] + ["Odd 2020"]
    said = subsets.clusters_sentence(gosh_clusters(gosh(yi, vi, method="EE")), names)
    assert "two clusters" in said
    assert "Odd 2020 decides in which a subset lies" in said


def test_points_are_few_evenly_spread_and_hold_the_page(curve) -> None:
    mask = curve.among(ALL)
    points = drawn_points(curve, mask)
    assert len(points) <= 700
    assert (points["label"] == "own").sum() == 1
    own = points.loc[points["label"] == "own"].iloc[0]
    assert own["place"] == curve.own
    assert points["x"].between(0, 100).all()
    for label, place in (("equivalent", 0), ("uncertain", 1), ("non_equivalent", 2)):
        rows = points.loc[points["label"] == label, "place"].astype(int)
        assert (curve.standing[rows] == place).all()
    assert {0, len(curve) - 1} <= set(points["place"])


def test_hover_words_name_choices_and_reasons(curve) -> None:
    points = drawn_points(curve, curve.among(("non_equivalent",)))
    assert all("non-equivalent" in text for text in points["words"])
    assert any("Picks the outcome by its result" in text for text in points["words"])


def test_choice_rows_add_up_to_all_analyses_of_a_bin(curve) -> None:
    rows = choice_rows(curve, curve.among(("equivalent", "uncertain")))
    heads = [i for i, row in enumerate(rows) if row.factor]
    for start, stop in zip(heads, [*heads[1:], len(rows)], strict=True):
        total = np.sum([row.shares for row in rows[start:stop]], axis=0)
        assert_allclose(total, 1.0)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("compact", [False, True])
def test_the_curve_is_drawn_with_its_dashboard(curve, dark, compact) -> None:
    mask = curve.among(ALL)
    rows = choice_rows(curve, mask)
    figure = specification_curve(
        drawn_points(curve, mask), rows, smallest=0.2, look=Look(dark=dark, compact=compact)
    )
    dots = {trace.name: trace for trace in figure.data if trace.type == "scatter"}
    assert {"own", "equivalent", "uncertain", "non_equivalent"} <= set(dots)
    assert dots["own"].customdata[0][0] == curve.own
    assert sum(trace.type == "heatmap" for trace in figure.data) == len(rows)
    assert figure.layout.meta is None or figure.layout.height > 400


def test_an_empty_curve_says_so() -> None:
    empty = pd.DataFrame(
        columns=["place", "x", "estimate", "ci_lower", "ci_upper", "label", "words"]
    )
    figure = specification_curve(empty, (), smallest=0.2)
    assert "No specification" in figure.layout.annotations[0].text


def test_every_share_is_told_with_its_denominator(curve) -> None:
    said = words.share_sentence("equivalent", curve.share(curve.among(("equivalent",))))
    assert said.startswith("Of 80 equivalent analyses, of 30 different sets of numbers, 68 (85%)")
    assert "12 (15%) have an interval that holds no effect" in said
    left = "448 more leave one or two trials, too few to pool, and are left out."
    assert curve.too_few == 448
    assert words.curve_sentence(curve) == f"{said} {left}"
    assert words.text_alternative(curve, curve.among(("equivalent",))).endswith(left)
    assert "80 equivalent" in words.text_alternative(curve, curve.among(("equivalent",)))


def test_what_matters_most_is_named_and_what_hardly_does_too(curve) -> None:
    mask = curve.among(("equivalent", "uncertain"))
    ranked = importance(curve, mask)
    said = words.importance_sentence(ranked)
    assert said.startswith(f"What matters most is “{FACTOR_NAMES[ranked[0].factor].lower()}”")
    assert "interval" in said.split("Less than 1%")[1]
    assert words.importance_sentence([Importance("rater", None, ())]).startswith("The analyses do")
    table = words.importance_table(curve, mask)
    assert table["Interval above 0"].str.contains(" of ").all()


def test_the_table_of_analyses_leads_to_their_places(curve) -> None:
    mask = curve.among(("equivalent",))
    table, places = words.sample_table(curve, mask)
    assert len(table) == len(places) == 24
    assert all(mask[int(place)] for place in places)


def test_every_option_has_a_name(base) -> None:
    big = specifications(base, estimate(base, Question("depression", "control")))
    assert big.factors
    for factor in big.factors:
        assert factor.id in FACTOR_NAMES
        named = [option_name(factor.id, option.id) for option in factor.options]
        assert len(set(named)) == len(named)
        assert not any("_" in name for name in named)


def test_the_address_of_a_specification_gives_the_same_number(base, curve) -> None:
    kept = 0
    for place in range(0, len(curve), 211):
        where = address_of(curve, place, {"condition": ["major_depression"], "method": ["ML"]})
        if where.missing:
            assert len(where.missing) <= len(specification_words(curve, place))
            continue
        query = where.query
        question = replace(
            MAJOR,
            raters=tuple(query.get("rater", ())),
            rob=tuple(query.get("rob", ())),
            comparator_types=tuple(query.get("against", ())),
            without_flags=tuple(query.get("without", ())),
        )
        model = Model(
            rho=float(query["rho"][0]) if "rho" in query else 0.6,
            method=query.get("method", ["REML"])[0],
            test=query.get("test", ["knha"])[0],
            without_outliers="outliers" in query,
        )
        pooled = estimate(base, question, model).pooled
        assert_allclose(curve.estimate[place], pooled.estimate, rtol=1e-6, atol=1e-9)
        kept += 1
    assert kept > 3


def test_what_the_condition_page_cannot_show_is_named(curve) -> None:
    names = [factor.id for factor in curve.factors]
    place = int(np.flatnonzero(curve.codes[:, names.index("correction")] > 0)[0])
    assert any("small-study correction" in one for one in address_of(curve, place, {}).missing)


def test_influence_and_the_effect_without_each_trial_are_drawn_and_told(base, answer) -> None:
    view, look = View(MAJOR), Look("depression", compact=True)
    yi, vi = (answer.trials[name].to_numpy(float) for name in ("yi", "vi"))
    diagnosed = influence(yi, vi)
    figure = influence_figure(base, view, look)
    (dots,) = (trace for trace in figure.data if trace.name == "trials")
    assert [data[0] for data in dots.customdata] == answer.trials["study_id"].tolist()
    assert_allclose(dots.x, [one.baujat_x for one in diagnosed])
    panel = trials.panel(base, view)
    (said,) = panel.sentences
    odd = max(diagnosed, key=lambda one: one.baujat_x).position
    assert answer.trials["label"].iloc[odd] in said
    (diagnostics,) = panel.details
    assert len(diagnostics.table) == len(panel.table) == 10
    plot = leave_one_out_figure(base, view, look)
    (dots,) = (trace for trace in plot.data if trace.name == "estimates")
    assert_allclose(dots.x, sorted(part.estimate for part in leave_one_out(yi, vi)))
    (said,) = trials.leave_one_out_panel(base, view).sentences
    assert "Each time the interval stays clear of 0" in said


def test_two_trials_have_no_influence_and_say_so() -> None:
    frame = pd.DataFrame(
        {"study_id": ["a"], "label": ["A"], "baujat_x": [1.0], "baujat_y": [1.0], "cook": [0.1],
         "influential": [False]}
    )  # fmt: skip
    assert "three trials" in baujat_plot(frame).layout.annotations[0].text


def test_cumulation_tells_since_when_the_answer_stands(base, answer) -> None:
    yi, vi = (answer.trials[name].to_numpy(float) for name in ("yi", "vi"))
    parts = cumulative(yi, vi, answer.trials["year"].astype(float))
    years = [answer.trials["year"].iloc[part.position] for part in parts]
    (said,) = trials.cumulative_panel(base, View(MAJOR)).sentences
    assert "after all 10, in " in said
    assert "it is g 0.40 " in said
    settled = [part.ci_lower > 0 for part in parts]
    since = max(i for i in range(10) if all(settled[i:]) and (i == 0 or not settled[i - 1]))
    assert f"Since {years[since]}" in said
    figure = cumulative_figure(base, View(MAJOR), Look("depression"))
    (dots,) = (trace for trace in figure.data if trace.name == "estimates")
    assert_allclose(dots.x, [part.estimate for part in parts if part.k != 2])
    open_ = trials.cumulative_panel(
        base, View(Question("anxiety", "other_psychotherapy"))
    ).sentences
    assert "To this day the interval reaches across 0" in open_[0]


def test_the_title_asks_about_the_answer(base) -> None:
    assert title(base, "depression", "control") == (
        "Depression: does the answer on IPT against control hold up?"
    )


@pytest.mark.parametrize("name", ["specification-curve", "gosh", "fragility"])
@pytest.mark.parametrize(
    ("condition", "comparison", "k"),
    [
        ("eating_disorders", "control", 0),
        ("bulimia", "other_psychotherapy", 1),
        ("depression", "pharmacotherapy", 2),
        ("major_depression", "control", 10),
    ],
)
def test_every_analysis_has_its_panel_and_where_it_is_drawn_its_figure(
    base: EvidenceBase, name: str, condition: str, comparison: str, k: int
) -> None:
    view, shown = View(Question(condition, comparison)), analysis(name)
    assert estimate_of(base, view).k == k
    work = shown.work(base, view)
    if work is not None:
        work.do(base)
        assert work.done(base)
    panel = shown.panel(base, view)
    assert all(text.endswith(".") for text in panel.sentences)
    if not panel.drawn:
        assert k < 3
        return
    assert panel.text_alternative.endswith(".")
    assert len(panel.table) > 0
    assert panel.how_to_read
    for look in (Look(), Look("depression", dark=True, compact=True)):
        assert shown.figure(base, view, look).data


def test_options_of_subsets_offer_a_size_only_where_not_all_can_be_pooled(
    base: EvidenceBase,
) -> None:
    few, many = (
        analysis("gosh").options(base, View(Question(condition, "control")))
        for condition in ("major_depression", "depression")
    )
    assert [option.id for option in few] == ["subsets", "colour"]
    assert [option.id for option in many] == ["subsets", "size", "colour"]
    assert analysis("gosh").options(base, View(Question("bulimia", "other_psychotherapy"))) == ()
