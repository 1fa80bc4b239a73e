"""One number for one question: effects combined within studies and pooled across them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ipt_evidence.errors import PoolingError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.selection import TAKEN_OUT, Question, Selection, select
from ipt_evidence.meta_analysis.coefficients import Coefficient
from ipt_evidence.meta_analysis.dependent_effects import aggregate, multilevel
from ipt_evidence.meta_analysis.distributions import critical_value
from ipt_evidence.meta_analysis.influence import outliers
from ipt_evidence.meta_analysis.models import TOO_FEW, PooledEffect, interpretable, pool

__all__ = [
    "DEFAULT_RHO",
    "TOO_FEW",
    "Estimate",
    "Model",
    "Total",
    "arrays",
    "estimate",
    "people",
    "pooled_rows",
    "taken_out",
]

TRIAL_COLUMNS = tuple(
    "study_id label year yi vi ci_lower ci_upper weight n n_effects comparator rob flags "
    "sources".split()
)
FloatArray = npt.NDArray[np.float64]
DEFAULT_RHO = 0.6  # correlation of effects within a study that metapsyTools assumes; editable


@dataclass(frozen=True, slots=True)
class Model:
    """How the numbers are pooled.

    ``method`` estimates tau², ``test`` makes the interval, ``rho`` is the correlation of effects
    within a study. ``dependence`` says what becomes of several effects of one study:
    ``aggregate`` combines them first, ``che`` models all of them (correlated and hierarchical
    effects by REML, cluster-robust interval). ``without_outliers`` leaves out studies whose own
    interval lies wholly beside the pooled one.
    """

    method: str = "REML"
    test: str = "knha"
    rho: float = DEFAULT_RHO
    level: float = 95.0
    dependence: str = "aggregate"
    without_outliers: bool = False

    @property
    def settings(self) -> dict[str, Any]:
        """Method, test and level, as the functions of `meta_analysis` take them."""
        return {"method": self.method, "test": self.test, "level": self.level}


@dataclass(frozen=True, slots=True)
class Total:
    """A sum over studies, and over how many of them it could be taken."""

    value: int
    studies_known: int
    studies: int

    @property
    def complete(self) -> bool:
        """True when no study's number is missing."""
        return self.studies_known == self.studies


@dataclass(frozen=True)
class Estimate:
    """The answer to a question.

    ``trials`` has a row per study: study_id, label, year, yi, vi, ci_lower, ci_upper, weight
    (percent, missing when nothing was pooled), n, n_effects, comparator, rob, flags, sources.
    ``pooled`` is None when no study could be used. ``as_of`` maps each source used to the date
    of its systematic search for this very question, empty when it made none.
    """

    selection: Selection
    model: Model
    trials: pd.DataFrame
    pooled: PooledEffect | None
    people: Total
    studies_per_source: dict[str, int]
    as_of: dict[str, str]

    @property
    def k(self) -> int:
        """Number of studies pooled."""
        return len(self.trials)

    @property
    def arrays(self) -> tuple[FloatArray, FloatArray]:
        """Effects and variances of the studies pooled, each (k,)."""
        return arrays(self.trials)

    @property
    def shown(self) -> PooledEffect | None:
        """``pooled`` where it may be read as an answer: one trial's own result, or three or more.

        See `meta_analysis.models.interpretable`, the one rule for this everywhere.
        """
        return self.pooled if interpretable(self.k) else None

    @property
    def favours(self) -> str:
        """``IPT``, ``comparison`` or ``neither``: what the interval, not the point, allows."""
        if self.shown is None:
            return "neither"
        if self.shown.ci_lower > 0:
            return "IPT"
        return "comparison" if self.shown.ci_upper < 0 else "neither"


def estimate(base: EvidenceBase, question: Question, model: Model | None = None) -> Estimate:
    """Select, combine within studies, pool across studies.

    Every study counts once: its effects are combined first, with the correlation
    ``model.rho`` between them, or modelled together (see `Model`).
    """
    model = model or Model()
    selection = select(base, question)
    trials = _trials(selection.effects, model)
    if model.without_outliers and len(trials) > 1:
        selection = _drop(selection, _outlying(trials, model), OUTLIER_REASON)
        trials = _trials(selection.effects, model)
    pooled = None
    if len(trials):
        pooled = pool(*arrays(trials), **model.settings)
        trials = trials.assign(weight=np.asarray(pooled.weights, dtype=float))
        if model.dependence == "che":
            pooled = _che(selection.effects, pooled, model)
    sources = _studies_per_source(selection.effects)
    return Estimate(
        selection=selection,
        model=model,
        trials=trials,
        pooled=pooled,
        people=_total(trials["n"]),
        studies_per_source=sources,
        as_of=_as_of(base, question, sources),
    )


def _as_of(base: EvidenceBase, question: Question, sources: Iterable[str]) -> dict[str, str]:
    made = base.searches_for(question.condition, question.comparison or "control")
    until = {search.source: search.until for search in made if search.until}
    return {source: until.get(source, "") for source in sources}


def taken_out(answer: Estimate) -> pd.DataFrame:
    """The trials that the reader took out by hand, as ``Estimate.trials``, without a weight."""
    left_out = answer.selection.left_out
    if left_out.empty or not answer.selection.question.excluded:
        return _trials(left_out.iloc[:0], answer.model)
    rows = left_out.loc[left_out["reason"] == TAKEN_OUT]
    return _trials(rows.reset_index(drop=True), answer.model)


def pooled_rows(effects: pd.DataFrame, model: Model) -> tuple[pd.DataFrame, PooledEffect]:
    """Trials and pooled effect of any rows (study_id, yi, vi), by the same rules as `estimate`.

    The trials have study_id, yi, vi and n_effects.

    Raises
    ------
    PoolingError
        When there is no row, or a row without a usable effect.
    """
    trials = _combined(effects, model)
    if model.without_outliers and len(trials) > 1:
        effects = effects.loc[~effects["study_id"].isin(_outlying(trials, model))]
        trials = _combined(effects, model)
    pooled = pool(*arrays(trials), **model.settings)
    return trials, _che(effects, pooled, model) if model.dependence == "che" else pooled


OUTLIER_REASON = "Outlier: its interval lies wholly beside the pooled one"


def arrays(rows: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Effects and variances of ``rows`` (columns yi, vi), as `meta_analysis` takes them."""
    return rows["yi"].to_numpy(float), rows["vi"].to_numpy(float)


def _outlying(trials: pd.DataFrame, model: Model) -> set[str]:
    found = outliers(*arrays(trials), **model.settings)
    return set(trials["study_id"].iloc[list(found.positions)])


def _drop(selection: Selection, studies: set[str], reason: str) -> Selection:
    """The selection without the effects of these studies, which are listed as left out."""
    out = selection.effects["study_id"].isin(studies)
    dropped = selection.effects.loc[out].assign(reason=reason)
    left_out = pd.concat([dropped, selection.left_out]) if len(dropped) else selection.left_out
    return replace(
        selection,
        effects=selection.effects.loc[~out].reset_index(drop=True),
        left_out=left_out.reset_index(drop=True),
    )


def _che(effects: pd.DataFrame, simple: PooledEffect, model: Model) -> PooledEffect:
    """The correlated-and-hierarchical-effects estimate in the shape of a simple one.

    tau² and I² are sums over both levels; weights stay those of the simple model, which has one
    effect a study. Where the model cannot be fitted the simple estimate stands, with a note.
    """
    try:
        studies = effects["study_id"].to_numpy(str)
        fit = multilevel(*arrays(effects), studies, rho=model.rho, level=model.level)
    except PoolingError as err:
        return replace(simple, notes=(*simple.notes, f"CHE was not fitted: {err}"))
    robust = fit.robust_coefficients[0] if fit.robust_coefficients else None
    if not isinstance(robust, Coefficient):  # data too odd for robust errors; the notes say why
        return replace(simple, notes=(*simple.notes, *fit.notes))
    return replace(
        simple,
        estimate=robust.estimate,
        se=robust.se,
        ci_lower=robust.ci_lower,
        ci_upper=robust.ci_upper,
        pi_lower=fit.pi_lower,
        pi_upper=fit.pi_upper,
        tau2=(fit.tau2_between or 0.0) + fit.tau2_within,
        i2=(fit.i2_between or 0.0) + (fit.i2_within or 0.0),
        h2=None,
        q=fit.q,
        q_df=fit.q_df,
        q_p=fit.q_p,
        stat=robust.stat,
        p=robust.p,
        df=None,
        method="CHE",
        test="CR2",
        notes=fit.notes,
    )


def people(effects: pd.DataFrame) -> pd.Series[float]:
    """People per study: the largest IPT arm plus the largest group of each comparison arm.

    Several outcomes of the same arms are thus counted once. Where a row of ``effects`` lacks a
    group size the study's number randomised stands in; missing when that is unknown too.
    """
    studies = effects["study_id"].tolist()
    names, study = _numbered(studies)
    arms, arm = _numbered(zip(studies, effects["comparator"].fillna("").tolist(), strict=True))
    study_of_arm = np.zeros(len(arms), dtype=np.intp)
    study_of_arm[arm] = study
    # One arm of unknown size makes the sum over a study's arms unknown.
    compared = np.bincount(study_of_arm, _largest(effects["n_comparator"], arm, len(arms)))
    total = _largest(effects["n_ipt"], study, len(names)) + compared
    randomised = _first_known(effects, _rows_of(studies), "n_randomised")
    total = np.where(np.isnan(total), randomised.to_numpy(float, na_value=np.nan), total)
    return pd.Series(total, index=pd.Index(names, name="study_id"))


def _numbered(labels: Iterable[Hashable]) -> tuple[list[Any], npt.NDArray[np.intp]]:
    """The different labels in order of appearance, and the number of each label among them."""
    numbers: dict[Hashable, int] = {}
    codes = [numbers.setdefault(label, len(numbers)) for label in labels]
    return list(numbers), np.array(codes, dtype=np.intp)


def _largest(
    sizes: pd.Series[float], groups: npt.NDArray[np.intp], count: int
) -> npt.NDArray[np.float64]:
    """The largest known size in each of ``count`` groups; missing where none is known."""
    largest = np.full(count, np.nan)
    np.fmax.at(largest, groups, sizes.to_numpy(float, na_value=np.nan))
    return largest


def _rows_of(studies: Iterable[str]) -> dict[str, list[int]]:
    """Where the rows of each study stand, in order of appearance."""
    rows: dict[str, list[int]] = {}
    for row, study in enumerate(studies):
        rows.setdefault(study, []).append(row)
    return rows


def _first_known(effects: pd.DataFrame, rows: dict[str, list[int]], column: str) -> pd.Series[Any]:
    """A column's first value in each study that is not missing; missing where all are."""
    cells = effects[column]
    missing = cells.isna().to_numpy()
    chosen = [next((row for row in own if not missing[row]), own[0]) for own in rows.values()]
    return cells.take(chosen).reset_index(drop=True)


def _trials(effects: pd.DataFrame, model: Model) -> pd.DataFrame:
    if effects.empty:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in TRIAL_COLUMNS})
    # Plain loops over the rows of a study: for a hundred rows a grouped table costs ten times more.
    combined = _combined(effects, model)
    rows = _rows_of(effects["study_id"].tolist())
    # A single study's interval always uses the normal distribution.
    half = critical_value(model.level, None) * np.sqrt(combined["vi"])
    rob = _first_known(effects, rows, "rob").fillna(_first_known(effects, rows, "rob_study"))
    comparators = ["; ".join(names) for names in _distinct(effects, rows, "comparator")]
    trials = {
        "study_id": combined["study_id"],
        "label": _first_known(effects, rows, "label"),
        "year": _first_known(effects, rows, "year"),
        "yi": combined["yi"],
        "vi": combined["vi"],
        "ci_lower": combined["yi"] - half,
        "ci_upper": combined["yi"] + half,
        "weight": np.nan,
        "n": people(effects).to_numpy(),
        "n_effects": combined["n_effects"],
        "comparator": pd.Series(comparators, dtype="str"),
        "rob": rob.fillna("unclear"),
        "flags": pd.Series(_distinct(effects, rows, "flags", "flags_study"), dtype=object),
        "sources": pd.Series(_distinct(effects, rows, "source_id"), dtype=object),
    }
    return pd.DataFrame(trials, columns=list(TRIAL_COLUMNS))


def _combined(effects: pd.DataFrame, model: Model) -> pd.DataFrame:
    """One row a study: its effects combined with the correlation of the model between them."""
    combined = aggregate(*arrays(effects), effects["study_id"].to_numpy(str), rho=model.rho)
    return pd.DataFrame(
        {
            "study_id": list(combined.study),
            "yi": combined.yi,
            "vi": combined.vi,
            "n_effects": list(combined.n_effects),
        }
    )


def _distinct(
    effects: pd.DataFrame, rows: dict[str, list[int]], *columns: str
) -> list[tuple[Any, ...]]:
    """The different values of columns in each study, in order; a cell holds one or a tuple."""
    found: list[dict[Any, None]] = [{} for _ in rows]
    for column in columns:
        cells = effects[column].tolist()
        for values, own in zip(found, rows.values(), strict=True):
            for row in own:
                cell = cells[row]
                values |= dict.fromkeys(cell if isinstance(cell, tuple) else (cell,))
    return [tuple(value for value in values if pd.notna(value)) for values in found]


def _total(n: pd.Series[float]) -> Total:
    known = n.dropna()
    return Total(value=int(known.sum()), studies_known=len(known), studies=len(n))


def _studies_per_source(effects: pd.DataFrame) -> dict[str, int]:
    pairs = dict.fromkeys(
        zip(effects["source_id"].tolist(), effects["study_id"].tolist(), strict=True)
    )
    return dict(Counter(source for source, _ in pairs))
