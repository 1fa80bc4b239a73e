"""Each state of knowledge has its sentence, and no sentence says more than the numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import pandas as pd
import pytest

from ipt_evidence import EvidenceBase
from ipt_evidence.analyses.forest.panel import tables, text_alternative
from ipt_evidence.wording import sentences
from ipt_evidence.wording.phrases import COMPARISON_WORDS, favours, size_word, symptoms, verdict


@dataclass(frozen=True, slots=True)
class Pooled:
    k: int = 31
    estimate: float = 0.4812
    ci_lower: float = 0.3104
    ci_upper: float = 0.6511
    pi_lower: float = -0.3602
    pi_upper: float = 1.3099
    tau2: float = 0.16
    i2: float = 78.4
    q: float = 99.0
    q_df: int = 30
    q_p: float = 0.0001
    p: float = 0.0001
    method: str = "REML"
    test: str = "knha"
    level: float = 95.0


def test_effect_above_zero() -> None:
    assert sentences.answer("Depression", "control", Pooled(), 3012) == (
        "Across 31 trials with 3,012 people, IPT reduced depression more than control: a moderate "
        "effect "
        "(g 0.48, 95% CI 0.31 to 0.65). A new trial could land anywhere between −0.36 and 1.31."
    )


def test_effect_below_zero_names_the_winner() -> None:
    worse = Pooled(k=8, estimate=-0.3, ci_lower=-0.5, ci_upper=-0.1, pi_lower=-0.6, pi_upper=-0.02)
    assert sentences.answer("Anxiety disorders", "other_psychotherapy", worse) == (
        "Across eight trials, IPT reduced anxiety less than other psychotherapies: a small effect "
        "in favour of "
        "other psychotherapies (g −0.30, 95% CI −0.50 to −0.10). "
        "The true effect of a new trial would probably lie between −0.60 and −0.02."
    )


@pytest.mark.parametrize(("lower", "upper"), [(-0.3, 0.5), (0.0, 0.5), (-0.5, 0.0)])
def test_interval_that_touches_zero_is_no_clear_difference(lower: float, upper: float) -> None:
    said = sentences.answer(
        "PTSD", "pharmacotherapy", Pooled(estimate=0.1, ci_lower=lower, ci_upper=upper)
    )
    assert "there was no clear difference between IPT and medication in symptoms of PTSD" in said
    assert "more than" not in said
    assert "less than" not in said
    assert "no difference" not in said


def test_no_clear_difference_says_how_far_the_interval_reaches() -> None:
    open_result = Pooled(estimate=0.12, ci_lower=-0.3, ci_upper=0.5)
    assert (
        "The interval reaches from a small effect in favour of control to a moderate effect in "
        "favour of IPT."
    ) in sentences.answer("Depression", "control", open_result)


def test_one_trial_does_not_speak_for_all() -> None:
    single = replace(Pooled(), k=1, pi_lower=math.nan, pi_upper=math.nan)
    said = sentences.answer("Depression", "control", single, 48)
    assert said.startswith("In one trial with 48 people, IPT reduced depression more than control")
    assert said.endswith(
        "A single trial cannot show how much results vary from trial to trial: take it as a first "
        "sign."
    )


def test_two_trials_have_no_prediction_interval_even_if_one_is_given() -> None:
    said = sentences.answer("Depression", "control", replace(Pooled(), k=2))
    assert said.endswith("Two trials: too few to say how much results vary.")
    assert "new trial" not in said


def test_few_trials_carry_a_warning() -> None:
    said = sentences.answer("Depression", "control", replace(Pooled(), k=4))
    assert said.endswith(
        "With only four trials, one more could change this, and nobody can say where it would land."
    )
    assert "between" not in said
    assert "With only" not in sentences.answer("Depression", "control", replace(Pooled(), k=5))


def test_nothing_to_pool_says_which_kind_of_nothing() -> None:
    label = "Bulimia nervosa"
    assert sentences.answer(label, "control", None) == (
        "No trial found of IPT against control for bulimia nervosa."
    )
    assert sentences.answer(label, "control", None, found=3) == (
        "Three trials of IPT against control for bulimia nervosa were found, "
        "but none reports a usable number."
    )
    assert sentences.answer(label, "control", None, found=1) == (
        "One trial of IPT against control for bulimia nervosa was found, "
        "but it reports no usable number."
    )
    assert sentences.answer("PTSD", "maintenance", None, searched=False).startswith(
        "None of the searches"
    )
    assert sentences.answer(label, "control", Pooled(k=0)) == sentences.answer(
        label, "control", None
    )


def test_missing_interval_leaves_the_direction_open() -> None:
    said = sentences.answer("Depression", "control", replace(Pooled(), ci_lower=math.nan))
    assert "direction is open (g 0.48, interval not reported)" in said


@pytest.mark.parametrize(
    ("estimate", "word"),
    [
        (0, "very small"),
        (0.094, "very small"),
        (0.1, "small"),
        (-0.344, "small"),
        (0.346, "moderate"),
        (0.48, "moderate"),
        (0.644, "moderate"),
        (0.65, "large"),
        (-2.1, "large"),
    ],
)
def test_size_word_is_of_the_number_as_printed(estimate: float, word: str) -> None:
    assert size_word(estimate) == word


@pytest.mark.parametrize(
    ("estimate", "said"),
    [
        (0.2, "Favours IPT"),
        (-0.2, "Favours comparison"),
        (0.0, "No difference"),
        (-0.004, "No difference"),
        (math.nan, "Not reported"),
    ],
)
def test_favours(estimate: float, said: str) -> None:
    assert favours(estimate) == said


def test_heterogeneity() -> None:
    assert sentences.heterogeneity(Pooled()) == (
        "Results differed considerably between trials (I² 78%, τ 0.40): "
        "the true effects of single trials typically lie about 0.40 away from their average."
    )
    assert sentences.heterogeneity(replace(Pooled(), i2=0.0, tau2=0.0)) == (
        "Results differed little between trials (I² 0%, τ 0.00): no more than chance explains."
    )
    assert sentences.heterogeneity(replace(Pooled(), i2=50.0)).startswith(
        "Results differed substantially"
    )
    assert sentences.heterogeneity(replace(Pooled(), k=2)).startswith(
        "With two trials nothing reliable"
    )
    assert sentences.heterogeneity(replace(Pooled(), k=1)).startswith("With one trial nothing")
    assert "is not reported" in sentences.heterogeneity(replace(Pooled(), tau2=math.nan))
    assert sentences.heterogeneity(None) == ""


def test_verdict_words() -> None:
    assert verdict("supports") == "Supports the claim"
    assert verdict("partly") == "Supports part of it"
    assert verdict("does_not_support") == "Does not support it"
    assert verdict("") == "Not yet judged"


@pytest.mark.parametrize(
    ("label", "measured"),
    [
        ("PTSD", "symptoms of PTSD"),
        ("Depression in adolescents", "depression in adolescents"),
        ("Postpartum and perinatal depression", "postpartum and perinatal depression"),
        ("Prevention of perinatal depression", "perinatal depression"),
        ("Anxiety disorders", "anxiety"),
        ("Panic disorder", "symptoms of panic disorder"),
        ("Chronic illness", "symptoms in people with chronic illness"),
        ("HIV", "symptoms in people with HIV"),
        ("Chronic pain", "symptoms in people with chronic pain"),
        ("Substance use", "substance use"),
    ],
)
def test_what_was_measured_fits_the_sentence(label: str, measured: str) -> None:
    assert symptoms(label) == measured


@pytest.mark.parametrize(
    ("comparison", "said"),
    [
        (
            "combined",
            "IPT together with medication reduced depression more than one treatment alone",
        ),
        ("prevention", "IPT for people at risk reduced depression more than usual care or another"),
        (
            "maintenance",
            "IPT continued after recovery reduced depression more than placebo, clinic",
        ),
        ("unheard_of", "IPT reduced depression more than the comparison condition"),
    ],
)
def test_each_comparison_has_its_words(comparison: str, said: str) -> None:
    assert said in sentences.answer("Depression", comparison, Pooled())


def test_every_comparison_of_the_taxonomy_has_words(base: EvidenceBase) -> None:
    known = {comparison.id for comparison in base.taxonomy.comparisons}
    assert set(COMPARISON_WORDS) == known


def test_text_alternative_says_what_the_plot_shows() -> None:
    trials = pd.DataFrame(
        {
            "label": ["A 1989", "B 1999", "C 2001", "D 2002"],
            "yi": [0.4, -0.2, 1.9, math.nan],
            "ci_lower": [0.1, -0.6, 0.9, math.nan],
            "ci_upper": [0.7, 0.2, 2.9, math.nan],
        }
    )
    assert text_alternative(trials, Pooled(k=3)) == (
        "Forest plot of three trials. Effects run from −0.20 (B 1999) to 1.90 (C 2001); 2 of 3 lie "
        "on the side of IPT. "
        "The interval excludes 0 in two trials in favour of IPT and in no trials in favour "
        "of the comparison. "
        "The diamond shows the pooled effect, g 0.48 (95% CI 0.31 to 0.65) and, below it, a 95% "
        "prediction interval "
        "from −0.36 to 1.31."
    )
    one = text_alternative(trials.head(1), None)
    assert one == (
        "Forest plot of one trial. A 1989: g 0.40 (95% CI 0.10 to 0.70). Favours IPT. "
        "No pooled effect is drawn."
    )
    assert "no usable number" in text_alternative(trials.tail(1), None)
    assert "no usable number" in text_alternative(pd.DataFrame(), None)


def test_no_sentence_holds_an_ascii_minus_before_a_figure() -> None:
    said = sentences.answer("Depression", "control", Pooled(estimate=-0.1, ci_lower=-0.4), 100)
    assert tables.MINUS in said
    assert "-0" not in said


def test_two_trials_are_told_one_by_one() -> None:
    trials = pd.DataFrame(
        {
            "label": ["Ash 2001", "Birch 2002"],
            "yi": [-0.34, -0.19],
            "ci_lower": [-0.55, -0.51],
            "ci_upper": [-0.14, 0.13],
        }
    )
    said = sentences.two_trials("Depression", "pharmacotherapy", trials)
    assert "Ash 2001: g −0.34 (95% CI −0.55 to −0.14)." in said
    assert "Both point towards medication." in said
    assert said.endswith("Two are too few to pool.")
    apart = sentences.two_trials("Depression", "control", trials.assign(yi=[0.3, -0.2]))
    assert "They point in different directions." in apart


def test_results_that_the_choices_leave_out_are_not_called_missing() -> None:
    assert sentences.unused("Eating disorders", "control", 2, [("measured at follow-up", 1)]) == (
        "Two trials of IPT against control for eating disorders were found. The one result that "
        "could be pooled is not used here: measured at follow-up."
    )
    several = [("measured at follow-up", 2), ("another age group", 1)]
    assert sentences.unused("PTSD", "control", 1, several).endswith(
        "Three results could be pooled, but are not used here: two measured at follow-up; "
        "one another age group."
    )
