"""The main result of each study: what a table of studies shows in one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import estimate
from ipt_evidence.evidence.selection import Question

__all__ = ["MainResult", "main_results", "result_level"]


@dataclass(frozen=True, slots=True)
class MainResult:
    """The headline outcome of one study against one comparison; positive favours IPT.

    Several effects are combined as in an estimate. ``time`` is ``post``, or ``follow_up`` where
    nothing was measured at the end of treatment.
    """

    comparison: str
    comparator: str
    time: str
    yi: float
    ci_lower: float
    ci_upper: float

    @property
    def level(self) -> str:
        """The level of `facets.RESULTS`: what the interval allows."""
        return "ipt" if self.ci_lower > 0 else "comparison" if self.ci_upper < 0 else "unclear"


@cached
def main_results(base: EvidenceBase) -> Mapping[str, MainResult]:
    """The main result of each study that has one, by its id.

    Of several comparisons the first of the taxonomy counts, after treatment before follow-up.
    """
    found: dict[str, MainResult] = {}
    for time in ("post", "follow_up"):
        for comparison in base.taxonomy.comparisons:
            question = Question(None, comparison.id, time=time)
            # Of studies with the same people one is used at a time: ask again without those found.
            while True:
                trials = estimate(base, question.without(*found)).trials
                if trials.empty:
                    break
                for trial in trials.to_dict("records"):
                    found[str(trial["study_id"])] = MainResult(
                        comparison.id,
                        str(trial["comparator"] or ""),
                        time,
                        float(trial["yi"]),
                        float(trial["ci_lower"]),
                        float(trial["ci_upper"]),
                    )
    return found


def result_level(base: EvidenceBase, study_id: str) -> str:
    """The level of `facets.RESULTS` of a study."""
    main = main_results(base).get(study_id)
    return "none" if main is None else main.level
