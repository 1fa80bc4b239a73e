"""An estimate as people and as points: sentences and a table that follow the reader's choices."""

from __future__ import annotations

import pandas as pd

from ipt_evidence.analyses.clinical_units.result import (
    LEAST,
    AssumedRate,
    Instrument,
    assumed_rate,
    hundred,
    instruments_for,
    restated,
)
from ipt_evidence.analyses.panel import Detail, Number, Option, Panel
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.meta_analysis.clinical_units import Carried, ClinicalUnits, NumberNeeded
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import comparison_words, counted

__all__ = [
    "LEAST",
    "TOO_FEW",
    "curves_options",
    "curves_panel",
    "distributions_alternative",
    "labels_of_arms",
    "people_options",
    "people_panel",
    "people_sentence",
    "points_sentence",
    "rate_basis",
    "usual_share",
]

EXAMPLE = 30.0  # percent who do well, where no trial tells
TOO_FEW = "There are too few trials: an effect of fewer than three is not turned into people."

HOW_TO_READ_PEOPLE = (
    "Each dot is one of a hundred people. Grey dots do well with or without the treatment. Full "
    "coloured dots do well because of it even at the lower end of the interval; pale ones with a "
    "ring do well because of it if the effect is as large as its upper end says. Open dots do not "
    "do well. Crosses would do well without the treatment and not with it.\n\n"
    "How many do well with the comparison is your assumption (the slider). The effect is turned "
    "into people as Furukawa & Leucht (2011, doi:10.1371/journal.pone.0019070) do, which takes the "
    "outcome to be normally distributed and equally spread in both groups."
)
HOW_TO_READ_CURVES = (
    "Two groups of people as bell curves, the one with the treatment as far to the right as the "
    "effect is large. The shaded part is what they share: most people of one group do as well as "
    "people of the other. An average difference is not a promise to one person."
)


def usual_share(base: EvidenceBase, view: View) -> float:
    """How many of 100 do well with the comparison, as trials counted them, or for example."""
    rate = assumed_rate(base, view.question)
    return EXAMPLE if rate is None else float(rate.percent)


def people_options(base: EvidenceBase, view: View) -> tuple[Number]:
    """How many people do well with the comparison."""
    label, start = "People of 100 who do well with the comparison", usual_share(base, view)
    return (Number("share", label, 1.0, 90.0, default=start, step=1.0),)


def curves_options(base: EvidenceBase, view: View) -> tuple[Number | Option, ...]:
    """The same, and the instrument whose points are shown, where one is known."""
    known = {name: one.label for name, one in instruments_for(base, view).items()}
    instrument = Option("instrument", "Points of which instrument", known, listed=True)
    return (*people_options(base, view), *((instrument,) if known else ()))


@cached
def people_panel(base: EvidenceBase, view: View, share: float | None = None) -> Panel:
    """People of a hundred, when ``share`` of them do well with the comparison."""
    answer = estimate_of(base, view)
    share = usual_share(base, view) if share is None else share
    units = restated(answer, share / 100, None)
    if units is None or answer.k < LEAST:
        return Panel((TOO_FEW,), drawn=False)
    sentence = people_sentence(units, share / 100, str(view.question.comparison))
    return Panel(
        (sentence,),
        units_table(answer, units, None),
        text_alternative=sentence,
        how_to_read=HOW_TO_READ_PEOPLE,
    )


@cached
def curves_panel(
    base: EvidenceBase, view: View, share: float | None = None, instrument: str | None = None
) -> Panel:
    """Two bell curves, points of ``instrument``, and every restatement as a table."""
    answer = estimate_of(base, view)
    chosen = instruments_for(base, view).get(instrument or "")
    share = usual_share(base, view) if share is None else share
    plain, units = restated(answer, None, None), restated(answer, share / 100, chosen)
    if plain is None or units is None or answer.k < LEAST:
        return Panel((TOO_FEW,), drawn=False)
    points = points_sentence(units, chosen)
    return Panel(
        (points,) if points else (),
        units_table(answer, plain, None),
        text_alternative=_curves_alternative(answer, plain),
        how_to_read=HOW_TO_READ_CURVES,
        details=(Detail("units", units_table(answer, units, chosen)),),
    )


def labels_of_arms(comparison: str) -> tuple[str, str]:
    """Headings of the two groups of people: the comparison first."""
    words = comparison_words(comparison)
    return f"With {words.comparator}", f"With {words.treatment}"


def _curves_alternative(answer: Estimate, units: ClinicalUnits) -> str:
    """What the two bell curves show, in words."""
    pooled = answer.pooled
    if pooled is None:
        return ""
    return distributions_alternative(
        pooled.estimate,
        pooled.ci_lower,
        pooled.ci_upper,
        tables.percent(units.overlap.estimate),
        tables.percent(units.u3.estimate),
    )


def distributions_alternative(
    g: float, lower: float | None, upper: float | None, shared: str, better: str
) -> str:
    """What the figure shows, in words.

    ``shared`` and ``better`` are the overlap and U3 as printed.
    """
    side = "right" if g > 0 else "left"
    place = (
        "exactly on the curve of the comparison group"
        if round(g, 2) == 0
        else f"{tables.effect(abs(g))} standard deviations to the {side} of the comparison group's"
    )
    ends = "" if lower is None else f" Its interval runs from {tables.interval(lower, upper)}."
    return (
        f"Two bell curves of equal width. The curve of the IPT group lies {place}.{ends} Both "
        f"curves share {shared}; the average person with IPT is better off than {better} of the "
        "comparison group."
    )


def rate_basis(rate: AssumedRate | None) -> str:
    """Where the slider starts, and why there."""
    if rate is None:
        return (
            "No trial of this comparison counted people who did well, so the slider starts at 30%, "
            "which is only an example: set what you expect."
        )
    where = "of this condition" if rate.scope == "condition" else "of any condition"
    ends = ""
    if rate.trials > 1:
        ends = (
            f" (from {tables.percent(100 * rate.lowest)} to {tables.percent(100 * rate.highest)})"
        )
    number = counted(rate.trials)
    return (
        f"The slider starts at {rate.percent}%: the median of the comparison "
        f"arms that responded or recovered in {number} {where}{ends}."
    )


def people_sentence(units: ClinicalUnits, rate: float, comparison: str) -> str:
    """The benefit per hundred people and the number needed to treat, interval carried through."""
    needed = units.nnt_furukawa
    if needed is None:
        return ""
    words = comparison_words(comparison)
    people = hundred(100 * rate, needed.per_100)
    more, lower, upper = people.more
    word = "more" if more >= 0 else "fewer"
    return (
        f"If {people.untreated} of 100 people do well with {words.comparator}, {people.treated} do "
        f"with {words.treatment}: {abs(more)} {word} (difference "
        f"{tables.interval(lower, upper, 0)}). {_needed(needed)}"
    )


def _needed(needed: NumberNeeded) -> str:
    if needed.nnt is None:
        return "Nobody more does well."
    if needed.through_infinity:
        return (
            "The interval holds no difference, so no number needed to treat can be given with "
            "confidence."
        )
    ends = sorted(abs(end) for end in (needed.nnt_at_lower, needed.nnt_at_upper) if end is not None)
    shown = " to ".join(tables.effect(end, 0) for end in ends)
    kind = "treated" if needed.nnt > 0 else "treated for one more to do worse"
    if needed.nnt < 0:
        return f"One more does worse for every {tables.effect(-needed.nnt, 0)} {kind} ({shown})."
    return (
        f"About {tables.effect(needed.nnt, 0)} people ({shown}) have to be treated for one more "
        "to do well."
    )


def points_sentence(units: ClinicalUnits, instrument: Instrument | None) -> str:
    """The effect on an instrument, with the spread that it rests on."""
    if instrument is None or units.points is None:
        return ""
    points = units.points
    better = "lower" if points.estimate >= 0 else "higher"
    size = tables.effect(abs(points.estimate), 1)
    return (
        f"On the {instrument.label} the average person scores {size} points {better} "
        f"(benefit {tables.interval(points.lower, points.upper, 1)}), taking a standard "
        f"deviation of {tables.effect(instrument.sd, 1)} points "
        f"({instrument.basis[0].lower()}{instrument.basis[1:]})."
    )


def units_table(
    answer: Estimate, units: ClinicalUnits, instrument: Instrument | None
) -> pd.DataFrame:
    """Every restatement with its interval and its meaning."""
    pooled = answer.pooled
    rows = []
    if pooled is not None:
        rows.append(
            ("Hedges g", tables.effect(pooled.estimate),
             tables.interval(pooled.ci_lower, pooled.ci_upper),
             "Difference between the groups in standard deviations.")
        )  # fmt: skip
    if instrument is not None and units.points is not None:
        rows.append(
            (f"Points on the {instrument.label}", tables.effect(units.points.estimate, 1),
             tables.interval(units.points.lower, units.points.upper, 1),
             "g times the standard deviation; above 0 is benefit.")
        )  # fmt: skip
    rows += [
        _share("Chance of doing better", units.superiority,
               "One person of each group picked at random: how often the treated one does better."),
        _share("Better than the average untreated (U3)", units.u3,
               "Share of the comparison group that does worse than the average treated person."),
        _share("Overlap", units.overlap, "What the two groups have in common."),
    ]  # fmt: skip
    if units.nnt_furukawa is not None:
        rows.append(_count("Number needed to treat", units.nnt_furukawa,
                           "From the share that you set; Furukawa & Leucht 2011."))  # fmt: skip
    rows.append(_count("Number needed to treat, without a share", units.nnt_kraemer_kupfer,
                       "Needs no share; Kraemer & Kupfer 2006."))  # fmt: skip
    return pd.DataFrame(rows, columns=["Unit", "Estimate", "95% CI", "What it means"])


def _share(name: str, value: Carried, meaning: str) -> tuple[str, str, str, str]:
    ends = f"{tables.percent(value.lower)} to {tables.percent(value.upper)}"
    return name, tables.percent(value.estimate), ends, meaning


def _count(name: str, needed: NumberNeeded, meaning: str) -> tuple[str, str, str, str]:
    shown = "none" if needed.nnt is None else tables.effect(needed.nnt, 1)
    if needed.through_infinity:
        return name, shown, "goes through infinity", f"{meaning} The interval holds no difference."
    ends = sorted(end for end in (needed.nnt_at_lower, needed.nnt_at_upper) if end is not None)
    return name, shown, " to ".join(tables.effect(end, 1) for end in ends), meaning
