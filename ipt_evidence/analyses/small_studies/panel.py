"""The funnel in words: what may and may not be concluded from it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ipt_evidence.analyses.answer import empty
from ipt_evidence.analyses.panel import Option, Panel
from ipt_evidence.analyses.small_studies.result import (
    MIN_STUDIES_ASYMMETRY,
    Funnel,
    small_studies,
)
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import counted, numbered, spell, upper_first

__all__ = ["LAYERS", "asymmetry_sentence", "options", "panel"]

LAYERS = Option(
    "layers",
    "Lay over the funnel",
    {"egger": "Egger's line", "filled": "Trim and fill"},
    several=True,
)

HOW_TO_READ = (
    "Each dot is a trial: its effect from left to right, and the higher, the more precise. If "
    "nothing but chance moved the results, large trials (top) would lie close together and small "
    "ones (bottom) scatter evenly to both sides of the pooled effect.\n\n"
    "The shading tells how significant a trial is on its own: the pale middle means p above .10, "
    "the bands p between .10 and .05 and between .05 and .01, outside of them p is below .01. If "
    "dots seem to be missing only in the pale middle, unwelcome results may not have been "
    "published. If they are missing elsewhere too, something else makes small trials different: "
    "other patients, closer care, weaker methods, or chance."
)


def options(base: EvidenceBase, view: View) -> tuple[Option, ...]:
    """Layers of the figure, where there are enough trials for them to mean something."""
    return (LAYERS,) if small_studies(base, view).enough else ()


@cached
def panel(base: EvidenceBase, view: View, layers: tuple[str, ...] = ()) -> Panel:
    """What the funnel of ``view`` allows to say; ``layers`` are choices of `LAYERS`."""
    answer, found = estimate_of(base, view), small_studies(base, view)
    if answer.trials.empty:
        return Panel((empty(answer),), drawn=False)
    if not found.enough:
        layers = ()
    sentences = _sentences(found, layers)
    return Panel(
        sentences,
        _table(answer, found, layers),
        text_alternative=" ".join((_shape(answer, found), *sentences)),
        how_to_read=HOW_TO_READ,
    )


def _sentences(funnel: Funnel, layers: Sequence[str]) -> tuple[str, ...]:
    said = [asymmetry_sentence(funnel) if funnel.enough else _few(funnel), _significance(funnel)]
    if "egger" in layers and funnel.egger is not None:
        limit = tables.estimate_with_interval(
            funnel.egger.limit, funnel.egger.limit_lower, funnel.egger.limit_upper,
            funnel.egger.level,
        )  # fmt: skip
        said.append(
            f"Egger's line meets the top, where a trial would have no error at all, at g {limit}. "
            "It is a straight line through few points, not a corrected effect."
        )
    if "filled" in layers:
        said.append(_filled(funnel))
    return tuple(text for text in said if text)


def asymmetry_sentence(funnel: Funnel) -> str:
    """What Egger's test of the funnel allows to say, in plain words."""
    if not funnel.enough:
        return (
            f"With fewer than {MIN_STUDIES_ASYMMETRY} trials nobody can tell whether small trials "
            "with poor results are missing (Sterne et al. 2011, doi:10.1136/bmj.d4002)."
        )
    if funnel.egger is None or funnel.egger.p is None:
        return f"{upper_first(funnel.reason)}."
    is_p = tables.p_is(funnel.egger.p)
    if funnel.egger.p < 0.05:
        return (
            f"Small trials show other effects than large ones (Egger's test, p {is_p}): perhaps "
            "because small trials with poor results are missing, perhaps for other reasons."
        )
    return (
        "The effects of small and large trials do not clearly differ (Egger's test, "
        f"p {is_p}). That does not prove that none are missing."
    )


def _few(funnel: Funnel) -> str:
    return (
        f"With {counted(funnel.k)} a funnel cannot be read: fewer than {MIN_STUDIES_ASYMMETRY} are "
        "too few to tell chance from asymmetry (Sterne et al. 2011, doi:10.1136/bmj.d4002). The "
        "dots are shown so that you can see who is small and who is large; no test is made, and "
        "an even picture would prove nothing."
    )


def _significance(funnel: Funnel) -> str:
    if funnel.k < 3:
        return ""
    alone = f"{upper_first(spell(funnel.below_05))} of {spell(funnel.k)} trials"
    if not funnel.below_05:
        alone = f"None of {spell(funnel.k)} trials"
    verb = "is" if funnel.below_05 <= 1 else "are"
    missed = {0: "none just misses it", 1: "one just misses it"}.get(
        funnel.from_05_to_10, f"{spell(funnel.from_05_to_10)} just miss it"
    )
    return f"{alone} {verb} significant alone (p below .05), {missed} (p from .05 to .10)."


def _filled(funnel: Funnel) -> str:
    filled = funnel.filled
    if filled is None:
        return ""
    if not filled.k0:
        return "Trim and fill finds no trial to add: the dots balance around the middle."
    adjusted = filled.adjusted
    shown = tables.pooled_effect(adjusted)
    side = "low" if filled.side == "left" else "high"
    return (
        f"Trim and fill adds {counted(filled.k0)} with {side} effects to even the funnel out; with "
        f"them g would be {shown}. Nobody has seen these trials, and the method goes wrong when "
        "results differ for other reasons."
    )


def _shape(answer: Estimate, funnel: Funnel) -> str:
    """What the funnel looks like."""
    error = np.sqrt(answer.trials["vi"].to_numpy(float))
    wide = answer.trials.iloc[int(error.argmax())]
    narrow = answer.trials.iloc[int(error.argmin())]
    return (
        f"Contour-enhanced funnel plot of {numbered(funnel.k, 'trial')}. Standard "
        f"errors run from {tables.effect(error.min())} ({narrow['label']}, g "
        f"{tables.effect(narrow['yi'])}) to {tables.effect(error.max())} ({wide['label']}, g "
        f"{tables.effect(wide['yi'])})."
    )


def _table(answer: Estimate, funnel: Funnel, layers: Sequence[str]) -> pd.DataFrame:
    """One row a dot, the most precise on top; trials added by trim and fill say so."""
    trials = answer.trials.assign(se=np.sqrt(answer.trials["vi"].astype(float)))
    rows = [
        {"Trial": row["label"], "g": tables.effect(row["yi"]), "Standard error":
         tables.effect(row["se"], 3)}
        for _, row in trials.sort_values("se", kind="stable").iterrows()
    ]  # fmt: skip
    if "filled" in layers and funnel.filled is not None:
        rows += [
            {"Trial": "added by trim and fill", "g": tables.effect(effect), "Standard error":
             tables.effect(float(np.sqrt(variance)), 3)}
            for effect, variance in zip(
                funnel.filled.filled_yi, funnel.filled.filled_vi, strict=True
            )
        ]  # fmt: skip
    return pd.DataFrame(rows, columns=["Trial", "g", "Standard error"])
