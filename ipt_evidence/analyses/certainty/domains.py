"""The rules of the five domains, each from what the base knows to 0, -1 or -2 with a reason.

risk of bias         GRADE guidelines 4 (Guyatt et al. 2011, J Clin Epidemiol 64:407-415): most of
                     the information should come from trials at low risk
inconsistency        GRADE guidelines 7 (Guyatt et al. 2011, 64:1294-1302), and the comparison of
                     confidence and prediction interval of CINeMA (Nikolakopoulou et al. 2020,
                     doi:10.1371/journal.pmed.1003082); bounds of I² of the Cochrane Handbook,
                     section 10.10.2
indirectness         GRADE guidelines 8 (Guyatt et al. 2011, 64:1303-1310)
imprecision          GRADE guidelines 6 (Guyatt et al. 2011, 64:1283-1293) and GRADE guidance 34
                     (Zeng et al. 2022, doi:10.1016/j.jclinepi.2022.07.014)
small-study effects  GRADE guidelines 5 on publication bias (Guyatt et al. 2011, 64:1277-1282);
                     ten trials for the test: Sterne et al. (2011) doi:10.1136/bmj.d4002

The papers ask the questions; shares, bounds and numbers of people below are ours unless one is
named. What is not known never counts as good.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from ipt_evidence.analyses.small_studies.result import MIN_STUDIES_ASYMMETRY
from ipt_evidence.errors import PoolingError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.meta_analysis.models import PooledEffect
from ipt_evidence.meta_analysis.small_study_effects.asymmetry import egger_test
from ipt_evidence.meta_analysis.small_study_effects.trim_and_fill import trim_and_fill

__all__ = [
    "DOMAINS",
    "JUDGEMENTS",
    "Domain",
    "Grounds",
    "imprecision",
    "inconsistency",
    "indirectness",
    "risk_of_bias",
    "small_study_effects",
]

DOMAINS = ("risk_of_bias", "inconsistency", "indirectness", "imprecision", "small_study_effects")
JUDGEMENTS = (0, -1, -2)

RANDOMISED = ("rct", "cluster_rct")
I2_UNIMPORTANT, I2_SUBSTANTIAL, I2_CONSIDERABLE = 40.0, 50.0, 75.0  # Cochrane Handbook 10.10.2
OPTIMAL_PEOPLE = 400  # enough for an effect of 0.2 by the usual standards; GRADE guidelines 6
VERY_FEW_PEOPLE = 200  # half of them
SMALL_TRIAL = 100  # people: fewer than 50 in each of two arms
ALPHA = 0.05
OTHER_TREATMENTS = ("ipt_based", "not_ipt")
NOTHING_GIVEN = ("waitlist", "no_treatment")
NOT_DELIVERED = "not_ipt_delivery"

RULES = {
    "risk_of_bias": "No doubt when trials at low risk of bias carry at least half of the weight; "
    "very serious doubt when trials at high risk carry more than half; serious doubt otherwise. A "
    "trial that nobody rated does not count as low, one that was not randomised counts as high.",
    "inconsistency": "No doubt when I² is below 40%. Above, serious doubt when a new trial could "
    "have an effect of another kind (important for IPT, too small to matter, important for the "
    "comparison) than the confidence interval holds, or when I² reaches 75%; very serious doubt "
    "when the prediction interval runs from important for one side to important for the other "
    "and single trials clearly favour each. Two trials: serious doubt when their intervals do not "
    "touch.",
    "indirectness": "Serious doubt when more than half of the weight comes from trials of a "
    "treatment that is only derived from IPT, or from trials against a waiting list or no "
    "treatment; very serious when both hold.",
    "imprecision": "Serious doubt when the confidence interval crosses one of the two bounds of "
    f"the smallest effect of interest, or when fewer than {OPTIMAL_PEOPLE} people took part; very "
    f"serious when it crosses both, or one with fewer than {VERY_FEW_PEOPLE} people. Two trials: "
    "very serious, as their mean has no interval of use.",
    "small_study_effects": f"From {MIN_STUDIES_ASYMMETRY} trials on, serious doubt when small "
    "trials show clearly better results (Egger's test, p < .05), or when filling in their missing "
    "counterparts takes the interval across no effect. With fewer, serious doubt when the "
    f"interval favours IPT and no trial had {SMALL_TRIAL} people or more.",
}


@dataclass(frozen=True, slots=True)
class Domain:
    """One domain: the judgement (0, -1 serious, -2 very serious doubt), its reason and its rule.

    ``suggested`` is what the rule says; ``judgement`` differs from it only where a reader put
    another in its place, whose ``note`` then says why.
    """

    id: str
    judgement: int
    reason: str
    rule: str
    suggested: int = 0
    note: str = ""


@dataclass(frozen=True)
class Grounds:
    """What the rules look at: the pooled effect, and per trial its weight and its facts.

    ``trials`` has a row per trial: those of ``Estimate.trials`` with design, variant and the
    kinds of its comparison arms.
    """

    estimate: Estimate
    pooled: PooledEffect
    trials: pd.DataFrame
    smallest: float  # effect of interest, in units of g
    weights: npt.NDArray[np.float64] = field(repr=False)

    @classmethod
    def of(
        cls, base: EvidenceBase, estimate: Estimate, pooled: PooledEffect, smallest: float
    ) -> Grounds:
        """Gather what the base knows of the trials pooled."""
        studies = base.studies.set_index("study_id")[["design", "ipt_variant"]]
        arms = estimate.selection.effects.groupby("study_id", sort=False)["comparator_type"]
        trials = estimate.trials.join(studies, on="study_id").join(
            arms.agg(tuple).rename("arms"), on="study_id"
        )
        return cls(estimate, pooled, trials, smallest, trials["weight"].to_numpy(float))

    def share(self, chosen: npt.ArrayLike) -> float:
        """Percent of the weight that the chosen trials carry."""
        return float(self.weights[np.asarray(chosen, dtype=bool)].sum())

    @property
    def randomised(self) -> npt.NDArray[np.bool_]:
        """Which trials are randomised, (k,)."""
        return self.trials["design"].isin(RANDOMISED).to_numpy(bool)


def _domain(name: str, judgement: int, reason: str) -> Domain:
    return Domain(name, judgement, reason, RULES[name], suggested=judgement)


def risk_of_bias(grounds: Grounds) -> Domain:
    """Whether most of the weight comes from trials done so that they can be believed."""
    rated = grounds.trials["rob"].where(grounds.randomised, "high")
    low, high = grounds.share(rated == "low"), grounds.share(rated == "high")
    judgement = 0 if low >= 50.0 else -2 if high > 50.0 else -1
    parts = {
        "at low risk of bias": low,
        "with some concerns": grounds.share(rated == "some_concerns"),
        "at high risk": high,
        "not rated or unclear": grounds.share(rated == "unclear"),
    }
    listed = ", ".join(f"{words} {share:.0f}%" for words, share in parts.items() if share > 0.0)
    return _domain("risk_of_bias", judgement, f"Share of the weight by trials: {listed}.")


def inconsistency(grounds: Grounds) -> Domain:
    """Whether the trials agree as far as it matters."""
    pooled, name = grounds.pooled, "inconsistency"
    if pooled.k == 1:
        return _domain(name, 0, "One trial cannot disagree with itself: nothing is known.")
    if pooled.k == 2:
        apart = grounds.trials["ci_lower"].max() > grounds.trials["ci_upper"].min()
        touch = "do not touch" if apart else "overlap; two trials hardly show more"
        return _domain(name, -1 if apart else 0, f"The intervals of the two trials {touch}.")
    i2 = pooled.i2 or 0.0
    said = f"I² is {i2:.0f}%"
    if pooled.pi_lower is None or pooled.pi_upper is None:
        judgement = -1 if i2 >= I2_SUBSTANTIAL else 0
        return _domain(name, judgement, f"{said}; this model has no prediction interval.")
    if i2 < I2_UNIMPORTANT:
        return _domain(name, 0, f"{said}, which might not be important.")
    kinds = _kinds(pooled.pi_lower, pooled.pi_upper, grounds.smallest)
    further = kinds - _kinds(pooled.ci_lower, pooled.ci_upper, grounds.smallest)
    apart = (grounds.trials["ci_lower"] > 0).any() and (grounds.trials["ci_upper"] < 0).any()
    said += f" and a new trial may lie anywhere from {_range(pooled.pi_lower, pooled.pi_upper)}"
    if further and {IPT_BETTER, OTHER_BETTER} <= kinds and apart:
        return _domain(name, -2, f"{said}; single trials clearly favour either side.")
    if further:
        listed = " or ".join(sorted(further))
        return _domain(name, -1, f"{said}: its true effect could also be {listed}.")
    return _domain(name, -1 if i2 >= I2_CONSIDERABLE else 0, f"{said}.")


IPT_BETTER, TOO_SMALL = "important in favour of IPT", "too small to matter"
OTHER_BETTER = "important in favour of the comparison"


def _kinds(lower: float, upper: float, smallest: float) -> set[str]:
    """Which kinds of effect an interval holds."""
    kinds = set()
    if upper > smallest:
        kinds.add(IPT_BETTER)
    if lower < -smallest:
        kinds.add(OTHER_BETTER)
    if lower < smallest and upper > -smallest:
        kinds.add(TOO_SMALL)
    return kinds


def indirectness(grounds: Grounds) -> Domain:
    """Whether the trials gave IPT itself, against something that people are really given."""
    trials = grounds.trials
    delivered = np.array([NOT_DELIVERED not in flags for flags in trials["flags"]], dtype=bool)
    derived = trials["ipt_variant"].isin(OTHER_TREATMENTS).to_numpy(bool) | ~delivered
    waiting = np.array([set(arms) <= set(NOTHING_GIVEN) for arms in trials["arms"]], dtype=bool)
    shares = grounds.share(derived), grounds.share(waiting)
    judgement = -sum(share > 50.0 for share in shares)
    reason = (
        f"Trials of a treatment only derived from IPT carry {shares[0]:.0f}% of the weight, trials "
        f"against a waiting list or no treatment {shares[1]:.0f}%."
    )
    return _domain("indirectness", judgement, reason)


def imprecision(grounds: Grounds) -> Domain:
    """Whether the interval is short enough to decide, and enough people took part."""
    pooled, people = grounds.pooled, grounds.estimate.people
    bound = grounds.smallest
    known = "" if people.complete else f", known for {people.studies_known} of {people.studies}"
    took_part = f"{people.value:,} people took part{known}"
    if grounds.estimate.shown is None:
        reason = f"The mean of two trials has no interval that decides anything; {took_part}."
        return _domain("imprecision", -2, reason)
    crossed = [edge for edge in (-bound, bound) if pooled.ci_lower < edge < pooled.ci_upper]
    few, very_few = people.value < OPTIMAL_PEOPLE, people.value < VERY_FEW_PEOPLE
    judgement = -2 if len(crossed) == 2 or (crossed and very_few) else -1 if crossed or few else 0
    listed = " and ".join(_signed(edge) for edge in crossed)
    said = f"crosses {listed}" if crossed else "does not cross a bound of an important effect"
    reason = (
        f"The interval, {_range(pooled.ci_lower, pooled.ci_upper)}, {said} (±{bound:g}); "
        f"{took_part}."
    )
    return _domain("imprecision", judgement, reason)


def small_study_effects(grounds: Grounds) -> Domain:
    """Whether small trials with unwelcome results may be missing."""
    name, k = "small_study_effects", grounds.pooled.k
    if k < MIN_STUDIES_ASYMMETRY:
        largest = grounds.trials["n"].max()
        suspect = grounds.pooled.ci_lower > 0.0 and bool(largest < SMALL_TRIAL)
        reason = f"With fewer than {MIN_STUDIES_ASYMMETRY} trials nobody can tell"
        size = f"the largest has {largest:.0f} people" if pd.notna(largest) else "sizes unknown"
        return _domain(name, -1 if suspect else 0, f"{reason}; {size}.")
    yi, vi = grounds.estimate.arrays
    try:
        egger = egger_test(yi, vi)
        filled = trim_and_fill(yi, vi)
    except PoolingError as err:
        return _domain(name, 0, f"It cannot be tested here: {err}.")
    smaller_better = egger.p is not None and egger.p < ALPHA and egger.slope > 0.0
    moved = filled.adjusted.ci_lower <= 0.0 < grounds.pooled.ci_lower
    p = "not defined" if egger.p is None else "< .001" if egger.p < 0.001 else f"{egger.p:.3f}"
    reason = (
        f"Egger's test: p {p if p[0] in '<n' else f'= {p}'}; trim and fill adds {filled.k0} trials "
        f"and gives {_range(filled.adjusted.ci_lower, filled.adjusted.ci_upper)}."
    )
    return _domain(name, -1 if smaller_better or moved else 0, reason)


def _signed(value: float) -> str:
    """Two decimals with a true minus, for words only."""
    shown = f"{value:.2f}"
    return "0.00" if shown == "-0.00" else shown.replace("-", "−")


def _range(lower: float, upper: float) -> str:
    return f"{_signed(lower)} to {_signed(upper)}"
