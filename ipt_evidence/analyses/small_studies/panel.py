"""The funnel of the Condition page: what may and may not be concluded from it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ipt_evidence.analyses.sensitivity.panel import asymmetry_sentence
from ipt_evidence.analyses.sensitivity.result import MIN_STUDIES_ASYMMETRY, asymmetry
from ipt_evidence.analyses.small_studies.result import Funnel
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import spell, upper_first

__all__ = ["HOW_TO_READ_FUNNEL", "LAYERS", "funnel_sentences", "funnel_table", "funnel_twin"]

LAYERS = {"egger": "Egger's line", "filled": "Trim and fill"}

HOW_TO_READ_FUNNEL = (
    "Each dot is a trial: its effect from left to right, and the higher, the more precise. If "
    "nothing but chance moved the results, large trials (top) would lie close together and small "
    "ones (bottom) scatter evenly to both sides of the pooled effect.\n\n"
    "The shading tells how significant a trial is on its own: the pale middle means p above .10, "
    "the bands p between .10 and .05 and between .05 and .01, outside of them p is below .01. If "
    "dots seem to be missing only in the pale middle, unwelcome results may not have been "
    "published. If they are missing elsewhere too, something else makes small trials different: "
    "other patients, closer care, weaker methods, or chance."
)


def funnel_sentences(answer: Estimate, funnel: Funnel, layers: Sequence[str] = ()) -> list[str]:
    """What the figure allows to say, and what not, in whole paragraphs."""
    if not funnel.k:
        return []
    said = [_few(funnel) if not funnel.enough else asymmetry_sentence(asymmetry(answer))]
    said.append(_significance(funnel))
    if "egger" in layers and funnel.egger is not None and funnel.enough:
        limit = tables.estimate_with_interval(
            funnel.egger.limit, funnel.egger.limit_lower, funnel.egger.limit_upper,
            funnel.egger.level,
        )  # fmt: skip
        said.append(
            f"Egger's line meets the top, where a trial would have no error at all, at g {limit}. "
            "It is a straight line through few points, not a corrected effect."
        )
    if "filled" in layers and funnel.filled is not None and funnel.enough:
        said.append(_filled(funnel))
    return [text for text in said if text]


def _few(funnel: Funnel) -> str:
    trials = "one trial" if funnel.k == 1 else f"{spell(funnel.k)} trials"
    return (
        f"With {trials} a funnel cannot be read: fewer than {MIN_STUDIES_ASYMMETRY} are too few to "
        "tell chance from asymmetry (Sterne et al. 2011, doi:10.1136/bmj.d4002). The dots are "
        "shown so that you can see who is small and who is large; no test is made, and an even "
        "picture would prove nothing."
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
    shown = tables.estimate_with_interval(
        adjusted.estimate, adjusted.ci_lower, adjusted.ci_upper, adjusted.level
    )
    side = "low" if filled.side == "left" else "high"
    number = f"{spell(filled.k0)} trial{'' if filled.k0 == 1 else 's'}"
    return (
        f"Trim and fill adds {number} with {side} effects to even the funnel out; with them g "
        f"would be {shown}. Nobody has seen these trials, and the method goes wrong when results "
        "differ for other reasons."
    )


def funnel_twin(answer: Estimate, funnel: Funnel, layers: Sequence[str]) -> str:
    """What the funnel shows, for those who do not see it."""
    if not funnel.k:
        return "Funnel plot without a trial."
    error = np.sqrt(answer.trials["vi"].to_numpy(float))
    wide = answer.trials.iloc[int(error.argmax())]
    narrow = answer.trials.iloc[int(error.argmin())]
    head = (
        f"Contour-enhanced funnel plot of {funnel.k} trial{'' if funnel.k == 1 else 's'}. Standard "
        f"errors run from {tables.effect(error.min())} ({narrow['label']}, g "
        f"{tables.effect(narrow['yi'])}) to {tables.effect(error.max())} ({wide['label']}, g "
        f"{tables.effect(wide['yi'])})."
    )
    return " ".join([head, *funnel_sentences(answer, funnel, layers)])


def funnel_table(answer: Estimate, funnel: Funnel, layers: Sequence[str]) -> pd.DataFrame:
    """One row a dot, the most precise on top; trials added by trim and fill say so."""
    trials = answer.trials.assign(se=np.sqrt(answer.trials["vi"].astype(float)))
    rows = [
        {"Trial": row["label"], "g": tables.effect(row["yi"]), "Standard error":
         tables.effect(row["se"], 3)}
        for _, row in trials.sort_values("se", kind="stable").iterrows()
    ]  # fmt: skip
    if "filled" in layers and funnel.filled is not None and funnel.enough:
        rows += [
            {"Trial": "added by trim and fill", "g": tables.effect(effect), "Standard error":
             tables.effect(float(np.sqrt(variance)), 3)}
            for effect, variance in zip(
                funnel.filled.filled_yi, funnel.filled.filled_vi, strict=True
            )
        ]  # fmt: skip
    return pd.DataFrame(rows, columns=["Trial", "g", "Standard error"])
