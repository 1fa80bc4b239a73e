"""Tables to begin with: trials of the evidence base as people write them down."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.view import View, estimate_of

__all__ = ["EXAMPLES", "example"]

EXAMPLES = {
    "metafor": "metafor's names",
    "metapsy": "Metapsy standard",
    "revman": "RevMan, counts",
}
"""Ids and labels of the examples."""

_MEANS = {"mean_ipt": "m1i", "sd_ipt": "sd1i", "n_ipt": "n1i",
          "mean_comparator": "m2i", "sd_comparator": "sd2i", "n_comparator": "n2i"}  # fmt: skip
_ARMS = {name: name.replace("_ipt", "_arm1").replace("_comparator", "_arm2") for name in _MEANS}
_COUNTS = {"events_ipt": "Experimental cases", "n_ipt": "Experimental N",
           "events_comparator": "Control cases", "n_comparator": "Control N"}  # fmt: skip


@cached
def example(base: EvidenceBase, view: View, name: str) -> tuple[str, bytes]:
    """Name and bytes of an example: results of ``base``, first those of ``view``.

    Means are results after treatment on scales where lower is better; counts are people who
    responded or recovered.
    """
    rows = base.joined.loc[base.joined["verified"].astype(bool)]
    if name == "revman":
        frame = _counted(rows)
    else:
        answer = estimate_of(base, view).selection.effects
        frame = _of_means(answer if len(answer) else rows, name)
    mark, decimal = (";", ",") if name == "metapsy" else (",", ".")
    text = frame.to_csv(index=False, sep=mark, decimal=decimal, na_rep="NA", lineterminator="\n")
    return f"example-{name}.csv", text.encode()


def _of_means(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    means = rows.loc[(rows["input_type"] == "means") & (rows["direction"] == "lower_better")]
    columns = _renamed(means, _MEANS if name == "metafor" else _ARMS)
    if name == "metafor":
        return pd.DataFrame({"study": means["label"], "year": means["year"], **columns})
    return pd.DataFrame(
        {
            "study": means["label"].str.replace(r" (?=\d{4})", ", ", regex=True),
            "condition_arm1": "ipt",
            "condition_arm2": means["comparator_type"],
            ".g": means["yi"],
            ".g_se": means["vi"] ** 0.5,
            "instrument": means["instrument"],
            **columns,
            "year": means["year"],
        }
    )


def _counted(rows: pd.DataFrame) -> pd.DataFrame:
    counts = rows.loc[(rows["input_type"] == "events") & (rows["direction"] == "event_good")]
    counts = counts.drop_duplicates("study_id")
    return pd.DataFrame({"Study": counts["label"], **_renamed(counts, _COUNTS)})


def _renamed(rows: pd.DataFrame, columns: Mapping[str, str]) -> dict[str, pd.Series[float]]:
    return {column: rows[own] for own, column in columns.items()}
