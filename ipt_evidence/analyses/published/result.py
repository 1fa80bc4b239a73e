"""Effects that meta-analyses published on the same question."""

from __future__ import annotations

import pandas as pd

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.selection import Question

__all__ = ["published_effects"]


def published_effects(base: EvidenceBase, question: Question) -> pd.DataFrame:
    """Rows of ``pooled.csv`` about IPT for the condition and comparison of ``question``.

    Only verified numbers about IPT. Adds ``label`` and ``year`` from the bibliography; newest
    first.
    """
    rows = base.pooled.loc[base.pooled["about_ipt"] & base.pooled["verified"]]
    if question.comparison is not None:
        # Some meta-analyses mix their comparison arms, or do not say: they stand with the controls.
        compared = rows["comparison"].fillna("control")
        rows = rows.loc[compared == question.comparison]
    if question.condition is not None:
        rows = rows.loc[
            [question.condition in base.taxonomy.with_parents(c) for c in rows["conditions"]]
        ]
    records = base.references.set_index("key")
    years = rows["reference"].map(records["year"])
    labels = [_label(records["authors"].get(key), key) for key in rows["reference"]]
    found = rows.assign(year=years.astype("Int64"), label=labels)
    return found.sort_values("year", ascending=False, kind="stable").reset_index(drop=True)


def _label(authors: list[dict[str, str]] | None, key: str) -> str:
    return str(authors[0]["family"]) if authors else key
