"""The one place that rounds: numbers as people read them, and tables made of them.

Every function takes a whole number and gives text; nothing here changes a number that is used
again. A missing value reads "not reported", never zero. Signs are true minus signs (U+2212) on
display; CSV for machines goes through `plain.csv_safe`, which keeps numbers as they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd

from ipt_evidence.meta_analysis.models import PooledEffect
from ipt_evidence.wording.plain import csv_safe, safe_url

__all__ = [
    "MINUS",
    "MIN_TRIALS_PREDICTION",
    "NOT_REPORTED",
    "ROB_WORDS",
    "count",
    "csv_safe",
    "effect",
    "estimate_with_interval",
    "heterogeneity_line",
    "interval",
    "intervals",
    "is_missing",
    "level",
    "method_line",
    "month",
    "p_is",
    "p_value",
    "percent",
    "pooled_effect",
    "pooled_table",
    "prediction_interval",
    "records",
    "risk_of_bias",
    "safe_url",
    "test_line",
    "text",
    "trials_table",
]

MINUS = "\u2212"
NOT_REPORTED = "not reported"
MISSING = "NA"
# Fewer trials say nothing of how much effects vary; Higgins, Thompson & Spiegelhalter (2009)
# doi:10.1111/j.1467-985X.2008.00552.x
MIN_TRIALS_PREDICTION = 3

ROB_WORDS = {
    "low": "Low",
    "some_concerns": "Some concerns",
    "high": "High",
    "unclear": "Unclear",
}


def is_missing(value: object) -> bool:
    """Say whether ``value`` is no value: None, NaN, pandas' NA, an empty list or text, ``NA``."""
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    if isinstance(value, str):
        return value.strip() in {"", MISSING}
    if isinstance(value, (list, tuple)):
        return not value
    try:
        return math.isnan(float(value))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False


def _fixed(value: float, digits: int) -> str:
    """Write ``value`` with separators in thousands and a true minus; never "−0.00"."""
    shown = f"{value:,.{digits}f}"
    if shown.startswith("-"):
        shown = shown[1:] if not shown.strip("-0.,") else MINUS + shown[1:]
    return shown


def _number(value: object, digits: int) -> str:
    if is_missing(value):
        return NOT_REPORTED
    number = float(value)  # type: ignore[arg-type]
    if math.isinf(number):
        return "∞" if number > 0 else f"{MINUS}∞"
    return _fixed(number, digits)


def effect(value: object, digits: int = 2) -> str:
    """Write an effect: ``effect(0.4812)`` is "0.48", ``effect(-0.2)`` is "−0.20"."""
    return _number(value, digits)


def interval(lower: object, upper: object, digits: int = 2) -> str:
    """Write both ends of an interval: "0.31 to 0.65"; "not reported" when an end is missing."""
    if is_missing(lower) or is_missing(upper):
        return NOT_REPORTED
    return f"{_number(lower, digits)} to {_number(upper, digits)}"


def level(value: float) -> str:
    """Write the level of an interval (in percent) without needless decimals: "95%", "97.5%"."""
    return f"{value:g}%"


def estimate_with_interval(
    estimate: object, lower: object, upper: object, confidence: float = 95.0
) -> str:
    """Write an effect and its confidence interval: "0.48 (95% CI 0.31 to 0.65)"."""
    if is_missing(estimate):
        return NOT_REPORTED
    if is_missing(lower) or is_missing(upper):
        return f"{effect(estimate)} (interval {NOT_REPORTED})"
    return f"{effect(estimate)} ({level(confidence)} CI {interval(lower, upper)})"


def pooled_effect(pooled: PooledEffect) -> str:
    """Write a pooled effect with its interval: "0.48 (95% CI 0.31 to 0.65)"."""
    return estimate_with_interval(pooled.estimate, pooled.ci_lower, pooled.ci_upper, pooled.level)


def p_value(p: object) -> str:
    """Write a p value without its leading zero: "< .001", ".03", ".12", "> .99".

    Two decimals; three below .01 and where two would hide on which side of .05 it lies.
    """
    if is_missing(p):
        return NOT_REPORTED
    number = float(p)  # type: ignore[arg-type]
    if number < 0.001:
        return "< .001"
    if number > 0.99:
        return "> .99"
    if 0.0495 <= number < 0.05:  # three decimals would read .050, as if it were not below .05
        return "< .05"
    close = number < 0.01 or 0.045 <= number < 0.055
    return f"{number:.{3 if close else 2}f}".removeprefix("0")


def p_is(p: object) -> str:
    """Write a p value as it follows the letter: "= .03", "< .001"."""
    shown = p_value(p)
    return shown if shown[0] in "<>" else f"= {shown}"


def percent(value: object, digits: int = 0) -> str:
    """Write a share that is already in percent: "72%"; "< 1%" where rounding would say none."""
    if is_missing(value):
        return NOT_REPORTED
    number = float(value)  # type: ignore[arg-type]
    smallest = 10.0**-digits
    if 0 < number < smallest / 2:
        return f"< {_fixed(smallest, digits)}%"
    return f"{_fixed(number, digits)}%"


def count(value: object) -> str:
    """Write a number of people or trials: "3,012"."""
    return _number(value, 0)


def text(value: object) -> str:
    """Write any other cell: lists joined with commas, missing as "not reported"."""
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value) or NOT_REPORTED
    return NOT_REPORTED if is_missing(value) else str(value)


def month(iso_date: str) -> str:
    """Write an ISO date as month and year, like "January 2024"."""
    return f"{date.fromisoformat(iso_date):%B %Y}"


def risk_of_bias(value: object) -> str:
    """Write a risk-of-bias level in words: "Some concerns"."""
    return text(value) if is_missing(value) else ROB_WORDS.get(str(value), str(value))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of ``frame`` as dictionaries by the names of its columns."""
    return frame.to_dict("records")  # type: ignore[return-value]


def _year(value: object) -> str:
    return NOT_REPORTED if is_missing(value) else str(int(float(value)))  # type: ignore[arg-type]


def _column(
    frame: pd.DataFrame, name: str, show: Callable[[Any], str], missing: str = NOT_REPORTED
) -> list[str]:
    """Show one column as text; a column that the frame lacks is ``missing`` in every row."""
    if name not in frame.columns:
        return [missing] * len(frame)
    return [show(value) for value in frame[name].astype(object)]


def intervals(frame: pd.DataFrame, lower: str = "ci_lower", upper: str = "ci_upper") -> list[str]:
    """Write the interval of each row of ``frame``."""
    if lower not in frame.columns or upper not in frame.columns:
        return [NOT_REPORTED] * len(frame)
    return [interval(low, high) for low, high in zip(frame[lower], frame[upper], strict=True)]


def prediction_interval(pooled: PooledEffect) -> tuple[float, float] | None:
    """Give the prediction interval that may be shown: finite, and from three trials or more."""
    lower, upper = pooled.pi_lower, pooled.pi_upper
    if lower is None or upper is None or pooled.k < MIN_TRIALS_PREDICTION:
        return None
    return (lower, upper) if math.isfinite(lower) and math.isfinite(upper) else None


def trials_table(trials: pd.DataFrame) -> pd.DataFrame:
    """Show the trials of a forest plot as text, one row a trial, in the order given.

    Parameters
    ----------
    trials
        Columns as `analyses.forest.figure.forest_plot` takes them; g is positive where IPT did
        better.
    """
    return pd.DataFrame(
        {
            "Study": _column(trials, "label", text),
            "Year": _column(trials, "year", _year),
            "Compared with": _column(trials, "comparator", text),
            "People": _column(trials, "n", count),
            "g": _column(trials, "yi", effect),
            "95% CI": intervals(trials, "ci_lower", "ci_upper"),
            "Weight": _column(trials, "weight", lambda value: percent(value, 1)),
            "Risk of bias": _column(trials, "rob", risk_of_bias),
            "Flags": _column(
                trials, "flags", lambda value: "" if is_missing(value) else text(value), ""
            ),
        },
        dtype="object",
    )


def pooled_table(pooled: PooledEffect) -> pd.DataFrame:
    """Show a pooled result as `Quantity` and `Value`; what cannot be had says why."""
    predicted = prediction_interval(pooled)
    prediction = interval(*predicted) if predicted else "needs three trials or more"
    needs_two = "needs two trials or more"
    tau, q = needs_two, needs_two
    if pooled.k > 1:
        tau = NOT_REPORTED if pooled.tau2 is None else effect(math.sqrt(max(0.0, pooled.tau2)))
        q = f"{effect(pooled.q)} (df {pooled.q_df}, p {p_value(pooled.q_p)})"
    rows = [
        ("Trials", count(pooled.k)),
        ("Pooled effect (Hedges g)", effect(pooled.estimate)),
        (f"{level(pooled.level)} confidence interval", interval(pooled.ci_lower, pooled.ci_upper)),
        (f"{level(pooled.level)} prediction interval", prediction),
        ("p", p_value(pooled.p)),
        ("I²", percent(pooled.i2) if pooled.k > 1 else needs_two),
        ("τ", tau),
        ("Q", q),
        ("Method", method_line(pooled)),
    ]
    return pd.DataFrame(rows, columns=["Quantity", "Value"], dtype="object")


TEST_WORDS = {
    "z": "normal interval",
    "t": "t interval",
    "knha": "Hartung–Knapp interval",
    "adhoc": "Hartung–Knapp interval, never narrower",
    "CR2": "cluster-robust interval (CR2)",
}
METHOD_WORDS = {
    "EE": "Equal-effects model",
    "FE": "Fixed-effects model",
    "CHE": "Correlated and hierarchical effects (REML)",
}


def method_line(pooled: PooledEffect) -> str:
    """Name the model behind a pooled effect: "Random effects (REML), Hartung–Knapp interval"."""
    model = METHOD_WORDS.get(pooled.method, f"Random effects ({pooled.method})")
    return f"{model}, {TEST_WORDS.get(pooled.test, pooled.test)}"


def heterogeneity_line(pooled: PooledEffect) -> str:
    """Write heterogeneity as figures print it: "I² 78%, τ² 0.16, Q 99.0 (df 30, p < .001)"."""
    parts = []
    if not is_missing(pooled.i2):
        parts.append(f"I² {percent(pooled.i2)}")
    if pooled.tau2 is not None and not math.isnan(pooled.tau2):
        parts.append(f"τ² {effect(pooled.tau2)}")
    if not is_missing(pooled.q_p):
        parts.append(f"Q {effect(pooled.q, 1)} (df {pooled.q_df}, p {p_is(pooled.q_p)})")
    return ", ".join(parts) or f"Heterogeneity {NOT_REPORTED}"


def test_line(pooled: PooledEffect) -> str:
    """Write the test that the pooled effect is 0: "Test for effect: t 7.13 (df 38), p < .001."."""
    stat, df = pooled.stat, pooled.df
    if stat is None or is_missing(pooled.p):
        return ""
    named = f"z {effect(stat)}" if df is None else f"t {effect(stat)} (df {effect(df, 0)})"
    return f"Test for effect: {named}, p {p_is(pooled.p)}."
