"""The multiverse in words: names of choices, points of the curve, rows of choices, and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ipt_evidence.analyses.multiverse.choices import WORDS
from ipt_evidence.analyses.multiverse.result import (
    STANDINGS,
    Curve,
    Importance,
    Mask,
    Share,
    curve_of,
    curve_points,
    importance,
)
from ipt_evidence.analyses.panel import Detail, Option, Panel, Work
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.magnitude import SMALLEST_WORTHWHILE
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.wording import tables

__all__ = [
    "Address",
    "Described",
    "address_of",
    "curve_sentence",
    "described",
    "effect_of",
    "importance_sentence",
    "importance_table",
    "labels_explained",
    "left_out_sentence",
    "option_name",
    "options",
    "panel",
    "sample_table",
    "share_sentence",
    "shown_with",
    "specification_words",
    "text_alternative",
    "work",
]

ROWS_OF_TABLE = 24

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
    "non_equivalent": "These are known to be worse, or pick data by their result. They are shown, "
    "but they should not decide anything.",
}
IMPORTANCE_NOTE = (
    "Share of variance: the part of the differences between these analyses that lies "
    "between the options of one choice (eta squared). Shares need not add up to 100%, "
    "because choices act together."
)
SAMPLE_NOTE = "Evenly spaced along the curve. A click on a dot of the figure opens any other."
FACTOR_NAMES = {
    "rater": "Who rated",
    "risk_of_bias": "Risk of bias",
    "comparator": "Comparison arm",
    "population": "People",
    "treatment": "Treatment",
    "converted": "Converted effects",
    "warnings": "Trials with warnings",
    "reading": "Numbers read",
    "outcome": "Outcome of a trial",
    "rho": "Correlation of outcomes",
    "outliers": "Outliers",
    "estimator": "Estimator of τ²",
    "interval": "Interval",
    "correction": "Small-study correction",
}
_OPTIONS = {
    ("rater", "any"): "anybody",
    ("rater", "clinician"): "clinicians",
    ("rater", "self_report"): "patients",
    ("risk_of_bias", "any"): "any",
    ("risk_of_bias", "not_high"): "without high",
    ("risk_of_bias", "rated_better"): "low or some concerns",
    ("comparator", "any"): "any",
    ("comparator", "no_waitlist"): "no waiting list",
    ("comparator", "usual_care"): "usual care only",
    ("population", "any"): "everybody",
    ("population", "adults"): "adults",
    ("population", "not_perinatal"): "not around birth",
    ("treatment", "any"): "with relatives of IPT",
    ("treatment", "ipt"): "IPT only",
    ("converted", "any"): "in",
    ("converted", "not_converted"): "out",
    ("warnings", "any"): "in",
    ("warnings", "none"): "out",
    ("reading", "any"): "once or twice",
    ("reading", "double"): "twice",
    ("outcome", "combined"): "all combined",
    ("outcome", "hdrs"): "Hamilton first",
    ("outcome", "bdi"): "Beck first",
    ("outcome", "first"): "listed first",
    ("outcome", "largest"): "largest",
    ("outcome", "smallest"): "smallest",
    ("outliers", "in"): "in",
    ("outliers", "out"): "out",
    ("estimator", "PM"): "Paule-Mandel",
    ("estimator", "EE"): "none (equal effects)",
    ("estimator", "DL"): "DerSimonian-Laird",
    ("interval", "knha"): "Hartung-Knapp",
    ("interval", "z"): "normal",
    ("correction", "none"): "none",
    ("correction", "trim_and_fill"): "trim and fill",
    ("correction", "pet_peese"): "PET-PEESE",
    ("correction", "limit"): "limit analysis",
}
LABEL_NAMES = {
    "equivalent": "Equivalent",
    "uncertain": "Uncertain",
    "non_equivalent": "Non-equivalent",
}
Query = dict[str, list[str]]
# Option -> choices of the Condition page, by their words in its address.
CHOICES: dict[tuple[str, str], Query] = {
    **{option: {word: list(v) for word, v in words.items()} for option, words in WORDS.items()},
    ("outliers", "out"): {"outliers": ["1"]},
    ("estimator", "PM"): {"method": ["PM"]},
    ("estimator", "DL"): {"method": ["DL"]},
    ("estimator", "EE"): {"method": ["EE"]},
    ("interval", "z"): {"test": ["z"]},
}
OWN_MODEL = ("method", "test", "dependence", "outliers", "rho")  # set by every specification


def work(base: EvidenceBase, view: View, **_: object) -> Work:
    """All specifications have to be fitted first."""
    return Work("Running every analysis", curve_of, (view,))


def options(base: EvidenceBase, view: View) -> tuple[Option, ...]:
    """Which analyses are shown: from the equivalent ones to all, cumulatively."""
    curve = curve_of(base, view)
    there = _labels_of(curve)
    choices = {
        name: f"{'+ ' if place else 'Only '}{LABEL_NAMES[name].lower()} "
        f"({tables.count(int(curve.among((name,)).sum()))})"
        for place, name in enumerate(there)
    }
    return (
        (Option("show", "Analyses shown", choices, (_usual(there),), titled=True),) if there else ()
    )


@cached
def panel(
    base: EvidenceBase, view: View, show: str = "", worth: float = SMALLEST_WORTHWHILE
) -> Panel:
    """What the analyses that may decide say, and which choice matters most.

    Parameters
    ----------
    base, view
        The evidence base and the question.
    show
        The last label shown, of `options`; by default all but the non-equivalent ones.
    worth
        The smallest effect of interest, in units of g: shaded in the figure only.
    """
    curve = curve_of(base, view)
    if not len(curve):
        return Panel((curve_sentence(curve),), drawn=False)
    mask = curve.among(shown_with(curve, show))
    table = curve_points(curve, mask).sort_values("x").drop(columns="place")
    sample, places = sample_table(curve, mask)
    fold = "Open one of the analyses"
    details = [Detail("analyses", sample, fold=fold, note=SAMPLE_NOTE, rows=tuple(places))]
    if estimate_of(base, view).k > 2:
        details.insert(0, _importance(curve, mask))
    return Panel(
        (curve_sentence(curve),),
        table.round(4).reset_index(drop=True),
        text_alternative(curve, mask),
        HOW_TO_READ,
        tuple(details),
    )


def _importance(curve: Curve, mask: Mask) -> Detail:
    return Detail(
        "choices",
        importance_table(curve, mask),
        "Which choice matters most?",
        importance_sentence(importance(curve, mask)),
        "Every choice and option",
        note=IMPORTANCE_NOTE,
    )


def _labels_of(curve: Curve) -> list[str]:
    """Labels that some of the analyses have, the best first."""
    return [name for name in STANDINGS if curve.among((name,)).any()]


def _usual(there: Sequence[str]) -> str:
    """The last label that is shown unless a reader wants another."""
    return [name for name in there if name != "non_equivalent" or len(there) == 1][-1]


def shown_with(curve: Curve, show: str = "") -> tuple[str, ...]:
    """The labels shown when ``show`` is the last of them."""
    there = _labels_of(curve)
    return tuple(there[: there.index(show or _usual(there)) + 1]) if there else ()


@cached
def labels_explained(base: EvidenceBase, view: View) -> tuple[tuple[str, str], ...]:
    """Each label, and what it means and what its analyses say."""
    curve = curve_of(base, view)
    return tuple(
        (
            LABEL_NAMES[name],
            f"{LABELS_EXPLAINED[name]} {share_sentence(name, curve.share(curve.among((name,))))}",
        )
        for name in STANDINGS
    )


@dataclass(frozen=True, slots=True)
class Described:
    """One analysis in words: its effect, label, number of trials, choices and reasons."""

    effect: str
    label: str
    trials: str
    differs: tuple[tuple[str, str], ...]
    reasons: str


def described(curve: Curve, place: int) -> Described:
    """The analysis at one place of the curve."""
    return Described(
        f"g {effect_of(curve, place)}",
        LABEL_NAMES[STANDINGS[curve.standing[place]]],
        tables.count(int(curve.k[place])),
        tuple(specification_words(curve, place)),
        "; ".join(curve.reasons(place)),
    )


def effect_of(curve: Curve, place: int) -> str:
    """The effect of one analysis with its interval."""
    return tables.estimate_with_interval(
        curve.estimate[place], curve.ci_lower[place], curve.ci_upper[place]
    )


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
        if curve.too_few:
            return (
                "Every way to analyse this leaves fewer than three trials, which are too few to "
                "pool, so there is nothing to set beside another."
            )
        return "Nothing can be pooled here, so there is nothing to analyse in another way."
    said = share_sentence("equivalent", curve.share(curve.among(("equivalent",))))
    return f"{said} {left_out_sentence(curve)}".strip()


def left_out_sentence(curve: Curve) -> str:
    """How many analyses are not shown because they leave one or two trials; empty for none."""
    if not curve.too_few:
        return ""
    one = curve.too_few == 1
    return (
        f"{tables.count(curve.too_few)} more {'leaves' if one else 'leave'} one or two trials, too "
        f"few to pool, and {'is' if one else 'are'} left out."
    )


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
            "g (95% CI)": effect_of(curve, place),
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


def text_alternative(curve: Curve, mask: Mask) -> str:
    """What the figure shows, in words."""
    count = int(mask.sum())
    if not count:
        return "A specification curve without any analysis."
    shares = [
        share_sentence(name, curve.share(mask & curve.among((name,))))
        for name in STANDINGS
        if (mask & curve.among((name,))).any()
    ]
    said = f"Specification curve of {tables.count(count)} analyses. {' '.join(shares)}"
    return f"{said} {left_out_sentence(curve)}".strip()


def option_name(factor: str, option: str) -> str:
    """Name one option; a number or an estimator that has no other name stands for itself."""
    return _OPTIONS.get((factor, option), option)


def specification_words(curve: Curve, place: int) -> list[tuple[str, str]]:
    """Name the choices of one specification that are not the page's own."""
    return [
        (FACTOR_NAMES[factor.id], option_name(factor.id, factor.options[code].id))
        for factor, code in zip(curve.factors, curve.codes[place], strict=True)
        if code
    ]


@dataclass(frozen=True, slots=True)
class Address:
    """The query of the Condition page that shows a specification, as far as it can.

    ``missing`` names the choices that the page does not offer; when there is any, it shows
    something else.
    """

    query: Query
    missing: tuple[str, ...]


def address_of(curve: Curve, place: int, current: Mapping[str, list[str]]) -> Address:
    """Turn a specification into the query of the Condition page.

    ``current`` is the query of the page that asks: its condition, comparison and filters hold.
    """
    query = {name: list(texts) for name, texts in current.items() if name not in OWN_MODEL}
    missing = []
    for factor, code in zip(curve.factors, curve.codes[place], strict=True):
        option = factor.options[code].id
        if factor.id == "rho":
            query["rho"] = [option]
        elif code:
            wanted = CHOICES.get((factor.id, option))
            if wanted is None:
                name = FACTOR_NAMES[factor.id].lower()
                missing.append(f"{name}: {option_name(factor.id, option)}")
            else:
                query |= wanted
    return Address(query, tuple(missing))
