"""A CSV that R metafor takes as it is: ``rma(yi, vi, slab = slab, data = read.csv(...))``.

Columns of raw numbers have the names of metafor's ``escalc``: arm 1 is IPT, arm 2 the comparison.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate

__all__ = ["metafor_files"]

_RAW = {
    "mean_ipt": "m1i",
    "sd_ipt": "sd1i",
    "n_ipt": "n1i",
    "mean_comparator": "m2i",
    "sd_comparator": "sd2i",
    "n_comparator": "n2i",
    "events_ipt": "ai",
    "events_comparator": "ci",
}
_ABOUT = ("effect_id", "study_id", "year", "comparator", "outcome", "instrument", "time", "rob")


def metafor_files(base: EvidenceBase, answer: Estimate) -> dict[str, pd.DataFrame]:
    """``metafor.csv``: the effects of the view, several of one study on rows of their own."""
    effects = answer.selection.effects
    frame = effects[[*_ABOUT, *_RAW]].rename(columns=_RAW)
    frame.insert(0, "slab", effects["label"].to_numpy())
    frame.insert(1, "yi", effects["yi"].to_numpy())
    frame.insert(2, "vi", effects["vi"].to_numpy())
    frame.insert(3, "sei", np.sqrt(effects["vi"].to_numpy(float)))
    return {"metafor.csv": frame.reset_index(drop=True)}
