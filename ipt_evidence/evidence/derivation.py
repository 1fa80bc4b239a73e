"""From what a source prints to one effect on one scale: Hedges g, positive favours IPT.

Each row of ``effects.csv`` names its inputs in ``input_type``; this module turns them into ``yi``
and ``vi`` and says by which formula. The stored columns are written by
``python -m ipt_evidence derive`` and checked against this module by ``validate``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from ipt_evidence.evidence.schema import LOW_TRUST
from ipt_evidence.meta_analysis import conversions, effect_sizes
from ipt_evidence.meta_analysis.distributions import critical_value

__all__ = [
    "FORMULAS",
    "FROM_ODDS",
    "derive_effects",
    "reference_sds",
    "with_intervals",
]

FORMULAS = {
    "smd_arms": "Hedges g from means, standard deviations and group sizes after treatment",
    "smd_change": "Hedges g from mean changes, their standard deviations and group sizes",
    "lor_events_to_d": "Log odds ratio from counts, times √3/π (Chinn 2000)",
    "smd_reported_se": "The effect as reported; variance from its standard error",
    "smd_reported_ci": "The effect as reported; variance from its 95% interval",
    "smd_reported_n": "The effect as reported; variance from the group sizes",
    "or_reported_to_d": "Reported odds ratio, its logarithm times √3/π; variance from its interval",
    "d_reported_n": "Cohen's d as reported, times Hedges' J; variance from the group sizes",
    "t_to_g": "t between the arms times √(1/n₁ + 1/n₂) and Hedges' J",
    "p_to_g": "The t that belongs to the exact two-sided p, times √(1/n₁ + 1/n₂) and Hedges' J",
    "difference_to_g": "Difference over its standard error, from its 95% interval, is t; then as t",
    "shares_ci_to_d": "Log odds ratio from the shares, times √3/π; variance from their 95% "
    "intervals by the delta method",
    "shares_p_to_d": "Log odds ratio from the shares, times √3/π; standard error from the exact p",
    "shares_n_to_d": "Log odds ratio from the shares, times √3/π; variance from the group sizes",
}
"""What each value of ``formula`` means, in a line that a reader can follow."""

FROM_ODDS = tuple(name for name in FORMULAS if name.endswith("_to_d"))
"""The formulas that go through an odds ratio, and so assume a curve behind the event."""

_BETTER_WHEN_HIGHER = {"higher_better": 1.0, "event_good": 1.0}
_POSITIVE_FAVOURS_IPT = {"ipt": 1.0, "comparator": -1.0}
_SIGNED_BY_DIRECTION = (
    "smd_arms",
    "smd_change",
    "lor_events_to_d",
    "shares_ci_to_d",
    "shares_p_to_d",
    "shares_n_to_d",
)


def derive_effects(effects: pd.DataFrame) -> pd.DataFrame:
    """Compute ``yi``, ``vi``, ``obtained`` and ``formula`` from the inputs of each row.

    Parameters
    ----------
    effects
        Rows with the input columns of ``effects.csv``.

    Returns
    -------
    DataFrame
        The four derived columns on the index of ``effects``. ``yi`` in standard deviations,
        positive favours IPT; missing where the inputs do not determine it.

    References
    ----------
    Chinn (2000) doi:10.1002/1097-0258(20001130)19:22<3127::AID-SIM784>3.0.CO;2-M
    """
    derived = pd.DataFrame(
        {
            "yi": pd.Series(np.nan, index=effects.index, dtype="float64"),
            "vi": pd.Series(np.nan, index=effects.index, dtype="float64"),
            "obtained": pd.Series(None, index=effects.index, dtype="str"),
            "formula": pd.Series(None, index=effects.index, dtype="str"),
        }
    )
    for rows, obtained, formula, compute in _cases(effects):
        if not rows.any():
            continue
        chosen = effects.loc[rows]
        sizes = compute(chosen)
        derived.loc[rows, "yi"] = _sign(chosen, formula) * np.asarray(sizes.yi)
        derived.loc[rows, "vi"] = np.asarray(sizes.vi)
        derived.loc[rows, "obtained"] = obtained
        derived.loc[rows, "formula"] = formula
    doubted = np.array([LOW_TRUST in flags for flags in effects["flags"]], dtype=bool)
    derived.loc[doubted & derived["yi"].notna(), "obtained"] = LOW_TRUST
    return derived


MIN_ARMS_REFERENCE_SD = 2  # one arm's spread is that of one sample, not of an instrument


def reference_sds(effects: pd.DataFrame, instruments: pd.DataFrame) -> pd.DataFrame:
    """The spread of each instrument in our own trials, by which g becomes points.

    The median standard deviation of the comparison arms after treatment, over poolable results
    whose standard deviations are not in doubt; missing where fewer than two arms are known.

    Returns
    -------
    DataFrame
        ``reference_sd`` (points of the instrument) and ``reference_sd_basis`` on the index of
        ``instruments``.
    """
    sound = effects["include"] & (effects["input_type"] == "means") & (effects["time"] == "post")
    sound &= np.array(["se_for_sd" not in flags for flags in effects["flags"]], dtype=bool)
    spread = effects.loc[sound].groupby("instrument")["sd_comparator"]
    arms = instruments["instrument_id"].map(spread.count()).fillna(0).astype(int)
    known = arms >= MIN_ARMS_REFERENCE_SD
    median = instruments["instrument_id"].map(spread.median())
    basis = arms.map("Median SD of {} comparison arms after treatment in effects.csv".format)
    return pd.DataFrame(
        {
            "reference_sd": median.astype("float64").where(known),
            "reference_sd_basis": basis.astype("str").where(known),
        }
    )


def with_intervals(effects: pd.DataFrame) -> pd.DataFrame:
    """A copy of ``effects`` with ``ci_lower`` and ``ci_upper``, the 95% interval of each ``yi``."""
    half = critical_value(95.0, None) * np.sqrt(effects["vi"])
    return effects.assign(ci_lower=effects["yi"] - half, ci_upper=effects["yi"] + half)


_Compute = Callable[[pd.DataFrame], effect_sizes.EffectSizes]
_Case = tuple["pd.Series[bool]", str, str, _Compute]
WHOLE = 100.0  # percent


def _cases(effects: pd.DataFrame) -> list[_Case]:
    """The rows to which each formula applies; no row is in two cases.

    Rows with impossible inputs (no people, no spread, more events than people, broken events) are
    in none.
    """
    return [*_printed_cases(effects), *_worked_out_cases(effects)]


def _printed_cases(effects: pd.DataFrame) -> list[_Case]:
    """Arms, and effects as somebody reported them."""
    kind = effects["input_type"]
    has_n = _above(effects, 1, "n_ipt", "n_comparator")
    arms = _known(effects, "mean_ipt", "mean_comparator") & has_n
    arms &= _above(effects, 0, "sd_ipt", "sd_comparator")
    reported = _known(effects, "reported_value", "reported_positive_favours")
    has_se = _above(effects, 0, "reported_se")
    has_ci = effects["reported_ci_upper"] > effects["reported_ci_lower"]
    ratio = reported & has_ci & _above(effects, 0, "reported_value", "reported_ci_lower")
    smd = reported & (kind == "reported_smd")
    return [
        ((kind == "means") & arms, "arm_data", "smd_arms", _from_arms),
        ((kind == "change") & arms, "arm_data", "smd_change", _from_arms),
        ((kind == "events") & _counts(effects), "arm_data", "lor_events_to_d", _from_events),
        (smd & has_se, "reported", "smd_reported_se", _from_se),
        (smd & ~has_se & has_ci, "reported", "smd_reported_ci", _from_ci),
        (smd & ~has_se & ~has_ci & has_n, "reported", "smd_reported_n", _from_n),
        (
            (kind == "reported_odds_ratio") & ratio,
            "reported",
            "or_reported_to_d",
            _from_odds_ratio,
        ),
        ((kind == "reported_d") & reported & has_n, "reported", "d_reported_n", _from_d),
    ]


def _worked_out_cases(effects: pd.DataFrame) -> list[_Case]:
    """What follows from less than arms or an effect: derived, or counts put together again."""
    kind = effects["input_type"]
    has_n = _above(effects, 1, "n_ipt", "n_comparator")
    value = _known(effects, "reported_value", "reported_positive_favours") & has_n
    a_p = (effects["reported_value"] > 0) & (effects["reported_value"] <= 1)
    width = effects["reported_ci_upper"] > effects["reported_ci_lower"]
    inside = _within(effects, "share_ipt") & _within(effects, "share_comparator")
    shares = (kind == "shares") & inside
    differ = inside & (effects["share_ipt"] != effects["share_comparator"])
    has_ci = pd.concat(
        [_interval_around(effects, f"share_{arm}") for arm in ("ipt", "comparator")], axis=1
    ).all(axis=1)
    below_1 = a_p & (effects["reported_value"] < 1)
    again = (kind == "events_reconstructed") & _counts(effects)
    return [
        ((kind == "t") & value, "derived", "t_to_g", _from_t),
        ((kind == "exact_p") & value & a_p, "derived", "p_to_g", _from_p),
        (
            (kind == "mean_difference") & value & width,
            "derived",
            "difference_to_g",
            _from_difference,
        ),
        (shares & has_ci, "derived", "shares_ci_to_d", _from_share_intervals),
        (shares & ~has_ci & has_n, "derived", "shares_n_to_d", _from_shares_and_n),
        (
            (kind == "shares_p") & differ & below_1,
            "derived",
            "shares_p_to_d",
            _from_shares_and_p,
        ),
        (again, "reconstructed", "lor_events_to_d", _from_events),
    ]


def _counts(effects: pd.DataFrame) -> pd.Series[bool]:
    """Whole numbers of people with the event, no more than there are people."""
    events = _above(effects, 1, "n_ipt", "n_comparator")
    events &= effects["events_ipt"] <= effects["n_ipt"]
    events &= effects["events_comparator"] <= effects["n_comparator"]
    return events & (effects[["events_ipt", "events_comparator"]] % 1 == 0).all(axis=1)


def _within(effects: pd.DataFrame, share: str) -> pd.Series[bool]:
    return (effects[share] > 0) & (effects[share] < WHOLE)


def _interval_around(effects: pd.DataFrame, share: str) -> pd.Series[bool]:
    lower, upper = effects[f"{share}_lower"], effects[f"{share}_upper"]
    return (lower < effects[share]) & (effects[share] < upper) & (lower > 0) & (upper <= WHOLE)


def _known(effects: pd.DataFrame, *columns: str) -> pd.Series[bool]:
    return effects[list(columns)].notna().all(axis=1)


def _above(effects: pd.DataFrame, limit: float, *columns: str) -> pd.Series[bool]:
    return (effects[list(columns)] > limit).all(axis=1)


def _sign(rows: pd.DataFrame, formula: str) -> np.ndarray:
    """+1 where the raw number is positive when IPT did better, else -1."""
    if formula in _SIGNED_BY_DIRECTION:
        return rows["direction"].map(_BETTER_WHEN_HIGHER).fillna(-1.0).to_numpy(float)
    return rows["reported_positive_favours"].map(_POSITIVE_FAVOURS_IPT).to_numpy(float)


def _array(rows: pd.DataFrame, column: str) -> np.ndarray:
    return rows[column].to_numpy(float)


def _from_arms(rows: pd.DataFrame) -> effect_sizes.EffectSizes:
    return effect_sizes.standardised_mean_difference(
        *(_array(rows, name) for name in ("mean_ipt", "sd_ipt", "n_ipt")),
        *(_array(rows, name) for name in ("mean_comparator", "sd_comparator", "n_comparator")),
    )


def _from_events(rows: pd.DataFrame) -> effect_sizes.EffectSizes:
    odds = effect_sizes.log_odds_ratio(
        *(_array(rows, name) for name in ("events_ipt", "n_ipt")),
        *(_array(rows, name) for name in ("events_comparator", "n_comparator")),
    )
    return effect_sizes.smd_from_log_odds(odds.yi, odds.vi)


def _from_se(rows: pd.DataFrame) -> effect_sizes.EffectSizes:
    return effect_sizes.EffectSizes(
        yi=_array(rows, "reported_value"), vi=_array(rows, "reported_se") ** 2
    )


def _from_ci(rows: pd.DataFrame) -> effect_sizes.EffectSizes:
    vi = effect_sizes.variance_from_interval(
        _array(rows, "reported_ci_lower"), _array(rows, "reported_ci_upper")
    )
    return effect_sizes.EffectSizes(yi=_array(rows, "reported_value"), vi=vi)


def _from_n(rows: pd.DataFrame) -> effect_sizes.EffectSizes:
    yi = _array(rows, "reported_value")
    vi = effect_sizes.smd_variance(yi, _array(rows, "n_ipt"), _array(rows, "n_comparator"))
    return effect_sizes.EffectSizes(yi=yi, vi=vi)


def _from_odds_ratio(rows: pd.DataFrame) -> effect_sizes.EffectSizes:
    vi = effect_sizes.variance_from_interval(
        np.log(_array(rows, "reported_ci_lower")), np.log(_array(rows, "reported_ci_upper"))
    )
    return effect_sizes.smd_from_log_odds(np.log(_array(rows, "reported_value")), vi)


def _from_d(rows: pd.DataFrame) -> effect_sizes.EffectSizes:
    sizes = _array(rows, "n_ipt"), _array(rows, "n_comparator")
    return effect_sizes.corrected_smd(_array(rows, "reported_value"), *sizes, "LS")


def _from_t(rows: pd.DataFrame) -> effect_sizes.EffectSizes:
    return conversions.smd_from_t(
        *(_array(rows, name) for name in ("reported_value", "n_ipt", "n_comparator"))
    )


def _from_p(rows: pd.DataFrame) -> effect_sizes.EffectSizes:
    p = _array(rows, "reported_value")
    sizes = _array(rows, "n_ipt"), _array(rows, "n_comparator")
    return conversions.smd_from_p(p, *sizes, np.ones_like(p))  # turned by whom it favours


def _from_difference(rows: pd.DataFrame) -> effect_sizes.EffectSizes:
    difference, lower, upper, n_ipt, n_comparator = (
        _array(rows, name)
        for name in (
            "reported_value", "reported_ci_lower", "reported_ci_upper", "n_ipt", "n_comparator"
        )
    )  # fmt: skip
    error = np.sqrt(effect_sizes.variance_from_interval(lower, upper))
    return conversions.smd_from_t(difference / error, n_ipt, n_comparator)


def _shares(rows: pd.DataFrame, end: str = "") -> tuple[np.ndarray, np.ndarray]:
    first, second = (_array(rows, f"share_{arm}{end}") for arm in ("ipt", "comparator"))
    return first / WHOLE, second / WHOLE


def _from_share_intervals(rows: pd.DataFrame) -> effect_sizes.EffectSizes:
    arms = zip(_shares(rows), _shares(rows, "_lower"), _shares(rows, "_upper"), strict=True)
    first, second = (conversions.log_odds_from_share(*arm) for arm in arms)
    return effect_sizes.smd_from_log_odds(first.yi - second.yi, first.vi + second.vi)


def _from_shares_and_p(rows: pd.DataFrame) -> effect_sizes.EffectSizes:
    first, second = (np.log(share / (1.0 - share)) for share in _shares(rows))
    z = conversions.z_from_p(_array(rows, "reported_value"))
    return effect_sizes.smd_from_log_odds(first - second, ((first - second) / z) ** 2)


def _from_shares_and_n(rows: pd.DataFrame) -> effect_sizes.EffectSizes:
    first, second = (np.log(share / (1.0 - share)) for share in _shares(rows))
    sizes = _array(rows, "n_ipt"), _array(rows, "n_comparator")
    vi = sum(
        1.0 / (n * share * (1.0 - share)) for n, share in zip(sizes, _shares(rows), strict=True)
    )
    return effect_sizes.smd_from_log_odds(first - second, vi)
