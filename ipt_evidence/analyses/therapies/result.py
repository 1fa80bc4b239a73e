"""Each therapy against control under the rules of the page, and how IPT differs from it.

The trials are those of `evidence.context`, coded by one team a database, and not those of the
page's own estimate. No trial of a difference here randomised people between the two therapies: it
is a difference between groups of trials, an indirect comparison (Bucher et al. 1997
doi:10.1016/S0895-4356(97)00049-8), adjusted by meta-regression as far as the table tells why
trials differ. Trials that randomise between therapies stand beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from ipt_evidence.cache import cached
from ipt_evidence.errors import PoolingError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.context import narrowed
from ipt_evidence.evidence.estimation import Estimate, Model, Total, arrays, pooled_rows
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.meta_analysis.coefficients import Coefficient, Moderator
from ipt_evidence.meta_analysis.models import PooledEffect
from ipt_evidence.meta_analysis.moderators import meta_regression

__all__ = [
    "COVARIATES",
    "LEAST",
    "OTHERS",
    "Beside",
    "Regression",
    "TherapyEffect",
    "beside",
    "direct",
]

IPT = "ipt"
OTHERS = "all other therapies"
UNNAMED = ("mixed", "other")  # what is no therapy of its own comes last
LEAST = 3  # trials of a therapy; two are two trials, and no group to compare
COVARIATES = ("control_type", "target_group", "rob", "year")


@dataclass(frozen=True)
class TherapyEffect:
    """One therapy against control.

    Attributes
    ----------
    therapy
        A level of `schema.THERAPIES`.
    trials
        One row a trial: study_id, study, yi, vi, n (people), the columns of ``COVARIATES`` and
        context_id and source_id of its first row. Positive yi favours the therapy.
    pooled
        The pooled effect; says little for fewer than ``LEAST`` trials.
    people
        People in both arms, and of how many trials they are known.
    """

    therapy: str
    trials: pd.DataFrame
    pooled: PooledEffect
    people: Total

    @property
    def k(self) -> int:
        """Number of trials."""
        return len(self.trials)


@dataclass(frozen=True)
class Regression:
    """IPT minus other therapies by one meta-regression of trials, a trial once a therapy.

    Attributes
    ----------
    differences
        By therapy, or under ``OTHERS``, the estimate with its interval, on the scale of g; positive
        where trials of IPT found the larger effect.
    k
        Rows of the regression.
    adjusted_for
        Columns of ``COVARIATES`` in it; the others are the same in all trials, or not known.
    unknown
        Rows left out because one of these columns is not known.
    reason
        Why there is no difference; empty otherwise.
    """

    differences: Mapping[str, Coefficient] = field(default_factory=dict)
    k: int = 0
    adjusted_for: tuple[str, ...] = ()
    unknown: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Beside:
    """IPT among the psychotherapies of one condition.

    Attributes
    ----------
    therapies
        IPT first, then the others by their number of trials, what is no therapy of its own last.
    overall, overall_adjusted
        IPT minus all other therapies taken together.
    each, each_adjusted
        IPT minus each therapy with ``LEAST`` trials or more.
    shared
        Trials that gave both IPT and another therapy and count in both.
    sources
        Ids of the databases.
    unapplied
        Labels of the page's filters that the databases do not know.
    """

    therapies: tuple[TherapyEffect, ...]
    overall: Regression
    overall_adjusted: Regression
    each: Regression
    each_adjusted: Regression
    shared: int
    sources: tuple[str, ...]
    unapplied: tuple[str, ...]

    @property
    def ipt(self) -> TherapyEffect | None:
        """IPT against control; None where no such trial is left."""
        return next((one for one in self.therapies if one.therapy == IPT), None)


@cached
def beside(base: EvidenceBase, view: View) -> Beside:
    """Every therapy that the table holds for the condition and the filters of ``view``."""
    found = narrowed(base, view.question)
    rows = found.rows
    effects = _effects(rows, view.model) if len(rows) else []
    effects.sort(key=lambda one: (one.therapy != IPT, one.therapy in UNNAMED, -one.k))
    units = pd.concat(
        [one.trials.assign(therapy=one.therapy) for one in effects], ignore_index=True
    ) if effects else pd.DataFrame({"therapy": pd.Series(dtype="str")})  # fmt: skip
    numerous = [one.therapy for one in effects if one.therapy != IPT and one.k >= LEAST]
    enough = units.loc[units["therapy"].isin([IPT, *numerous])]
    each = {therapy: (therapy,) for therapy in numerous}
    together = {OTHERS: tuple(one.therapy for one in effects if one.therapy != IPT)}
    model = view.model
    return Beside(
        tuple(effects),
        overall=_regression(units, together, (), model),
        overall_adjusted=_regression(units, together, COVARIATES, model),
        each=_regression(enough, each, (), model),
        each_adjusted=_regression(enough, each, COVARIATES, model),
        shared=_shared(units),
        sources=tuple(dict.fromkeys(rows["source_id"])),
        unapplied=found.unapplied,
    )


@cached
def direct(base: EvidenceBase, view: View) -> Estimate:
    """Trials that randomised people between IPT and another psychotherapy, with the same filters.

    A filter by the kind of control says nothing about them and is left aside.
    """
    question = replace(view.question, comparison="other_psychotherapy", comparator_types=())
    return estimate_of(base, replace(view, question=question))


def _effects(rows: pd.DataFrame, model: Model) -> list[TherapyEffect]:
    """Each therapy of ``rows``, pooled; facts of the trials are gathered for all at once."""
    by_trial = rows.groupby(["therapy", "study_id"], sort=False)
    # Of a trial with several control groups the kind of the first stands for it.
    facts = by_trial[["study", "context_id", "source_id", *COVARIATES]].first()
    facts["n"] = _people(rows)
    found = []
    for therapy, own in rows.groupby("therapy", sort=False):
        trials, pooled = pooled_rows(own, model)
        beside_them = facts.loc[therapy].loc[trials["study_id"]].reset_index(drop=True)
        joined = pd.concat([trials, beside_them], axis="columns")
        known = joined["n"].dropna()
        people = Total(int(known.sum()), len(known), len(joined))
        found.append(TherapyEffect(str(therapy), joined, pooled, people))
    return found


def _people(rows: pd.DataFrame) -> pd.Series[float]:
    """People per therapy and trial: each arm and each control group once, at its largest."""
    trial = ["therapy", "study_id"]
    sides = []
    for arm, size in (("arm", "n_treatment"), ("control_arm", "n_control")):
        arms = rows[trial].assign(arm=rows[arm].fillna(""), n=rows[size].astype("float64"))
        largest = arms.groupby([*trial, "arm"], sort=False)["n"].max().groupby(trial, sort=False)
        sides.append(largest.sum().mask(largest.count() < largest.size()))
    return sides[0] + sides[1]


def _shared(units: pd.DataFrame) -> int:
    if units.empty:
        return 0
    ours = set(units.loc[units["therapy"] == IPT, "study_id"])
    return len(ours & set(units.loc[units["therapy"] != IPT, "study_id"]))


def _regression(
    units: pd.DataFrame,
    contrasts: Mapping[str, tuple[str, ...]],
    covariates: tuple[str, ...],
    model: Model,
) -> Regression:
    """The therapies of each contrast against IPT, with the covariates that differ between trials.

    A therapy enters as 0 or 1, so that its coefficient is its effect minus that of IPT.
    """
    units, used, unknown = _complete(units, covariates)
    of_ipt = int((units["therapy"] == IPT).sum())
    present = {
        name: units["therapy"].isin(therapies).to_numpy(float)
        for name, therapies in contrasts.items()
    }
    present = {name: column for name, column in present.items() if column.sum() >= LEAST}
    if of_ipt < LEAST or not present:
        what = "IPT" if of_ipt < LEAST else "any other therapy"
        return Regression(reason=f"there are fewer than {LEAST} trials of {what}")
    moderators: dict[str, Moderator] = {**present, **{name: _column(units, name) for name in used}}
    try:
        fit = meta_regression(*arrays(units), moderators, **model.settings)
    except PoolingError as err:
        return Regression(k=len(units), adjusted_for=used, unknown=unknown, reason=str(err))
    found = {one.term: _turned(one) for one in fit.coefficients if one.term in present}
    return Regression(found, fit.k, used, unknown)


def _complete(
    units: pd.DataFrame, covariates: tuple[str, ...]
) -> tuple[pd.DataFrame, tuple[str, ...], int]:
    """Rows in which every covariate that differs between trials is known; these; rows lost."""
    used = tuple(name for name in covariates if name in units and units[name].nunique() > 1)
    kept = units.dropna(subset=list(used))
    used = tuple(name for name in used if kept[name].nunique() > 1)
    return kept, used, len(units) - len(kept)


def _column(units: pd.DataFrame, name: str) -> Moderator:
    if name == "year":
        return units[name].to_numpy(float)
    return [str(value) for value in units[name]]


def _turned(one: Coefficient) -> Coefficient:
    """The same difference the other way round: IPT minus the therapy."""
    return replace(
        one, estimate=-one.estimate, stat=None if one.stat is None else -one.stat,
        ci_lower=-one.ci_upper, ci_upper=-one.ci_lower,
    )  # fmt: skip
