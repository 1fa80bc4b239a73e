"""One effect a trial under every combination of choices of data, each distinct sample once."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ipt_evidence.analyses.multiverse.choices import FILTERS, OUTCOMES, RHOS, Factor, admitted
from ipt_evidence.evidence.estimation import arrays
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.dependent_effects import aggregate
from ipt_evidence.meta_analysis.models import pool_many

__all__ = ["Samples", "build", "relevant"]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Samples:
    """Combinations of choices of data, and the distinct samples that they lead to.

    Attributes
    ----------
    factors
        The choices that make a difference here, filters first.
    codes
        Option of each factor, (C, F), as places in its options.
    row
        Which distinct sample each combination leads to, (C,).
    yi, vi, present
        The distinct samples, (S, K).
    study
        Names of the K trials.
    """

    factors: tuple[Factor, ...]
    codes: npt.NDArray[np.int8]
    row: Ints
    yi: Floats
    vi: Floats
    present: Mask
    study: tuple[str, ...]


def relevant(rows: pd.DataFrame) -> tuple[Factor, ...]:
    """The filters whose options take some effects away and leave some, with these options."""
    kept = []
    for factor in FILTERS:
        options, seen = [factor.options[0]], {np.ones(len(rows), dtype=bool).tobytes()}
        for option in factor.options[1:]:
            mask = admitted(rows, factor.id, option.id)
            if mask.any() and mask.tobytes() not in seen:
                options.append(option)
                seen.add(mask.tobytes())
        if len(options) > 1:
            kept.append(Factor(factor.id, tuple(options)))
    return tuple(kept)


def build(rows: pd.DataFrame, outliers: Factor, level: float, rho: float) -> Samples:
    """Make the samples of all combinations of filters, outcomes, correlations and outliers.

    ``rho`` stands first among the correlations: it is the reader's own.
    """
    filters = relevant(rows)
    codes, masks = _filtered(rows, filters)
    distinct, inverse = np.unique(masks, axis=0, return_inverse=True)
    outcomes = _outcome_options(rows)
    blocks, parts = [], []
    rhos = _rho_options(rho, several=bool(rows["study_id"].duplicated().any()))
    for place, option in enumerate(outcomes.options):
        for rho_place, correlation in enumerate(rhos.options):
            if rho_place and option.id != "combined":
                continue  # nothing is combined, so nothing depends on the correlation
            blocks.append(_one_effect_each(rows, distinct, option.id, float(correlation.id)))
            parts.append((place, rho_place))
    yi, vi, present = (np.concatenate(pieces) for pieces in zip(*blocks, strict=True))
    plain = np.concatenate(
        [np.column_stack([codes, np.full((len(codes), 2), part, dtype=np.int8)]) for part in parts]
    )
    index = np.concatenate([inverse.ravel() + i * len(distinct) for i in range(len(parts))])
    yi, vi, present, index = _distinct(yi, vi, present, index)
    without = present & ~_outlying(yi, vi, present, level)
    both = np.concatenate([present, without])
    twice = (np.concatenate([yi, yi]), np.concatenate([vi, vi]))
    flags = np.repeat(np.array([0, 1], dtype=np.int8), len(plain))[:, None]
    yi, vi, both, index = _distinct(*twice, both, np.concatenate([index, index + len(present)]))
    return Samples(
        (*filters, outcomes, rhos, outliers),
        np.hstack([np.concatenate([plain, plain]), flags]),
        index,
        yi,
        vi,
        both,
        tuple(dict.fromkeys(rows["study_id"])),
    )


def _filtered(rows: pd.DataFrame, filters: Sequence[Factor]) -> tuple[npt.NDArray[np.int8], Mask]:
    """Codes (C, F) and masks (C, n) of all combinations of filters."""
    allowed = [[admitted(rows, f.id, option.id) for option in f.options] for f in filters]
    codes = list(itertools.product(*(range(len(f.options)) for f in filters)))
    table = np.array(codes, dtype=np.int8).reshape(len(codes), len(filters))
    masks = np.ones((len(codes), len(rows)), dtype=bool)
    for column, options in enumerate(allowed):
        masks &= np.stack(options)[table[:, column]]
    return table, masks


def _outcome_options(rows: pd.DataFrame) -> Factor:
    """Ways to pick an outcome that differ from one another for these effects."""
    if not rows["study_id"].duplicated().any():
        return Factor(OUTCOMES.id, OUTCOMES.options[:1])
    everything = np.ones((1, len(rows)), dtype=bool)
    options, seen = [], set()
    for option in OUTCOMES.options:
        picked = _one_effect_each(rows, everything, option.id, 0.6)[0].tobytes()
        if picked not in seen:
            options.append(option)
            seen.add(picked)
    return Factor(OUTCOMES.id, tuple(options))


def _rho_options(rho: float, *, several: bool) -> Factor:
    own = f"{rho:g}"
    first = next((o for o in RHOS.options if o.id == own), None)
    if first is None:
        first = type(RHOS.options[0])(own, 0, f"Outcomes of one trial correlate by {own}, your own")
    rest = tuple(option for option in RHOS.options if option.id != own)
    return Factor(RHOS.id, (first, *rest) if several else (first,))


def _one_effect_each(
    rows: pd.DataFrame, masks: Mask, outcome: str, rho: float
) -> tuple[Floats, Floats, Mask]:
    """Effect, variance and presence of each trial under each mask, (M, K).

    A trial's effect depends only on which of its own few effects are admitted, so it is worked
    out once for each such pattern.
    """
    studies = list(dict.fromkeys(rows["study_id"]))
    shape = (len(masks), len(studies))
    yi, vi, present = np.zeros(shape), np.ones(shape), np.zeros(shape, dtype=bool)
    places = rows.groupby("study_id", sort=False).indices
    effects, variances = arrays(rows)
    ranks = _ranks(rows, outcome)
    for column, study in enumerate(studies):
        own = np.asarray(places[study])
        patterns, inverse = np.unique(masks[:, own], axis=0, return_inverse=True)
        found = np.array(
            [_pick(effects, variances, ranks, own[pattern], rho) for pattern in patterns]
        )
        chosen = found[inverse.ravel()]
        yi[:, column], vi[:, column], present[:, column] = chosen.T
    return yi, vi, present


def _pick(
    effects: Floats, variances: Floats, ranks: Floats | None, own: Ints, rho: float
) -> tuple[float, float, bool]:
    if not own.size:
        return 0.0, 1.0, False
    if ranks is not None:
        best = own[np.argmin(ranks[own])]
        return float(effects[best]), float(variances[best]), True
    one = aggregate(effects[own], variances[own], [0] * own.size, rho)
    return float(one.yi[0]), float(one.vi[0]), True


def _ranks(rows: pd.DataFrame, outcome: str) -> Floats | None:
    """Order in which the effects of a trial are preferred, lowest first; None to combine them."""
    if outcome == "combined":
        return None
    if outcome in ("largest", "smallest"):
        return rows["yi"].to_numpy(float) * (-1.0 if outcome == "largest" else 1.0)
    order = np.arange(len(rows), dtype=float)
    if outcome == "first":
        return order
    family, rater = {"hdrs": ("hdrs", "clinician"), "bdi": ("bdi", "self_report")}[outcome]
    named = rows["instrument"].fillna("").str.startswith(family).to_numpy(bool)
    rated = rows["rater"].eq(rater).fillna(False).to_numpy(bool)
    tier: Floats = np.where(named, 0.0, np.where(rated, 1.0, 2.0))
    return order + len(rows) * tier


def _outlying(yi: Floats, vi: Floats, present: Mask, level: float) -> Mask:
    """Trials whose own interval lies wholly beside the pooled one, as `influence.outliers`."""
    pooled = pool_many(yi, vi, present, level=level)
    half = distributions.critical_value(level, None) * np.sqrt(vi)
    with np.errstate(invalid="ignore"):
        beside = (yi - half > pooled.ci_upper[:, None]) | (yi + half < pooled.ci_lower[:, None])
    return beside & (pooled.k > 1)[:, None]


def _distinct(
    yi: Floats, vi: Floats, present: Mask, index: Ints
) -> tuple[Floats, Floats, Mask, Ints]:
    """Drop repeated samples; ``index`` is made to point at those that stay."""
    table = np.hstack([np.where(present, yi, np.nan), np.where(present, vi, np.nan)])
    view = np.ascontiguousarray(table).view(f"V{table.shape[1] * table.itemsize}").ravel()
    _, first, inverse = np.unique(view, return_index=True, return_inverse=True)
    return yi[first], vi[first], present[first], inverse.ravel()[index]
