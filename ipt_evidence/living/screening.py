"""The model of `services.ranking`, taught by the trials of this base."""

from __future__ import annotations

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.living.candidates import Candidate, load
from ipt_evidence.services.ranking import Screening, cross_validate, predict

__all__ = ["judged", "known_decisions"]


def known_decisions(base: EvidenceBase) -> tuple[list[str], list[bool]]:
    """Titles of the base's references, and whether each reports a study that the base includes.

    Decided candidates teach, too; those that wait or are unsure do not.
    """
    reports = {key for references in base.studies["references"] for key in references}
    texts, included = [], []
    for row in base.references.to_dict("records"):
        if isinstance(row["title"], str):
            texts.append(row["title"])
            included.append(row["key"] in reports)
    for one in load(base.folder):
        if one.decision in ("include", "exclude"):
            texts.append(one.title)
            included.append(one.decision == "include")
    return texts, included


def judged(base: EvidenceBase) -> tuple[Screening, list[tuple[float, Candidate]]]:
    """How well the model orders what is known, and the candidates in its order."""
    texts, included = known_decisions(base)
    measured = cross_validate(texts, included)
    found = load(base.folder)
    chances = predict(texts, included, [one.title for one in found])
    ordered = sorted(zip(chances, found, strict=True), key=lambda pair: -pair[0])
    return measured, ordered
