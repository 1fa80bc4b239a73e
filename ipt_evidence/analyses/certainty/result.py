"""How sure can we be of an estimate? Five questions after GRADE, each answered by a stated rule.

GRADE is a judgement by people. The rules here only suggest one, from what the base knows, so that
it can be checked, argued with and changed: each domain shows its rule and its reason, and a reader
may put another judgement in its place, with a note. The domains and the way from them to a level
follow the GRADE guidelines (Guyatt, Oxman, Schünemann and others, Journal of Clinical Epidemiology,
from 2011); where GRADE leaves a line to be drawn the line is ours, and ``Domain.rule`` says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ipt_evidence.analyses.certainty.domains import (
    DOMAINS,
    JUDGEMENTS,
    Domain,
    Grounds,
    imprecision,
    inconsistency,
    indirectness,
    risk_of_bias,
    small_study_effects,
)
from ipt_evidence.analyses.clinical_units.result import (
    LEAST,
    AssumedRate,
    assumed_rate,
    restated,
)
from ipt_evidence.cache import cached
from ipt_evidence.errors import QuestionError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate, Model, estimate
from ipt_evidence.evidence.magnitude import SMALLEST_WORTHWHILE
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.meta_analysis.clinical_units import ClinicalUnits

__all__ = [
    "DOMAINS",
    "JUDGEMENTS",
    "LEVELS",
    "Cap",
    "Certainty",
    "Domain",
    "Finding",
    "Override",
    "assess",
    "certainty_of",
    "findings",
]

LEVELS = ("very_low", "low", "moderate", "high")
RANDOMISED_START, OTHER_START = 3, 1  # places in LEVELS: trials start high, other designs low
UNSEARCHED = "low"  # and no higher without a systematic search; a convention of ours


@dataclass(frozen=True, slots=True)
class Override:
    """A reader's own judgement of one domain, 0, -1 or -2, and why."""

    judgement: int
    note: str


@dataclass(frozen=True, slots=True)
class Cap:
    """A level that certainty does not exceed.

    ``id`` is ``search`` where no systematic search was made for the question, so that nobody knows
    which trials are missing, or ``part`` where a reader's filters took trials away: choosing among
    trials makes nothing more certain than all of them are. ``binding`` says whether the level
    would be higher without it.
    """

    id: str
    level: str
    binding: bool


@dataclass(frozen=True, slots=True)
class Certainty:
    """A suggested level of certainty and what it rests on.

    Attributes
    ----------
    level
        One of ``LEVELS``; None where nothing was pooled: no evidence is not very uncertain
        evidence.
    domains
        Risk of bias, inconsistency, indirectness, imprecision, small-study effects, in this
        order; empty where nothing was pooled.
    start
        Level before the domains take any away: high where randomised trials carry the estimate.
    smallest_effect
        The smallest effect of interest that the rules used, in units of g.
    caps
        What holds the level down, whatever the domains say; see `Cap`.
    """

    level: str | None
    domains: tuple[Domain, ...]
    start: str | None
    smallest_effect: float
    caps: tuple[Cap, ...] = ()

    @property
    def of_a_part(self) -> bool:
        """True when a reader's filters took trials away."""
        return any(cap.id == "part" for cap in self.caps)

    @property
    def overridden(self) -> bool:
        """True when a reader's judgement stands in for a rule's."""
        return any(domain.note for domain in self.domains)


@cached
def certainty_of(
    base: EvidenceBase,
    view: View,
    smallest_effect: float = SMALLEST_WORTHWHILE,
    own: tuple[tuple[str, Override], ...] = (),
) -> Certainty:
    """How sure one can be of the estimate of ``view``; ``own`` are a reader's judgements by id."""
    answer = estimate_of(base, view)
    return assess(base, answer, smallest_effect=smallest_effect, overrides=dict(own))


def assess(
    base: EvidenceBase,
    answer: Estimate,
    *,
    smallest_effect: float = SMALLEST_WORTHWHILE,
    overrides: Mapping[str, Override] | None = None,
) -> Certainty:
    """Suggest how sure one can be of an estimate.

    Parameters
    ----------
    base
        The evidence base of the estimate.
    answer
        Any estimate, also of one trial or of none.
    smallest_effect
        Effects between minus this and this count as too small to matter, in units of g.
    overrides
        Judgements of a reader by domain id. One without a note is not taken: a judgement needs
        its reason.

    Raises
    ------
    QuestionError
        For a domain or a judgement that does not exist, or a smallest effect of interest that is
        not above 0.
    """
    if not smallest_effect > 0.0:
        raise QuestionError(f"a smallest effect of interest of {smallest_effect!r} is not > 0")
    if answer.pooled is None:
        return Certainty(None, (), None, smallest_effect)
    grounds = Grounds.of(base, answer, answer.pooled, smallest_effect)
    suggested = (
        risk_of_bias(grounds),
        inconsistency(grounds),
        indirectness(grounds),
        imprecision(grounds),
        small_study_effects(grounds),
    )
    domains = _with_overrides(suggested, overrides or {})
    start = RANDOMISED_START if grounds.share(grounds.randomised) >= 50.0 else OTHER_START
    level = max(0, start + sum(domain.judgement for domain in domains))
    limits = _limits(base, answer, smallest_effect, overrides or {})
    caps = tuple(Cap(name, LEVELS[limit], limit < level) for name, limit in limits.items())
    held = min([level, *limits.values()])
    return Certainty(LEVELS[held], domains, LEVELS[start], smallest_effect, caps)


def _limits(
    base: EvidenceBase, answer: Estimate, smallest_effect: float, own: Mapping[str, Override]
) -> dict[str, int]:
    """Id of each cap with the place of its level in ``LEVELS``."""
    limits = {}
    question = answer.selection.question
    if not base.searched_systematically(question.condition, question.comparison):
        limits["search"] = LEVELS.index(UNSEARCHED)
    everything = View(question.whole, replace(answer.model, without_outliers=False))
    if everything != View(question, answer.model):
        whole = estimate_of(base, everything)
        if set(whole.trials["study_id"]) != set(answer.trials["study_id"]):
            level = assess(base, whole, smallest_effect=smallest_effect, overrides=own).level
            limits["part"] = LEVELS.index(str(level))
    return limits


def _with_overrides(
    suggested: tuple[Domain, ...], overrides: Mapping[str, Override]
) -> tuple[Domain, ...]:
    for name, override in overrides.items():
        if name not in DOMAINS or override.judgement not in JUDGEMENTS:
            raise QuestionError(
                f"no judgement {override.judgement!r} of {name!r}: domains are "
                f"{', '.join(DOMAINS)}, judgements 0, -1 and -2"
            )
    return tuple(
        replace(domain, judgement=own.judgement, note=own.note.strip())
        if (own := overrides.get(domain.id)) and own.note.strip()
        else domain
        for domain in suggested
    )


@dataclass(frozen=True)
class Finding:
    """One comparison of a condition: ``units`` is None where fewer than three trials were pooled.

    ``units.nnt_furukawa`` rests on ``rate`` and is None where no rate is known.
    """

    comparison: str
    estimate: Estimate
    certainty: Certainty
    rate: AssumedRate | None
    units: ClinicalUnits | None


@cached
def findings(
    base: EvidenceBase,
    condition: str,
    model: Model | None = None,
    *,
    filters: Question | None = None,
    smallest_effect: float = SMALLEST_WORTHWHILE,
    rate: float | None = None,
) -> tuple[Finding, ...]:
    """One finding for each comparison of a condition that has a study, in the taxonomy's order.

    Parameters
    ----------
    base, condition, model
        As `estimation.estimate`.
    filters
        A question whose filters (sources, risk of bias, ...) apply to every comparison.
    smallest_effect
        As `certainty.result.assess`.
    rate
        A share of the comparison arms that does well, to use instead of `assumed_rate`.

    Raises
    ------
    QuestionError
        When the base does not know the condition, or ``rate`` is not between 0 and 1.
    """
    if rate is not None and not 0.0 < rate < 1.0:
        raise QuestionError(f"a rate of {rate!r} is not a share between 0 and 1")
    found = []
    for comparison in base.taxonomy.comparisons:
        asked = replace(filters or Question(), condition=condition, comparison=comparison.id)
        answer = estimate(base, asked, model)
        if answer.selection.studies.empty:
            continue
        assumed = assumed_rate(base, asked)
        if rate is not None:
            assumed = AssumedRate(rate, 0, rate, rate, "reader")
        certainty = assess(base, answer, smallest_effect=smallest_effect)
        share = None if assumed is None else assumed.percent / 100.0
        units = restated(answer, share, None) if answer.k >= LEAST else None
        found.append(Finding(comparison.id, answer, certainty, assumed, units))
    return tuple(found)
