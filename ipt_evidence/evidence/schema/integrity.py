"""``integrity.csv``: what a check of each reference found, or that nobody checked."""

from __future__ import annotations

from ipt_evidence.evidence.schema.columns import Column, Table

__all__ = ["INTEGRITY"]

_STATUSES = (
    "not_checked",
    "unknown",
    "no_notice",
    "corrected",
    "expression_of_concern",
    "retracted",
)

INTEGRITY = Table(
    name="integrity",
    file="integrity.csv",
    key="reference",
    title="Integrity of the references",
    description="One row a reference: whether it was retracted, doubted or corrected, who was "
    "asked, and when. Written by: python -m ipt_evidence enrich",
    columns=(
        Column(
            "reference",
            "string",
            "Key in references.bib",
            required=True,
            references="references.bib",
        ),
        Column(
            "status",
            "string",
            "not_checked: nobody was asked, or nobody answered; unknown: no service knows the "
            "record; no_notice: known, and nothing was published against it; the others: what was",
            required=True,
            levels=_STATUSES,
        ),
        Column("checked", "string", "Day of the last check (ISO date)"),
        Column("asked_of", "list", "Services that answered"),
        Column("no_answer", "list", "Services that were asked and gave no answer"),
        Column("notices", "list", "Notices as kind:doi or kind:pmid, as found"),
        Column("notice_date", "string", "Day of the gravest notice (ISO date, as far as known)"),
        Column("preprint", "string", "DOI of the preprint of this paper"),
        Column("published_as", "string", "DOI of the paper that this preprint became"),
        Column("registry_ids", "list", "Trial registrations that the services name for it"),
    ),
)
