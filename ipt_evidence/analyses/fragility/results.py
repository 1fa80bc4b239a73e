"""What is gathered about the fragility of an estimate."""

from __future__ import annotations

from dataclasses import dataclass

from ipt_evidence.analyses.alternative import Alternative
from ipt_evidence.analyses.multiverse.result import Share

__all__ = ["Fragility", "LeaveOneOut", "NextTrialSize", "NullTrials", "SubsetRange"]

MOST_NULL_TRIALS = 1000  # that are tried: beyond, a number would mean nothing


@dataclass(frozen=True, slots=True)
class LeaveOneOut:
    """The pooled effect without each trial in turn.

    ``lowest_without`` and ``highest_without`` name the trials whose absence gives the ends of the
    range; ``changing`` those without which the interval holds 0 where it did not, or the other
    way round.
    """

    lowest: float
    highest: float
    lowest_without: str
    highest_without: str
    changing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SubsetRange:
    """Pooled effects of subsets of two or more trials (GOSH): the middle 95%, and how many.

    ``positive`` is the percent of subsets with an effect above 0. ``exhaustive`` is False when the
    subsets are a random sample, drawn with a fixed seed.
    """

    count: int
    exhaustive: bool
    lower: float
    upper: float
    positive: float


@dataclass(frozen=True, slots=True)
class NullTrials:
    """How many further trials of median size without any effect it takes.

    ``significance`` until the interval holds 0, ``worthwhile`` until the effect is smaller than
    the smallest worthwhile one; None where the result is on the other side already, and more
    than ``tried`` where not even that many do. ``people`` is the median size of a trial.
    The further trials find exactly nothing, without any scatter: an idealisation, under which many
    of them also narrow the interval, so that often no number takes it across 0.
    """

    significance: int | None
    worthwhile: int | None
    people: int | None
    tried: int = MOST_NULL_TRIALS


@dataclass(frozen=True, slots=True)
class NextTrialSize:
    """The smallest next trial that would change whether the interval excludes 0.

    ``observed`` is the effect that this trial is imagined to find: none when the interval excludes
    0 now, else the smallest worthwhile one. ``people`` is None when no single trial of up to
    200,000 people would do.
    """

    significant_now: bool
    observed: float
    people: int | None


@dataclass(frozen=True)
class Fragility:
    """All that shows how much a conclusion depends on; effects in g, positive favours IPT.

    Attributes
    ----------
    k
        Trials; with fewer than two most fields are None.
    estimate, ci_lower, ci_upper
        The pooled effect of the page; None for k = 0.
    smallest_worthwhile
        The smallest effect worth having, in g.
    prediction
        Prediction interval, from three trials on.
    new_trial_worthwhile
        Percent chance that the true effect in a new, similar trial exceeds the smallest
        worthwhile one, from the distribution behind the prediction interval (t, k - 1).
    new_trial_worthwhile_bayes
        The same from a Bayesian model (flat prior for the mean, half-normal(0.5) for tau).
    leave_one_out, subsets
        See their classes; None below two trials.
    null_trials, next_trial
        See their classes; None below three trials.
    specifications
        Of the equivalent and the uncertain specifications of the multiverse.
    equivalent
        Of the equivalent ones alone.
    corrections
        Trim-and-fill, PET-PEESE, selection model and limit meta-analysis; their ``estimate`` is
        None, with a note, below ten trials.
    """

    k: int
    estimate: float | None
    ci_lower: float | None
    ci_upper: float | None
    smallest_worthwhile: float
    prediction: tuple[float, float] | None = None
    new_trial_worthwhile: float | None = None
    new_trial_worthwhile_bayes: float | None = None
    leave_one_out: LeaveOneOut | None = None
    subsets: SubsetRange | None = None
    specifications: Share | None = None
    equivalent: Share | None = None
    corrections: tuple[Alternative, ...] = ()
    null_trials: NullTrials | None = None
    next_trial: NextTrialSize | None = None

    @property
    def corrected_range(self) -> tuple[float, float] | None:
        """Lowest and highest effect after correction for small studies."""
        values = [c.estimate for c in self.corrections if c.estimate is not None]
        return (min(values), max(values)) if values else None
