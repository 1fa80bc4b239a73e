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
from ipt_evidence.errors import QuestionError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.magnitude import SMALLEST_WORTHWHILE

__all__ = ["DOMAINS", "JUDGEMENTS", "LEVELS", "Certainty", "Domain", "Override", "assess"]

LEVELS = ("very_low", "low", "moderate", "high")
RANDOMISED_START, OTHER_START = 3, 1  # places in LEVELS: trials start high, other designs low


@dataclass(frozen=True, slots=True)
class Override:
    """A reader's own judgement of one domain, 0, -1 or -2, and why."""

    judgement: int
    note: str


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
    smallest_worthwhile
        The smallest effect worth having that the rules used, in units of g.
    """

    level: str | None
    domains: tuple[Domain, ...]
    start: str | None
    smallest_worthwhile: float

    @property
    def overridden(self) -> bool:
        """True when a reader's judgement stands in for a rule's."""
        return any(domain.note for domain in self.domains)


def assess(
    base: EvidenceBase,
    estimate: Estimate,
    *,
    smallest_worthwhile: float = SMALLEST_WORTHWHILE,
    overrides: Mapping[str, Override] | None = None,
) -> Certainty:
    """Suggest how sure one can be of an estimate.

    Parameters
    ----------
    base
        The evidence base of the estimate.
    estimate
        Any estimate, also of one trial or of none.
    smallest_worthwhile
        Effects between minus this and this count as too small to matter, in units of g.
    overrides
        Judgements of a reader by domain id. One without a note is not taken: a judgement needs
        its reason.

    Raises
    ------
    QuestionError
        For a domain or a judgement that does not exist, or a smallest worthwhile effect that is
        not above 0.
    """
    if not smallest_worthwhile > 0.0:
        raise QuestionError(f"a smallest worthwhile effect of {smallest_worthwhile!r} is not > 0")
    if estimate.pooled is None:
        return Certainty(None, (), None, smallest_worthwhile)
    grounds = Grounds.of(base, estimate, estimate.pooled, smallest_worthwhile)
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
    return Certainty(LEVELS[level], domains, LEVELS[start], smallest_worthwhile)


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
