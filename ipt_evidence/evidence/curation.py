"""Tags that people gave to studies, set beside those that the rules found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ipt_evidence.citations.tagging import merge_curated

if TYPE_CHECKING:
    from ipt_evidence.evidence.base import EvidenceBase

__all__ = ["curated_tags"]

_PLACE = "studies.csv"


def curated_tags(base: EvidenceBase, found: pd.DataFrame) -> pd.DataFrame:
    """Merge the rule-made tags ``found`` with the curated ones of the base; curation wins."""
    rows = []
    for study in base.studies.to_dict("records"):
        for key in study["references"]:
            rows += [(key, "condition", condition) for condition in study["conditions_all"]]
            rows.append((key, "design", study["design"]))
    for reference in base.audit.references:
        if reference.condition:
            conditions = base.taxonomy.with_parents((reference.condition,))
            rows += [(reference.key, "condition", condition) for condition in conditions]
    curated = pd.DataFrame(rows, columns=["key", "kind", "value"]).drop_duplicates()
    curated = curated.assign(source="curated", matched="", field=_PLACE)
    return merge_curated(found, curated)
