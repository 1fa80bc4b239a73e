"""What belongs to a study: its reports, other studies of the same people, reviews, claims."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ipt_evidence.citations.identifiers import registry_ids_in
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.claims import Claim
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import counted, verdict

__all__ = [
    "CitedIn",
    "Citing",
    "Related",
    "cited_in",
    "kin",
    "places",
    "registry_ids",
    "related",
]


@dataclass(frozen=True, slots=True)
class Citing:
    """A claim of the audited article that has to do with a study, and how.

    ``number`` is that of the article's reference; None where the study is not cited but named by
    the audit as better evidence. ``key`` is the report that is cited or named.
    """

    claim: Claim
    number: int | None
    key: str


@dataclass(frozen=True, slots=True)
class Related:
    """Everything that belongs to one study.

    ``reports`` are keys of its references. ``same_people`` are studies with participants in common,
    ``same_registration`` those with a registry identifier in common, ``same_report`` those that
    share a report. ``sources`` are the places from which its row and its effects were taken: source
    id, address, and how many of its effects. ``reviews`` are references of the base that stand at
    one of these addresses, such as a meta-analysis whose table lists the study.
    """

    reports: tuple[str, ...]
    same_people: tuple[str, ...]
    same_registration: tuple[str, ...]
    same_report: tuple[str, ...]
    registrations: tuple[str, ...]
    sources: tuple[tuple[str, str, int], ...]
    reviews: tuple[str, ...]
    citing: tuple[Citing, ...]


def related(base: EvidenceBase, study_id: str) -> Related:
    """Gather what belongs to a study; KeyError when the base does not hold it."""
    study = base.study(study_id)
    reports = tuple(study["references"])
    others = base.studies.loc[base.studies["study_id"] != study_id].to_dict("records")
    own = registry_ids(base, study_id)
    sources = _sources(base, study_id)
    return Related(
        reports=reports,
        same_people=tuple(
            row["study_id"]
            for row in others
            if row["study_id"] in study["overlaps_with"] or study_id in row["overlaps_with"]
        ),
        same_registration=tuple(
            row["study_id"]
            for row in others
            if own and set(own) & set(registry_ids(base, row["study_id"]))
        ),
        same_report=tuple(
            row["study_id"] for row in others if set(reports) & set(row["references"])
        ),
        registrations=own,
        sources=sources,
        reviews=_reviews(base, [address for _, address, _ in sources], reports),
        citing=_citing(base, set(reports)),
    )


def registry_ids(base: EvidenceBase, study_id: str) -> tuple[str, ...]:
    """Trial registry identifiers of a study: in its reports, its notes and those of its effects."""
    study = base.study(study_id)
    effects = base.effects.loc[base.effects["study_id"] == study_id]
    texts = [study[name] for name in ("note", "quote", "source_url", "no_effect_reason")]
    for column in ("note", "quote", "include_reason"):
        texts += list(effects[column])
    found = registry_ids_in(*(text for text in texts if isinstance(text, str)))
    for key in study["references"]:
        if record := base.reference(key):
            found += record["registry_ids"]
    return tuple(dict.fromkeys(found))


def _sources(base: EvidenceBase, study_id: str) -> tuple[tuple[str, str, int], ...]:
    study = base.study(study_id)
    counts: dict[tuple[str, str], int] = {(study["source_id"], study["source_url"]): 0}
    effects = base.effects.loc[base.effects["study_id"] == study_id]
    for place in zip(effects["source_id"], effects["source_url"], strict=True):
        counts[place] = counts.get(place, 0) + 1
    return tuple((source, address, number) for (source, address), number in counts.items())


def _reviews(base: EvidenceBase, addresses: list[str], own: tuple[str, ...]) -> tuple[str, ...]:
    """References other than the study's own reports that stand at one of ``addresses``."""
    found = []
    for record in base.references.to_dict("records"):
        marks = [str(mark).lower() for mark in _marks({str(k): v for k, v in record.items()})]
        if record["key"] not in own and any(
            mark in address.lower() for mark in marks for address in addresses
        ):
            found.append(record["key"])
    return tuple(found)


def _marks(record: dict[str, Any]) -> list[str]:
    """Pieces of an address that belong to one paper alone."""
    return [mark for mark in (record["doi"], record["pmcid"]) if isinstance(mark, str) and mark]


def _citing(base: EvidenceBase, reports: set[str]) -> tuple[Citing, ...]:
    found: list[Citing] = []
    for claim in base.audit.claims:
        for number in claim.references:
            key = base.audit.reference(number).key
            if key in reports:
                found.append(Citing(claim, number, key))
        better = [*claim.better_evidence]
        for number in claim.references:
            better += base.audit.reference(number).better_evidence
        for item in better:
            if item.key in reports:
                found.append(Citing(claim, None, item.key))
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class CitedIn:
    """One claim: its condition, what the article says there, and how the study comes into it."""

    condition: str
    statement: str
    role: str


def cited_in(base: EvidenceBase, found: Related) -> list[CitedIn]:
    """Claims of the article that cite a study or for which the audit names it instead."""
    return [
        CitedIn(
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


def kin(found: Related) -> list[tuple[str, tuple[str, ...]]]:
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
