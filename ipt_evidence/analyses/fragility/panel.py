"""Fragility in words: one sentence by rules, and what it would take to change the conclusion.

The sentence asks the same of each check: does the conclusion stay? The conclusion is what the
interval allows: IPT did better, IPT did worse, or the matter is open.

single trials   it stays when no trial changes, by its absence, whether the interval excludes 0
choices         it stays in the equivalent specifications whose interval says the same; how many of
                the uncertain ones do is said too, but decides nothing
small studies   it stays in the corrections whose interval says the same

"Held up" is said when it stays everywhere, "leans on choices" when it stays without any one trial
but not everywhere, "hangs on single trials" when the absence of one is enough. An open matter that
stays open has not held up: nothing was found.
"""

from __future__ import annotations

from dataclasses import dataclass

from ipt_evidence.analyses.fragility.result import Fragility
from ipt_evidence.analyses.multiverse.result import Share
from ipt_evidence.wording import tables
from ipt_evidence.wording.sentences import COMPARISON_WORDS, spell

__all__ = ["conclusion", "fragility_sentence", "outlook"]


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
    words = COMPARISON_WORDS[comparison]
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
    """How much the conclusion hangs on, in one sentence."""
    if found.k == 0:
        return "Nothing was pooled, so there is no conclusion that could be fragile."
    if found.k == 1:
        return "There is one trial: the conclusion is that trial's, and the next one may change it."
    if found.k == 2:
        return (
            "There are two trials: without either of them only one is left, so the conclusion "
            "hangs on both."
        )
    checks = _checks(found)
    stays = [_share(check) for check in checks[1:]]
    left = found.leave_one_out
    changing = () if left is None else left.changing
    if not changing:
        stays.insert(0, "without any single trial")
    stays += _uncertain(found)
    kept = f"it stays so {_listed(stays)}" if stays else ""
    if conclusion(found.ci_lower or 0.0, found.ci_upper or 0.0) == "unclear":
        words = COMPARISON_WORDS[comparison]
        lead = f"Whether {words.treatment} does better or worse than {words.comparator} is open"
        turn = f", but it would look settled without {_names(changing)}" if changing else ""
        return f"{lead}{turn}{'; ' if changing else ': '}{kept}."
    claim = _claim(found, comparison)
    if changing:
        return f"{claim} hangs on single trials: it is gone without {_names(changing)}; {kept}."
    whole = all(check.stays == check.of for check in checks)
    return f"{claim} {'held up here' if whole else 'leans on choices'}: {kept}."


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


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
    bound = tables.effect(found.smallest_worthwhile)
    parts = []
    if found.new_trial_worthwhile is not None:
        chances = tables.percent(found.new_trial_worthwhile)
        parts.append(
            f"The true effect in a new, similar trial is above {bound} with a chance of about "
            f"{chances} by the prediction interval, and of "
            f"{tables.percent(found.new_trial_worthwhile_bayes)} by a Bayesian model, which allows "
            "for not knowing how much trials differ."
        )
    parts += [_nulls(found, bound), _next(found)]
    return " ".join(part for part in parts if part)


def _nulls(found: Fragility, bound: str) -> str:
    nulls = found.null_trials
    if nulls is None or (nulls.significance is None and nulls.worthwhile is None):
        return ""
    size = "" if nulls.people is None else f" ({tables.count(nulls.people)} people)"
    said = []
    if nulls.worthwhile is not None and nulls.worthwhile <= nulls.tried:
        trials, find = ("trial", "finds") if nulls.worthwhile == 1 else ("trials", "find")
        said.append(
            f"It would take {spell(nulls.worthwhile)} further {trials} of median size{size} that "
            f"{find} exactly nothing to bring the effect below {bound}."
        )
    if nulls.significance is not None and nulls.significance <= nulls.tried:
        said.append(
            f"From {spell(nulls.significance)} such "
            f"{'trial' if nulls.significance == 1 else 'trials'} on, the interval would hold no "
            "effect."
        )
    elif nulls.significance is not None:
        said.append(
            f"Not even {tables.count(nulls.tried)} such trials would take the interval across no "
            "effect: many trials that find nothing also narrow it."
        )
    return " ".join(said)


def _next(found: Fragility) -> str:
    trial = found.next_trial
    if trial is None:
        return ""
    sees = "no effect" if trial.significant_now else f"g {tables.effect(trial.observed)}"
    change = "hold no effect" if trial.significant_now else "exclude no effect"
    if trial.people is None:
        return (
            f"No single new trial that finds {sees}, however large, would make the interval "
            f"{change}."
        )
    return (
        f"One new trial of {tables.count(trial.people)} people that finds {sees} would make the "
        f"interval {change}."
    )
