"""The words and tables of the Claims page."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

import pandas as pd

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.claims import Audit, AuditedReference, Claim
from ipt_evidence.wording import sentences, tables
from ipt_evidence.wording.citation_text import author_line

__all__ = [
    "AS_CITED",
    "HOW_WE_JUDGED",
    "TABLE_LEAD",
    "acronym_notes",
    "by_section",
    "reference_facts",
    "references_table",
    "see_condition",
    "short",
    "verdict_rows",
]

HOW_WE_JUDGED = (
    "For each statement we asked four things of the reference behind it: is it the right paper, is "
    "it about interpersonal psychotherapy, is it about this condition, and does what it found "
    "carry the sentence? The statements are given in our words. A reference that does not carry a "
    "sentence can still be a good paper."
)

AS_CITED = "As the article prints it"
TABLE_LEAD = (
    "One row a statement, in the order of the article. The table may be cited as part of this "
    "explorer; the file holds the whole of every text."
)


def by_section(audit: Audit) -> list[tuple[str, list[Claim]]]:
    """Claims under the heading of their section, in the order of the article."""
    return [(section, list(claims)) for section, claims in groupby(audit.claims, _section)]


def _section(claim: Claim) -> str:
    return claim.section


def acronym_notes(audit: Audit) -> list[str]:
    """What is said of each reference in which the letters IPT stand for something else."""
    return [r.acronym_note for r in audit.references if r.acronym_collision and r.acronym_note]


def short(reference: AuditedReference, record: Mapping[str, Any] | None) -> str:
    """Who wrote the reference and when, as far as verified, and what kind of study it is."""
    known = record is not None and bool(author_line(record["authors"]))
    if record is None or not known:
        return f"{reference.design} (authors not verified)"
    year = "" if tables.is_missing(record["year"]) else f" {int(record['year'])}"
    return f"{author_line(record['authors'])}{year}. {reference.design}"


def reference_facts(reference: AuditedReference) -> list[tuple[str, str]]:
    """Heading and text of each thing that is known of a reference."""
    facts = [
        ("What it is.", reference.what_it_is),
        ("Design.", reference.design),
        ("In whom.", reference.population),
        ("About interpersonal psychotherapy.", "Yes" if reference.about_ipt else "No"),
        ("What it found.", reference.finding),
        ("Why this verdict.", reference.reason),
    ]
    return [(heading, value) for heading, value in facts if value]


def see_condition(base: EvidenceBase, condition: str) -> str:
    """The text of the link from a claim to the trials of its condition."""
    return f"See the trials: {base.taxonomy.condition(condition).label}"


def references_table(audit: Audit) -> pd.DataFrame:
    """One row a reference: number and key, verdict and why."""
    return pd.DataFrame(
        {
            "Reference": [f"[{r.number}] {r.key}" for r in audit.references],
            "Verdict": [sentences.verdict(r.verdict) for r in audit.references],
            "About IPT": ["yes" if r.about_ipt else "no" for r in audit.references],
            "What it is": [r.what_it_is for r in audit.references],
            "Why": [r.reason for r in audit.references],
            "As printed": [r.printed for r in audit.references],
        }
    )


def verdict_rows(base: EvidenceBase) -> pd.DataFrame:
    """One row a statement: section, statement, references, verdict and why; to be cited."""
    rows = [
        {
            "Section": base.taxonomy.condition(claim.section).label,
            "Statement (in our words)": claim.statement,
            "Reference": ", ".join(f"[{number}]" for number in claim.references),
            "Verdict": sentences.verdict(claim.verdict),
            "Why": claim.reason,
        }
        for claim in base.audit.claims
    ]
    return pd.DataFrame(rows)
