"""The multiverse in words, as points of its curve, rows of choices, and tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from ipt_evidence.analyses.multiverse.figure import ChoiceRow
from ipt_evidence.analyses.multiverse.importance import Importance, importance
from ipt_evidence.analyses.multiverse.names import (
    FACTOR_NAMES,
    LABEL_NAMES,
    option_name,
    specification_words,
)
from ipt_evidence.analyses.multiverse.result import STANDINGS, Curve, Share
from ipt_evidence.figures import lettering
from ipt_evidence.wording import tables

__all__ = [
    "HOW_TO_READ",
    "LABELS_EXPLAINED",
    "choice_rows",
    "curve_points",
    "curve_sentence",
    "curve_twin",
    "importance_sentence",
    "importance_table",
    "sample_table",
    "share_sentence",
]

MOST_POINTS = {"equivalent": 160, "uncertain": 260, "non_equivalent": 260}
BINS = 60
ROWS_OF_TABLE = 24
Mask = npt.NDArray[np.bool_]

HOW_TO_READ = (
    "Above, each dot is the same question analysed in another way, from the lowest effect on the "
    "left to the highest on the right; the thin line is its 95% interval. The diamond is the "
    "analysis of this page. Where there are too many to draw, evenly spaced ones are shown.\n\n"
    "Below, each row is one way to make a choice. The darker a cell, the more of the analyses "
    "above it made that choice. A row that is dark on one side only belongs to a choice that "
    "matters; a row of one tone to one that does not.\n\n"
    "Shares describe the analyses listed here. They are not the probability that IPT works."
)
LABELS_EXPLAINED = {
    "equivalent": "Nobody could say that these are worse than the analysis of this page.",
    "uncertain": "These may be worse, or ask, in part, another question.",
    "non_equivalent": "These are known to be worse, pick data by their result, or rest on fewer "
    "than three trials. They are shown, but they should not decide anything.",
}


def share_sentence(name: str, share: Share) -> str:
    """How many analyses of one label there are, and how many agree; always with the number."""
    label = LABEL_NAMES[name].lower()
    if not share.count:
        return f"No {label} analysis could be fitted."
    open_ = share.count - share.above - share.below
    parts = [
        f"all {words}"
        if number == share.count
        else f"{tables.count(number)} ({tables.percent(100 * number / share.count)}) {words}"
        for number, words in (
            (share.above, "have an interval wholly in favour of IPT"),
            (share.below, "have an interval wholly in favour of the comparison"),
            (open_, "have an interval that holds no effect"),
        )
        if number
    ]
    sets = "set" if share.samples == 1 else "sets"
    return (
        f"Of {tables.count(share.count)} {label} analyses, of {tables.count(share.samples)} "
        f"different {sets} of numbers, {', '.join(parts)}; their effects run from "
        f"{tables.interval(share.lowest, share.highest)}, the median is "
        f"{tables.effect(share.median)}."
    )


def curve_sentence(curve: Curve) -> str:
    """What the analyses that may decide say, in words."""
    if not len(curve):
        return "Nothing can be pooled here, so there is nothing to analyse in another way."
    strict = curve.share(curve.among(("equivalent",)))
    if not strict.count:
        return (
            "With fewer than three trials no analysis is good enough to be set beside another: "
            "what is drawn below shows only how little the data can bear."
        )
    return share_sentence("equivalent", strict)


def curve_points(curve: Curve, mask: Mask) -> pd.DataFrame:
    """Points to draw: evenly spaced ones of each label, both ends, and the page's own."""
    chosen = np.flatnonzero(mask)
    rank = np.full(len(curve), np.nan)
    rank[chosen] = 100.0 * (np.arange(chosen.size) + 0.5) / max(1, chosen.size)
    rows: list[tuple[int, str]] = []
    for place, name in enumerate(STANDINGS):
        there = chosen[curve.standing[chosen] == place]
        if there.size:
            pick = np.linspace(0, there.size - 1, min(there.size, MOST_POINTS[name]))
            rows += [(int(i), name) for i in there[np.unique(pick.round().astype(int))]]
    if curve.own is not None and mask[curve.own]:
        rows = [row for row in rows if row[0] != curve.own] + [(curve.own, "own")]
    return pd.DataFrame(
        [
            {
                "place": place,
                "x": float(rank[place]),
                "estimate": float(curve.estimate[place]),
                "ci_lower": float(curve.ci_lower[place]),
                "ci_upper": float(curve.ci_upper[place]),
                "label": label,
                "words": _hover(curve, place, label),
            }
            for place, label in rows
        ],
        columns=["place", "x", "estimate", "ci_lower", "ci_upper", "label", "words"],
    )


def _hover(curve: Curve, place: int, label: str) -> str:
    numbers = tables.estimate_with_interval(
        curve.estimate[place], curve.ci_lower[place], curve.ci_upper[place]
    )
    lines = [f"<b>g {numbers}</b>", f"{tables.count(int(curve.k[place]))} trials"]
    if label == "own":
        lines.append("the analysis of this page")
    else:
        lines += [
            f"{lettering.escape(name)}: {lettering.escape(option)}"
            for name, option in specification_words(curve, place)
        ]
        lines.append(f"<i>{LABEL_NAMES[label].lower()}</i>")
        lines += [
            lettering.escape(line)
            for reason in curve.reasons(place)[:2]
            for line in lettering.line_breaks(reason, 300)
        ]
    return "<br>".join(lines)


def choice_rows(curve: Curve, mask: Mask) -> tuple[ChoiceRow, ...]:
    """Each option of each choice that varies, and its share among the analyses of each bin."""
    chosen = np.flatnonzero(mask)
    if not chosen.size:
        return ()
    bins = min(BINS, chosen.size)
    edges = np.linspace(0, chosen.size, bins + 1).round().astype(int)
    sizes = np.maximum(np.diff(edges), 1)
    rows = []
    for column, factor in enumerate(curve.factors):
        codes = curve.codes[chosen, column]
        there = [place for place in range(len(factor.options)) if (codes == place).any()]
        if len(there) < 2:
            continue
        for first, place in enumerate(there):
            counts = np.add.reduceat(codes == place, edges[:-1], dtype=np.int64)
            rows.append(
                ChoiceRow(
                    "" if first else FACTOR_NAMES[factor.id],
                    option_name(factor.id, factor.options[place].id),
                    tuple((counts / sizes).tolist()),
                )
            )
    return tuple(rows)


def importance_sentence(found: Sequence[Importance]) -> str:
    """Which choice moves the effect most, and which hardly do."""
    known = [one for one in found if one.share is not None]
    if not known:
        return "The analyses do not differ, so no choice matters here."
    first = known[0]
    parts = [
        f"What matters most is “{FACTOR_NAMES[first.factor].lower()}”: "
        f"{tables.percent(first.share)} of the variance between these analyses goes with it"
    ]
    second = [one for one in known[1:] if (one.share or 0.0) >= 10.0]
    if second:
        listed = ", ".join(
            f"“{FACTOR_NAMES[one.factor].lower()}” ({tables.percent(one.share)})" for one in second
        )
        parts.append(f"then {listed}")
    said = f"{', '.join(parts)}."
    hardly = [FACTOR_NAMES[one.factor].lower() for one in known if (one.share or 0.0) < 1.0]
    if hardly:
        said += f" Less than 1% goes with each of: {', '.join(hardly)}."
    return said


def importance_table(curve: Curve, mask: Mask) -> pd.DataFrame:
    """Each choice with its share of the variance, and how the analyses of each option fare."""
    rows = []
    for one in importance(curve, mask):
        for place, (option, share) in enumerate(one.options):
            count = tables.count(share.count)
            rows.append(
                {
                    "Choice": FACTOR_NAMES[one.factor] if place == 0 else "",
                    "Share of variance": tables.percent(one.share) if place == 0 else "",
                    "Option": option_name(one.factor, option),
                    "Median g": tables.effect(share.median),
                    "Lowest to highest": tables.interval(share.lowest, share.highest),
                    "Interval above 0": f"{tables.count(share.above)} of {count}",
                }
            )
    return pd.DataFrame(rows)


def sample_table(curve: Curve, mask: Mask) -> tuple[pd.DataFrame, list[str]]:
    """Evenly spaced analyses as rows, and their places: the keyboard's way into the curve."""
    chosen = np.flatnonzero(mask)
    if not chosen.size:
        return pd.DataFrame(), []
    pick = np.linspace(0, chosen.size - 1, min(chosen.size, ROWS_OF_TABLE)).round().astype(int)
    places = chosen[np.unique(pick)]
    rows = [
        {
            "Analysis": f"No. {tables.count(int(np.searchsorted(chosen, place)) + 1)}",
            "g (95% CI)": tables.estimate_with_interval(
                curve.estimate[place], curve.ci_lower[place], curve.ci_upper[place]
            ),
            "Trials": int(curve.k[place]),
            "What differs from this page": "; ".join(
                f"{name.lower()}: {option}" for name, option in specification_words(curve, place)
            )
            or "nothing",
            "Label": LABEL_NAMES[STANDINGS[curve.standing[place]]],
        }
        for place in places
    ]
    return pd.DataFrame(rows), [str(place) for place in places]


def curve_twin(curve: Curve, mask: Mask) -> str:
    """What the figure shows, in words."""
    count = int(mask.sum())
    if not count:
        return "A specification curve without any analysis."
    shares = [
        share_sentence(name, curve.share(mask & curve.among((name,))))
        for name in STANDINGS
        if (mask & curve.among((name,))).any()
    ]
    return f"Specification curve of {tables.count(count)} analyses. {' '.join(shares)}"
