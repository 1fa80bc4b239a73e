"""What a network says of its own consistency, in words; for any network."""

from __future__ import annotations

from ipt_evidence.meta_analysis.network import Consistency
from ipt_evidence.wording import tables

__all__ = ["HEAT_LEAST", "RANKS", "consistency_sentences", "design_name"]

HEAT_LEAST = 3.84  # of Q: a change that one degree of freedom would call significant
HOTTEST = 2
RANKS = (
    "P-scores rank point estimates weighed by their errors. They are no measure of certainty, and "
    "similar treatments may change places with one more trial."
)


def design_name(treatments: tuple[str, ...]) -> str:
    """The treatments that trials of a design compare."""
    return " v ".join(treatments)


def consistency_sentences(found: Consistency) -> tuple[str, ...]:
    """Do designs agree, and where evidence disagrees most (net heat)."""
    test = found.between_random
    if not test.df:
        return (
            "No comparison can be reached in two ways, so direct and indirect evidence cannot be "
            "set against each other.",
        )
    agree = "disagree" if test.p is not None and test.p < 0.05 else "do not clearly disagree"
    said = [
        f"Trials of different designs {agree} beyond the differences within designs (Q between "
        f"designs {tables.effect(test.q, 1)}, df {test.df}, p {tables.p_is(test.p)}). A test of "
        "few trials may miss real differences."
    ]
    hot = [one for one in found.heat if one.change >= HEAT_LEAST][:HOTTEST]
    if hot:
        each = (
            f"{design_name(one.design)} fits the rest better once {design_name(one.other)} is "
            f"left out (Q falls by {tables.effect(one.change, 1)})"
            for one in hot
        )
        said.append(f"Net heat: {'; '.join(each)}.")
    return tuple(said)
