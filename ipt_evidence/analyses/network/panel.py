"""The network of therapies in words: what it adds to direct evidence, and whether both agree."""

from __future__ import annotations

import pandas as pd

from ipt_evidence.analyses.network.result import IPT, TherapyNetwork, therapy_network
from ipt_evidence.analyses.panel import Panel
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.view import View
from ipt_evidence.meta_analysis.models import interpretable
from ipt_evidence.meta_analysis.network import Comparison, Consistency, Network
from ipt_evidence.wording import sentences, tables
from ipt_evidence.wording.phrases import counted, listed, lower_first, spell, upper_first

__all__ = ["consistency_sentences", "panel"]

LEAST = 3  # trials of a therapy; see `analyses.therapies`

HEAT_LEAST = 3.84  # of Q: a change that one degree of freedom would call significant
HOTTEST = 2
RANKS = (
    "P-scores rank point estimates weighed by their errors. They are no measure of certainty, and "
    "similar treatments may change places with one more trial."
)
HOW_TO_READ = (
    "Each dot is a therapy or a kind of control, the larger, the more trials had it. A line joins "
    "two that trials compared directly, the wider, the more trials. Where no line runs, the "
    "network compares the two through others.\n\n"
    "A network takes it that trials of different therapies are alike in all that moves an effect: "
    "whom they treated, how ill people were, how the controls fared. Waiting lists and usual care "
    "differ between trials more than their names tell. Where that fails, an indirect effect is "
    "off, and no test can promise to find it."
)


@cached
def panel(base: EvidenceBase, view: View) -> Panel:
    """IPT against everything else in the network of the condition of ``view``."""
    found = therapy_network(base, view)
    if found.network is None:
        nothing = upper_first(f"a network cannot be made: {found.reason}.")
        return Panel((nothing,), drawn=False)
    said = (
        _size(found, found.network),
        _against(found.network),
        _agreement(found.network),
        *(() if found.consistency is None else consistency_sentences(found.consistency)),
        *_cut(found),
        RANKS,
    )
    return Panel(
        tuple(text for text in said if text),
        _table(found.network),
        text_alternative=_alternative(found.network),
        how_to_read=HOW_TO_READ,
    )


def _of_ipt(network: Network) -> list[tuple[str, Comparison, float]]:
    """Each other treatment, its comparison with IPT, and the sign that makes it IPT minus it."""
    found = []
    for one in network.comparisons:
        if one.treat1 == IPT:
            found.append((one.treat2, one, 1.0))
        elif one.treat2 == IPT:
            found.append((one.treat1, one, -1.0))
    return found


def _interval(one: Comparison, sign: float, level: float) -> str:
    ends = sorted((sign * one.ci_lower, sign * one.ci_upper))
    return tables.estimate_with_interval(sign * one.estimate, ends[0], ends[1], level)


def _trials(network: Network) -> dict[str, int]:
    return dict(zip(network.treatments, network.trials, strict=True))


def _size(found: TherapyNetwork, network: Network) -> str:
    head = found.head_to_head
    more = ""
    if head:
        more = f" {upper_first(counted(head))} of IPT against another therapy come from this base."
    return (
        f"{network.k} trials compare {network.n} therapies and kinds of control, "
        f"{_trials(network)[IPT]} of them IPT.{more}"
    )


def _against(network: Network) -> str:
    trials = _trials(network)
    clear = [
        (name, one, sign)
        for name, one, sign in _of_ipt(network)
        if trials[name] >= LEAST and one.ci_lower * one.ci_upper > 0.0
    ]
    if not clear:
        return (
            f"By the network, IPT does not differ clearly from any treatment with {spell(LEAST)} "
            "trials or more."
        )
    each = [
        f"{lower_first(name)}, g {_interval(one, sign, network.level)}" for name, one, sign in clear
    ]
    return f"By the network, IPT differs clearly from {listed(each)} (positive favours IPT)."


def _agreement(network: Network) -> str:
    """The comparison of IPT with most direct trials: what direct and indirect evidence say."""
    mixed = [
        row
        for row in _of_ipt(network)
        if row[1].difference_p is not None and interpretable(row[1].k)
    ]
    if not mixed:
        return ""
    name, one, sign = max(mixed, key=lambda row: row[1].k)
    own, rest = (tables.effect(sign * (value or 0.0)) for value in (one.direct, one.indirect))
    return (
        f"Against {lower_first(name)}, {counted(one.k)} give g {own} directly and the rest of the "
        f"network gives {rest} (difference: p {tables.p_is(one.difference_p)})."
    )


def _cut(found: TherapyNetwork) -> tuple[str, ...]:
    if not found.simplified:
        return ()
    return (
        f"Of {counted(found.simplified)} with several therapies and several controls, one kind of "
        "control was kept.",
    )


def _table(network: Network) -> pd.DataFrame:
    trials, scores = _trials(network), {r.treatment: r.p_score for r in network.ranking}
    rows = [
        {
            "Treatment": name,
            "Trials": tables.count(trials[name]),
            "IPT minus it (g)": _interval(one, sign, network.level),
            "Direct trials": tables.count(one.k),
            "Direct": _direct(one, sign),
            "Indirect": "" if one.indirect is None else tables.effect(sign * one.indirect),
            "p of their difference": "" if one.difference_p is None
            else tables.p_value(one.difference_p),
            "P-score": tables.effect(scores[name]),
        }
        for name, one, sign in sorted(_of_ipt(network), key=lambda row: -scores[row[0]])
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _direct(one: Comparison, sign: float) -> str:
    """What trials of the two say without the rest of the network; two are too few to say it."""
    if one.direct is None:
        return ""
    return tables.effect(sign * one.direct) if interpretable(one.k) else sentences.TOO_FEW_TO_POOL


def _alternative(network: Network) -> str:
    lines = sorted(network.lines, key=lambda line: -line[2])[:5]
    named = listed([f"{a} and {b} ({k})" for a, b, k in lines])
    return (
        f"Network of {network.n} treatments joined by {len(network.lines)} lines. The widest join "
        f"{named} trials."
    )


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
            f"{' v '.join(one.design)} fits the rest better once {' v '.join(one.other)} is "
            f"left out (Q falls by {tables.effect(one.change, 1)})"
            for one in hot
        )
        said.append(f"Net heat: {'; '.join(each)}.")
    return tuple(said)
