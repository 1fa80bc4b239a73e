"""What belongs to a study, in words: claims about it, its other reports, who else reports it."""

from __future__ import annotations

from dataclasses import dataclass

from ipt_evidence.analyses.studies.related import Citing, Related
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import counted
from ipt_evidence.wording.sentences import verdict

__all__ = ["CitedIn", "cited_in", "kin", "places"]


@dataclass(frozen=True, slots=True)
class CitedIn:
    """One claim: its condition, what the article says there, and how the study comes into it."""

    claim: str
    condition: str
    statement: str
    role: str


def cited_in(base: EvidenceBase, found: Related) -> list[CitedIn]:
    """Claims of the article that cite a study or for which the audit names it instead."""
    return [
        CitedIn(
            claim=citing.claim.id,
            condition=base.taxonomy.condition(citing.claim.condition).label,
            statement=citing.claim.statement,
            role=_role(citing),
        )
        for citing in found.citing
    ]


def _role(citing: Citing) -> str:
    if citing.number is not None:
        said = verdict(citing.claim.verdict)
        return f"The article cites it here as reference {citing.number}. The audit: {said}."
    return "The article does not cite it; the audit names it as better evidence for this statement."


def kin(base: EvidenceBase, found: Related) -> list[tuple[str, tuple[str, ...]]]:
    """Groups of studies that belong to it: why, and their ids; nothing for none."""
    groups = (
        ("Some of the same people took part in", found.same_people),
        (f"Registered under the same number ({', '.join(found.registrations)})",
         found.same_registration),
        ("Published in the same report", found.same_report),
    )  # fmt: skip
    return [(words, studies) for words, studies in groups if studies]


def places(base: EvidenceBase, found: Related) -> list[tuple[str, str]]:
    """Where the study and its results were read: words and the address."""
    rows = []
    for source, address, number in found.sources:
        results = counted(number, "result") if number else "the study"
        label = base.sources[source].label if source in base.sources else tables.NOT_REPORTED
        rows.append((f"{label}: {results}", address))
    return rows
