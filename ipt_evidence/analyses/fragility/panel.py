"""Fragility in words: one sentence by rules, and what it would take to change the conclusion.

The sentence asks the same of each check: does the conclusion stay? The conclusion is what the
interval allows: IPT did better, IPT did worse, or the matter is open.

single trials   it stays when no trial changes, by its absence, whether the interval excludes 0
choices         it stays in the equivalent specifications whose interval says the same; how many of
                the uncertain ones do is said too, but decides nothing
small studies   it stays in the corrections whose interval says the same

"Held up" is said when it stays everywhere, "leans on choices" when it stays without any one trial
but not everywhere, "depends on single trials" when the absence of one is enough. An open matter
that stays open has not held up: nothing was found.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ipt_evidence.analyses.fragility.result import Fragility, fragility_of
from ipt_evidence.analyses.multiverse.result import Share, curve_of
from ipt_evidence.analyses.panel import Detail, Panel, Work
from ipt_evidence.analyses.small_studies.result import CORRECTIONS
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import TOO_FEW
from ipt_evidence.evidence.magnitude import SMALLEST_WORTHWHILE
from ipt_evidence.evidence.view import View
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import (
    comparison_words,
    listed,
    lower_first,
    numbered,
    spell,
    upper_first,
)

__all__ = [
    "conclusion",
    "fragility_sentence",
    "fragility_table",
    "outlook",
    "panel",
    "ranges_frame",
    "text_alternative",
    "title",
    "work",
]

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


def title(base: EvidenceBase, condition: str, comparison: str) -> str:
    """The question, like "Depression: does the answer on IPT against control hold up?"."""
    words = comparison_words(comparison)
    label = base.taxonomy.condition(condition).label
    return f"{label}: does the answer on {words.treatment} against {words.comparator} hold up?"


def work(base: EvidenceBase, view: View, **_: object) -> Work:
    """All specifications have to be fitted first."""
    return Work("Running every analysis", curve_of, (view,))


@cached
def panel(base: EvidenceBase, view: View, worth: float = SMALLEST_WORTHWHILE) -> Panel:
    """How much the conclusion of ``view`` depends on; ``worth`` as `result.fragility`."""
    found = fragility_of(base, view, worth)
    numbers = fragility_table(found)
    return Panel(
        (fragility_sentence(found, str(view.question.comparison)),),
        ranges_frame(found).drop(columns="id") if found.k > TOO_FEW else pd.DataFrame(),
        text_alternative(found) if found.k > TOO_FEW else "",
        HOW_TO_READ,
        (
            Detail("outlook", pd.DataFrame(), sentence=outlook(found)),
            Detail("fragility-numbers", numbers, fold="Every number behind this"),
        )
        if found.k > TOO_FEW
        else (),
        drawn=found.k > TOO_FEW,
    )


@dataclass(frozen=True, slots=True)
class _Check:
    """One check: in how many of how many it stays, and the words for both."""

    stays: int
    of: int
    words: str


def conclusion(lower: float, upper: float) -> str:
    """What an interval allows: "better", "worse" or "unclear"."""
    return "better" if lower > 0.0 else "worse" if upper < 0.0 else "unclear"


def _claim(found: Fragility, comparison: str) -> str:
    words = comparison_words(comparison)
    said = conclusion(found.ci_lower or 0.0, found.ci_upper or 0.0)
    return f"The finding that {words.treatment} did {said} than {words.comparator}"


def _agreeing(share: Share, said: str) -> int:
    unclear = share.count - share.above - share.below
    return {"better": share.above, "worse": share.below, "unclear": unclear}[said]


def _checks(found: Fragility) -> list[_Check]:
    said = conclusion(found.ci_lower or 0.0, found.ci_upper or 0.0)
    checks = []
    if found.leave_one_out is not None:
        changing = len(found.leave_one_out.changing)
        checks.append(_Check(found.k - changing, found.k, "left out in turn"))
    if found.equivalent is not None and found.equivalent.count:
        share = found.equivalent
        checks.append(_Check(_agreeing(share, said), share.count, "equivalent analyses"))
    fits = [c for c in found.corrections if c.ci_lower is not None and c.ci_upper is not None]
    if fits:
        same = sum(conclusion(c.ci_lower or 0.0, c.ci_upper or 0.0) == said for c in fits)
        checks.append(_Check(same, len(fits), "corrections for small-study effects"))
    return checks


def fragility_sentence(found: Fragility, comparison: str = "control") -> str:
    """How much the conclusion depends on, in one sentence."""
    if found.k == 0:
        return "Nothing was pooled, so there is no conclusion that could be fragile."
    if found.k == 1:
        return "There is one trial: the conclusion is that trial's, and the next one may change it."
    if found.k == 2:
        return (
            "There are two trials: without either of them only one is left, so the conclusion "
            "depends on both."
        )
    checks = _checks(found)
    left = found.leave_one_out
    stays = [_share(check) for check in checks[0 if left is None else 1 :]]
    changing = () if left is None else left.changing
    if left is not None and not changing:
        stays.insert(0, "without any single trial")
    stays += _uncertain(found)
    kept = f"it stays so {listed(stays)}" if stays else "nothing more could be tried"
    if conclusion(found.ci_lower or 0.0, found.ci_upper or 0.0) == "unclear":
        words = comparison_words(comparison)
        lead = f"Whether {words.treatment} does better or worse than {words.comparator} is open"
        turn = f", but it would look settled without {_names(changing)}" if changing else ""
        return f"{lead}{turn}{'; ' if changing else ': '}{kept}."
    claim = _claim(found, comparison)
    if changing:
        return f"{claim} depends on single trials: it is gone without {_names(changing)}; {kept}."
    whole = all(check.stays == check.of for check in checks)
    return f"{claim} {'held up here' if whole else 'leans on choices'}: {kept}."


def _names(labels: tuple[str, ...]) -> str:
    if len(labels) > 3:
        return f"any one of {spell(len(labels))} of the trials"
    return " or without ".join(labels)


def _uncertain(found: Fragility) -> list[str]:
    """The share of the uncertain specifications that agree."""
    whole, strict = found.specifications, found.equivalent
    if whole is None or strict is None or whole.count == strict.count:
        return []
    said = conclusion(found.ci_lower or 0.0, found.ci_upper or 0.0)
    count = whole.count - strict.count
    agree = _agreeing(whole, said) - _agreeing(strict, said)
    if agree == count:
        return [f"in all {tables.count(count)} uncertain ones"]
    return [f"in {_percent(agree, count)} of {tables.count(count)} uncertain ones"]


def _percent(part: int, whole: int) -> str:
    """A percentage that says 100% only of all, and 0% only of none."""
    share = 100.0 * part / whole
    if part < whole and share > 99.0:
        return "more than 99%"
    return "less than 1%" if part and share < 1.0 else tables.percent(share)


def _share(check: _Check) -> str:
    if check.stays == check.of:
        return f"in all {tables.count(check.of)} {check.words}"
    many = tables.count(check.stays) if check.stays else "none"
    return f"in {many} of {tables.count(check.of)} {check.words}"


def outlook(found: Fragility) -> str:
    """What a new trial may bring, and what it would take to change the conclusion."""
    if found.k < 3:
        return ""
    bound = tables.effect(found.smallest_of_interest)
    parts = []
    if found.new_trial_of_interest is not None:
        chances = tables.percent(found.new_trial_of_interest)
        parts.append(
            f"The true effect in a new, similar trial is above {bound} with a chance of about "
            f"{chances} by the prediction interval, and of "
            f"{tables.percent(found.new_trial_of_interest_bayes)} by a Bayesian model, which "
            "allows for not knowing how much trials differ."
        )
    parts += [_nulls(found, bound), _next(found)]
    return " ".join(part for part in parts if part)


def _nulls(found: Fragility, bound: str) -> str:
    nulls = found.null_trials
    if nulls is None or (nulls.significance is None and nulls.of_interest is None):
        return ""
    size = "" if nulls.people is None else f" ({tables.count(nulls.people)} people)"
    said = []
    if nulls.of_interest is not None and nulls.of_interest <= nulls.tried:
        trials, find = ("trial", "finds") if nulls.of_interest == 1 else ("trials", "find")
        said.append(
            f"It would take {spell(nulls.of_interest)} further {trials} of median size{size} that "
            f"{find} exactly nothing to bring the effect below {bound}."
        )
    if nulls.significance is not None and nulls.significance <= nulls.tried:
        said.append(
            f"From {spell(nulls.significance)} such "
            f"{'trial' if nulls.significance == 1 else 'trials'} on, the interval would include "
            "0."
        )
    elif nulls.significance is not None:
        said.append(
            f"Not even {tables.count(nulls.tried)} such trials would make the interval include 0: "
            "many trials that find nothing also narrow it."
        )
    return " ".join(said)


def _next(found: Fragility) -> str:
    trial = found.next_trial
    if trial is None:
        return ""
    sees = "no effect" if trial.significant_now else f"g {tables.effect(trial.observed)}"
    change = "include 0" if trial.significant_now else "exclude 0"
    if trial.people is None:
        return (
            f"No single new trial that finds {sees}, however large, would make the interval "
            f"{change}."
        )
    return (
        f"One new trial of {tables.count(trial.people)} people that finds {sees} would make the "
        f"interval {change}."
    )


def ranges_frame(found: Fragility) -> pd.DataFrame:
    """The lines of the figure: id, label, lower, upper, estimate (where there is one), detail."""
    rows: list[tuple[str, str, float, float, float | None, str]] = []
    if found.estimate is None or found.ci_lower is None or found.ci_upper is None:
        return pd.DataFrame(columns=["id", "label", "lower", "upper", "estimate", "detail"])
    interval = (found.ci_lower, found.ci_upper, found.estimate)
    rows.append(("page", "This page", *interval, f"{numbered(found.k, 'trial')}, 95% CI"))
    if found.leave_one_out is not None:
        left = found.leave_one_out
        detail = f"lowest without {left.lowest_without}, highest without {left.highest_without}"
        rows.append(("leave_one_out", "Without one trial", left.lowest, left.highest, None, detail))
    if found.subsets is not None:
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
        detail = ", ".join(
            f"{lower_first(CORRECTIONS[c.id].label)} {tables.effect(c.estimate)}"
            for c in found.corrections
            if c.estimate is not None
        )
        rows.append(
            ("corrected", "Corrected for small studies", *found.corrected_range, None, detail)
        )
    if found.prediction is not None:
        rows.append(("new", "A new trial", *found.prediction, None, "95% prediction interval"))
    return pd.DataFrame(rows, columns=["id", "label", "lower", "upper", "estimate", "detail"])


def text_alternative(found: Fragility) -> str:
    """What the figure shows, in words."""
    frame = ranges_frame(found)
    if frame.empty:
        return "Nothing was pooled, so there is no range to show."
    bound = tables.effect(found.smallest_of_interest)
    parts = [
        f"{row['label']}: {tables.interval(row['lower'], row['upper'])} ({row['detail']})"
        for _, row in frame.iterrows()
    ]
    return (
        f"How far the effect moves. {'; '.join(parts)}. Effects of less than {bound} on either "
        "side are shaded as too small to matter."
    )


_Row = tuple[str, str, str]  # question, answer, basis


def fragility_table(found: Fragility) -> pd.DataFrame:
    """Every number of the card as text: what was asked, the answer, and what it rests on."""
    rows: list[_Row] = [
        (upper_first(row["label"]), tables.interval(row["lower"], row["upper"]), row["detail"])
        for _, row in ranges_frame(found).iterrows()
    ]
    rows += [*_chances(found), *_shares(found)]
    if found.leave_one_out is not None:
        names = found.leave_one_out.changing
        rows.append(
            (
                "Trials without which the conclusion changes",
                f"{len(names)} of {found.k}",
                ", ".join(names) or "the interval stays on its side of 0",
            )
        )
    rows += _further_trials(found)
    return pd.DataFrame(rows, columns=["Question", "Answer", "Basis"])


def _chances(found: Fragility) -> list[_Row]:
    if found.new_trial_of_interest is None:
        return []
    bound = tables.effect(found.smallest_of_interest)
    bayes = tables.percent(found.new_trial_of_interest_bayes)
    return [
        (
            f"Chance that a new trial's true effect is above {bound}",
            tables.percent(found.new_trial_of_interest),
            f"from the prediction interval; {bayes} in a Bayesian model",
        )
    ]


def _shares(found: Fragility) -> list[_Row]:
    shares = (("Equivalent", found.equivalent), ("Also uncertain", found.specifications))
    return [
        (
            f"{name} analyses with an interval above 0, and below 0",
            f"{tables.count(share.above)}, and {tables.count(share.below)}, of "
            f"{tables.count(share.count)}",
            f"{tables.count(share.samples)} different sets of numbers",
        )
        for name, share in shares
        if share is not None and share.count
    ]


def _further_trials(found: Fragility) -> list[_Row]:
    """Trials without any effect, and one new trial, that would change the conclusion."""
    rows: list[_Row] = []
    if (nulls := found.null_trials) is not None:
        bound = tables.effect(found.smallest_of_interest)
        for name, value in (
            ("Null trials until the interval holds no effect", nulls.significance),
            (f"Null trials until the effect is below {bound}", nulls.of_interest),
        ):
            if value is not None:
                most = tables.count(nulls.tried)
                shown = tables.count(value) if value <= nulls.tried else f"more than {most}"
                rows.append((name, shown, "each of median size, finding exactly nothing"))
    if (trial := found.next_trial) is not None:
        size, basis = "none", f"if it finds g {tables.effect(trial.observed)}"
        if trial.people is None:
            basis += "; not even 200,000 people would do"
        else:
            size = f"{tables.count(trial.people)} people"
        rows.append(("Size of a next trial that changes the conclusion", size, basis))
    return rows
