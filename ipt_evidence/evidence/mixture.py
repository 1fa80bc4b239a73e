"""Which narrower conditions stand behind an estimate: what a broad question mixes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate

__all__ = ["Mixture", "mixture"]


@dataclass(frozen=True, slots=True)
class Mixture:
    """The conditions of the trials of an estimate, beside the one that was asked for.

    Attributes
    ----------
    parts
        Id of each narrower condition and the number of trials in it, most first. A trial may be in
        several.
    others
        The same of the conditions of other rows of the map under which trials are counted, too.
    rest
        Trials that are in none of them.
    k
        Trials of the estimate.
    """

    parts: tuple[tuple[str, int], ...]
    others: tuple[tuple[str, int], ...]
    rest: int
    k: int

    @property
    def mixed(self) -> bool:
        """Whether the trials are not all of the same narrower conditions."""
        return any(count < self.k for _, count in self.parts)


def mixture(base: EvidenceBase, answer: Estimate) -> Mixture:
    """What the trials of ``answer`` are about; nothing where no condition was asked for."""
    condition = answer.selection.question.condition
    if condition is None:
        return Mixture((), (), 0, answer.k)
    children = base.taxonomy.children(condition)
    lineage = base.taxonomy.with_parents((condition,))
    others = [one for one in base.taxonomy.top_level if one not in lineage]
    tags = list(answer.selection.effects.drop_duplicates("study_id")["conditions_all"])
    return Mixture(
        _counted(children, tags),
        _counted(others, tags),
        sum(set(own).isdisjoint(children) for own in tags),
        len(tags),
    )


def _counted(
    conditions: Sequence[str], tags: Sequence[Sequence[str]]
) -> tuple[tuple[str, int], ...]:
    counts = [(one, sum(one in own for own in tags)) for one in conditions]
    return tuple(sorted(((one, n) for one, n in counts if n), key=lambda part: -part[1]))
