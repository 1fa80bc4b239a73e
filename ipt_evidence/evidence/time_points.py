"""When an outcome was measured: at the end of treatment, within half a year, or later.

Sources write time points in their own words ("4-month follow-up", "mean 6.7 years", "fu1 (57
weeks)"). Read are numbers with a unit of time; where there are several the last one counts, as in
"12, 24, 36 weeks". Some sources count from the end of treatment and some from its start; which of
the two is seldom said, so a time point is taken as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

import pandas as pd

__all__ = ["BANDS", "TIME_POINTS", "at_time", "band", "months"]

TimePoint = Literal["post", "follow_up", "to_6_months", "over_6_months"]
TIME_POINTS: Mapping[str, str] = {
    "post": "after treatment",
    "follow_up": "at follow-up",
    "to_6_months": "up to 6 months later",
    "over_6_months": "more than 6 months later",
}
"""Time points with their labels, as they stand in a sentence."""
BANDS: tuple[TimePoint, ...] = ("post", "to_6_months", "over_6_months")
"""Time points that do not overlap; ``follow_up`` is any after the end of treatment."""

SHORT = 6.0  # months; 26 weeks are taken as six months
MONTHS_IN = {"day": 12 / 365.25, "week": 12 * 7 / 365.25, "month": 1.0, "year": 12.0}
_NUMBER = r"(\d+(?:\.\d+)?)"
_SPAN = re.compile(
    rf"{_NUMBER}(?:\s*(?:±|\+/-)\s*\d+(?:\.\d+)?)?[\s-]*(day|week|month|year)s?\b", re.IGNORECASE
)


def months(words: object) -> float | None:
    """Months that a time point names, such as 4.0 for "4-month follow-up"; None without any."""
    found = _SPAN.findall(words) if isinstance(words, str) else []
    if not found:
        return None
    number, unit = found[-1]
    return float(number) * MONTHS_IN[unit.lower()]


def band(time: object, words: object) -> str:
    """One of ``BANDS`` for a row's ``time`` and ``time_detail``; ``unknown`` without a number."""
    if time == "post":
        return "post"
    span = months(words)
    if span is None:
        return "unknown"
    return "to_6_months" if span <= SHORT else "over_6_months"


def at_time(rows: pd.DataFrame, time: str) -> pd.Series[bool]:
    """Rows (columns time, time_detail) measured at ``time``, one of ``TIME_POINTS``."""
    if time in ("post", "follow_up"):
        return rows["time"] == time
    bands = [band(*pair) for pair in zip(rows["time"], rows["time_detail"], strict=True)]
    return pd.Series(bands, index=rows.index, dtype="str") == time
