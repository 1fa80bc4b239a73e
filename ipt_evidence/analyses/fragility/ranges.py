"""The ranges behind the fragility of an estimate: for its figure, in words, and as a table."""

from __future__ import annotations

import pandas as pd

from ipt_evidence.analyses.fragility.result import Fragility
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import upper_first

__all__ = ["HOW_TO_READ", "fragility_table", "ranges_frame", "ranges_twin"]

HOW_TO_READ = (
    "Each line shows how far the pooled effect moves when something is changed. The top line is "
    "the estimate of this page with its confidence interval. A line that stays on one side of the "
    "shaded band (too small to matter) shows a change on which the conclusion does not hang.\n\n"
    "- **Without one trial**: the estimate with each trial left out in turn.\n"
    "- **Subsets of trials**: the middle 95% of the estimates from subsets of the trials.\n"
    "- **Equivalent analyses**: from the lowest to the highest estimate of analyses that nobody "
    "could call worse than this one.\n"
    "- **Also uncertain analyses**: the same with analyses that may be worse or that ask, in "
    "part, another question.\n"
    "- **Corrected for small studies**: from the lowest to the highest estimate of four ways to "
    "allow for small trials with poor results that may be missing.\n"
    "- **A new trial**: where the true effect of a new, similar trial may lie. This line is about "
    "trials, not about the average."
)


def ranges_frame(found: Fragility) -> pd.DataFrame:
    """The lines of the figure: id, label, lower, upper, estimate (where there is one), detail."""
    rows: list[tuple[str, str, float, float, float | None, str]] = []
    if found.estimate is None or found.ci_lower is None or found.ci_upper is None:
        return pd.DataFrame(columns=["id", "label", "lower", "upper", "estimate", "detail"])
    interval = (found.ci_lower, found.ci_upper, found.estimate)
    rows.append(("page", "This page", *interval, f"{_trials(found.k)}, 95% CI"))
    if found.leave_one_out is not None:
        left = found.leave_one_out
        detail = f"lowest without {left.lowest_without}, highest without {left.highest_without}"
        rows.append(("leave_one_out", "Without one trial", left.lowest, left.highest, None, detail))
    if found.subsets is not None and found.k > 2:
        subsets = found.subsets
        drawn = "all" if subsets.exhaustive else "a random sample of"
        detail = f"middle 95% of {drawn} {tables.count(subsets.count)} subsets"
        rows.append(("subsets", "Subsets of trials", subsets.lower, subsets.upper, None, detail))
    for name, label, share in (
        ("equivalent", "Equivalent analyses", found.equivalent),
        ("specifications", "Also uncertain analyses", found.specifications),
    ):
        if share is not None and share.lowest is not None and share.highest is not None:
            count, sets = tables.count(share.count), tables.count(share.samples)
            detail = f"{count} analyses, {sets} sets of numbers"
            rows.append((name, label, share.lowest, share.highest, share.median, detail))
    if found.corrected_range is not None:
        names = {
            "trim_and_fill": "trim and fill", "pet_peese": "PET-PEESE",
            "selection": "selection model", "limit": "limit meta-analysis",
        }  # fmt: skip
        detail = ", ".join(
            f"{names[c.id]} {tables.effect(c.estimate)}"
            for c in found.corrections
            if c.estimate is not None
        )
        rows.append(
            ("corrected", "Corrected for small studies", *found.corrected_range, None, detail)
        )
    if found.prediction is not None:
        rows.append(("new", "A new trial", *found.prediction, None, "95% prediction interval"))
    return pd.DataFrame(rows, columns=["id", "label", "lower", "upper", "estimate", "detail"])


def _trials(number: int) -> str:
    return f"{tables.count(number)} trial{'' if number == 1 else 's'}"


def ranges_twin(found: Fragility) -> str:
    """What the figure shows, in words."""
    frame = ranges_frame(found)
    if frame.empty:
        return "Nothing was pooled, so there is no range to show."
    bound = tables.effect(found.smallest_worthwhile)
    parts = [
        f"{row['label']}: {tables.interval(row['lower'], row['upper'])} ({row['detail']})"
        for _, row in frame.iterrows()
    ]
    return (
        f"How far the effect moves. {'; '.join(parts)}. Effects of less than {bound} on either "
        "side are shaded as too small to matter."
    )


def fragility_table(found: Fragility) -> pd.DataFrame:
    """Every number of the card as text: what was asked, the answer, and what it rests on."""
    rows = [
        (upper_first(row["label"]), tables.interval(row["lower"], row["upper"]), row["detail"])
        for _, row in ranges_frame(found).iterrows()
    ]
    bound = tables.effect(found.smallest_worthwhile)
    if found.new_trial_worthwhile is not None:
        bayes = tables.percent(found.new_trial_worthwhile_bayes)
        rows.append(
            (
                f"Chance that a new trial's true effect is above {bound}",
                tables.percent(found.new_trial_worthwhile),
                f"from the prediction interval; {bayes} in a Bayesian model",
            )
        )
    for name, share in (("Equivalent", found.equivalent), ("Also uncertain", found.specifications)):
        if share is not None and share.count:
            count, sets = tables.count(share.count), tables.count(share.samples)
            rows.append(
                (
                    f"{name} analyses with an interval above 0, and below 0",
                    f"{tables.count(share.above)}, and {tables.count(share.below)}, of {count}",
                    f"{sets} different sets of numbers",
                )
            )
    if found.leave_one_out is not None:
        names = found.leave_one_out.changing
        rows.append(
            (
                "Trials without which the conclusion changes",
                f"{len(names)} of {found.k}",
                ", ".join(names) or "the interval stays on its side of 0",
            )
        )
    if found.null_trials is not None:
        nulls = found.null_trials
        for name, value in (
            ("Null trials until the interval holds no effect", nulls.significance),
            (f"Null trials until the effect is below {bound}", nulls.worthwhile),
        ):
            if value is not None:
                shown = (
                    tables.count(value)
                    if value <= nulls.tried
                    else f"more than {tables.count(nulls.tried)}"
                )
                rows.append((name, shown, "each of median size, finding exactly nothing"))
    if found.next_trial is not None:
        trial = found.next_trial
        size, basis = "none", f"if it finds g {tables.effect(trial.observed)}"
        if trial.people is None:
            basis += "; not even 200,000 people would do"
        else:
            size = f"{tables.count(trial.people)} people"
        rows.append(("Size of a next trial that changes the conclusion", size, basis))
    return pd.DataFrame(rows, columns=["Question", "Answer", "Basis"])
