"""Network meta-analysis of one condition: IPT, other psychotherapies, and controls.

Trials against control are those of `evidence.context`; trials that randomised people between IPT
and another therapy are those of the base. A trial found in both counts once, with all its arms.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from ipt_evidence.analyses.therapies.result import direct
from ipt_evidence.cache import cached
from ipt_evidence.errors import PoolingError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.context import narrowed
from ipt_evidence.evidence.estimation import arrays
from ipt_evidence.evidence.schema import CONTROL_TYPES, THERAPIES
from ipt_evidence.evidence.view import View
from ipt_evidence.meta_analysis.dependent_effects import aggregate
from ipt_evidence.meta_analysis.network import (
    Consistency,
    Network,
    consistency,
    from_contrasts,
    network,
)

__all__ = ["IPT", "TherapyNetwork", "therapy_network"]

IPT = THERAPIES["ipt"]
SHARED = 0.5  # correlation of two effects that share an arm, which it is for arms of like size
_DIRECT = {"cbt": THERAPIES["cbt"], "other_psychotherapy": THERAPIES["other"]}

Effects = dict[tuple[str, str], tuple[float, float]]  # (treatment, treatment) → yi, vi


@dataclass(frozen=True)
class TherapyNetwork:
    """The network, or why there is none.

    Attributes
    ----------
    network, consistency
        None where no network of three treatments with IPT can be made; ``reason`` says why.
    head_to_head
        Trials of IPT against another therapy that are in it from the base.
    simplified
        Trials of which a further control group or comparison had to be left out.
    """

    network: Network | None = None
    consistency: Consistency | None = None
    head_to_head: int = 0
    simplified: int = 0
    reason: str = ""


@cached
def therapy_network(base: EvidenceBase, view: View) -> TherapyNetwork:
    """Compare all therapies and controls of the condition and the filters of ``view``."""
    trials, simplified = _against_control(narrowed(base, view.question).rows, view.model.rho)
    if not any(IPT in pair for pairs in trials.values() for pair in pairs):
        return TherapyNetwork(reason="no trial of IPT stands in a table of other therapies here")
    known = {_plain(label) for label in trials}
    added = {
        label: pairs
        for label, pairs in _head_to_head(base, view).items()
        if _plain(label) not in known
    }
    rows = [
        (label, *pair, *effect)
        for label, pairs in (trials | added).items()
        for pair, effect in pairs.items()
    ]
    study, treat1, treat2, yi, vi = (list(column) for column in zip(*rows, strict=True))
    try:
        studies = from_contrasts(yi, vi, treat1, treat2, study)
        if len(studies.treatments) < 3:
            return TherapyNetwork(reason="two treatments make no network")
        found = network(
            studies,
            reference=IPT,
            method="REML" if view.model.method == "REML" else "DL",
            level=view.model.level,
        )
        return TherapyNetwork(found, consistency(studies), len(added), simplified)
    except PoolingError as err:
        return TherapyNetwork(reason=str(err))


def _plain(label: str) -> str:
    """A label without the database before it, commas and case: "Elkin, 1989" is "Elkin 1989"."""
    return " ".join(label.rpartition(": ")[2].replace(",", " ").casefold().split())


def _against_control(rows: pd.DataFrame, rho: float) -> tuple[dict[str, Effects], int]:
    """Effects of each trial, an effect for each pair of its treatments; and trials cut down."""
    if rows.empty:
        return {}, 0
    keys = list(zip(rows["study_id"], rows["therapy"], rows["control_type"], strict=True))
    found = aggregate(*arrays(rows), keys, rho)
    trials: dict[str, Effects] = {}
    effects = zip(dict.fromkeys(keys), found.yi.tolist(), found.vi.tolist(), strict=True)
    for (study, therapy, control), yi, vi in effects:
        pair = THERAPIES[therapy], CONTROL_TYPES[control]
        trials.setdefault(study, {})[pair] = (yi, vi)
    made = {study: _whole(pairs) for study, pairs in trials.items()}
    return {study: pairs for study, (pairs, _) in made.items()}, sum(
        cut for _, cut in made.values()
    )


def _whole(pairs: Effects) -> tuple[Effects, bool]:
    """All comparisons of a trial whose effects share one arm; and whether some were left out.

    Of a trial with several therapies and several controls, the control with most comparisons stays.
    """
    if len({therapy for therapy, _ in pairs}) == 1:
        kept, hub_first = dict(pairs), True
    else:
        controls = [control for _, control in pairs]
        hub = max(sorted(set(controls)), key=controls.count)
        kept = {pair: effect for pair, effect in pairs.items() if pair[1] == hub}
        hub_first = False
    found = dict(kept)
    for (one, a), (other, b) in combinations(kept.items(), 2):
        # (hub - leaf) - (hub - other leaf) is other leaf - leaf.
        leaves = (other[1], one[1]) if hub_first else (one[0], other[0])
        spread = a[1] + b[1] - 2.0 * SHARED * float(np.sqrt(a[1] * b[1]))
        found[leaves] = (a[0] - b[0], spread)
    return found, len(kept) < len(pairs)


def _head_to_head(base: EvidenceBase, view: View) -> dict[str, Effects]:
    """Trials of the base that randomised people between IPT and another therapy."""
    rows = direct(base, view).selection.effects
    rows = rows.loc[rows["comparator_type"].isin(list(_DIRECT))]
    if rows.empty:
        return {}
    keys = list(zip(rows["label"].astype(str), rows["comparator_type"], strict=True))
    found = aggregate(*arrays(rows), keys, view.model.rho)
    trials: dict[str, Effects] = {}
    effects = zip(dict.fromkeys(keys), found.yi.tolist(), found.vi.tolist(), strict=True)
    for (label, kind), yi, vi in effects:
        trials.setdefault(label, {})[IPT, _DIRECT[kind]] = (yi, vi)
    return {label: _whole(pairs)[0] for label, pairs in trials.items()}
