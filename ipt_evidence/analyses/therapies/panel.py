"""IPT beside the other psychotherapies in words: an indirect comparison, and it always says so."""

from __future__ import annotations

import pandas as pd

from ipt_evidence.analyses.answer import answer_sentence
from ipt_evidence.analyses.panel import Detail, Option, Panel
from ipt_evidence.analyses.therapies.result import (
    LEAST,
    OTHERS,
    Beside,
    Regression,
    TherapyEffect,
    beside,
    direct,
)
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.context import context_conditions
from ipt_evidence.evidence.schema import CONTROL_TYPES, THERAPIES
from ipt_evidence.evidence.view import View
from ipt_evidence.meta_analysis.coefficients import Coefficient
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import counted, listed, lower_first, spell, upper_first

__all__ = ["in_short", "options", "panel", "rows"]

COVARIATE_WORDS = {
    "control_type": "kind of control",
    "target_group": "target group",
    "rob": "risk of bias",
    "year": "year",
}
HOW_TO_READ = (
    "Each dot is the pooled effect of one therapy against control, the line its 95% interval; the "
    "ring is IPT and the band behind the rows its interval. Every row was pooled by the same "
    "rules.\n\n"
    "This is an indirect comparison. Nobody was randomised between two rows: trials of one therapy "
    "may have used more waiting lists, taken in less ill people or been run with less care than "
    "trials of another, and each of these moves an effect. The adjusted difference takes out what "
    "the databases record, and nothing else. Two overlapping intervals are no test."
)
THERAPY = "therapy"
OPEN = "which chance alone could explain"


def options(base: EvidenceBase, view: View) -> tuple[Option, ...]:
    """The therapy whose trials are listed below the figure."""
    held = {one.therapy: THERAPIES[one.therapy] for one in beside(base, view).therapies}
    if not held:
        return ()
    return (Option(THERAPY, "List the trials of", held, listed=True, titled=True),)


@cached
def panel(base: EvidenceBase, view: View, therapy: str = "") -> Panel:
    """Each therapy against control for the condition of ``view``; lists the trials of one."""
    found = beside(base, view)
    if found.ipt is None or len(found.therapies) == 1:
        return Panel((_nothing(base, view), _direct(base, view)), drawn=False)
    said = (
        _results(base, view, found),
        _differences(found),
        *_mixed(base, found),
        *_left_aside(found),
        _direct(base, view),
    )
    table = _table(found)
    return Panel(
        tuple(text for text in said if text),
        table,
        text_alternative=_alternative(found),
        how_to_read=HOW_TO_READ,
        details=(
            Detail("therapies-all", table, heading="In numbers"),
            _direct_trials(base, view),
            _trials(base, found, therapy),
        ),
        note=_note(base, view, found),
    )


def in_short(base: EvidenceBase, view: View) -> str:
    """The one sentence on IPT and the others that may stand alone elsewhere."""
    found = beside(base, view)
    return "" if found.ipt is None else _results(base, view, found)


def _nothing(base: EvidenceBase, view: View) -> str:
    held = context_conditions(base)
    label = _condition(base, view)
    if not held:
        return "This base holds no table of other therapies, so no indirect comparison can be made."
    if str(view.question.condition) not in held:
        named = listed(
            [
                lower_first(base.taxonomy.condition(one).label)
                for one in base.taxonomy.top_level
                if one in held
            ]
        )
        return (
            f"An indirect comparison with other therapies cannot be made for {label}: the "
            f"databases of psychotherapy trials that this base holds are about {named}."
        )
    if view.question.time != "post":
        return (
            "An indirect comparison cannot be made here: the databases hold results after "
            "treatment alone."
        )
    return (
        "No trial of IPT, or none of another therapy, is left for an indirect comparison with "
        "these filters."
    )


def _condition(base: EvidenceBase, view: View) -> str:
    if view.question.condition is None:
        return "all conditions"
    return lower_first(base.taxonomy.condition(view.question.condition).label)


def _results(base: EvidenceBase, view: View, found: Beside) -> str:
    """What IPT and the largest of the others reach against control."""
    ipt = found.ipt
    others = [one for one in found.therapies if one is not ipt and one.k >= LEAST]
    if ipt is None:
        return ""
    where = _condition(base, view)
    head = f"Seen indirectly, through trials that each had a control group, for {where}"
    if ipt.k < LEAST:
        trials = "; ".join(
            f"{row.study}, g {tables.effect(row.yi)}" for row in ipt.trials.itertuples()
        )
        reached = f"IPT was in {counted(ipt.k)} ({trials}), too few for a group to compare"
    else:
        reached = f"IPT reached {_number(ipt)}"
    beside_it = [f"{lower_first(THERAPIES[one.therapy])} {_number(one)}" for one in others[:2]]
    rest = f", {listed(beside_it)}" if beside_it else ""
    return f"{head}: {reached}{rest}."


def _number(one: TherapyEffect) -> str:
    pooled = one.pooled
    shown = tables.pooled_effect(pooled)
    return f"g {shown} in {counted(one.k)}"


def _differences(found: Beside) -> str:
    plain = found.overall.differences.get(OTHERS)
    if plain is None:
        return (
            f"No indirect difference between IPT and the others is given: {found.overall.reason}."
        )
    said = (
        f"The indirect difference between IPT and the other therapies together is {_signed(plain)}"
    )
    adjusted = found.overall_adjusted.differences.get(OTHERS)
    if adjusted is None or not found.overall_adjusted.adjusted_for:
        return f"{said}, {_verdict(plain)}; it could not be adjusted for how the trials differ."
    words = listed([COVARIATE_WORDS[name] for name in found.overall_adjusted.adjusted_for])
    if _verdict(plain) == _verdict(adjusted) == OPEN:
        return (
            f"{said}; adjusted for {words} it is {_signed(adjusted)}. Chance alone could explain "
            "either."
        )
    return (
        f"{said}, {_verdict(plain)}; adjusted for {words} it is {_signed(adjusted)}, "
        f"{_verdict(adjusted)}."
    )


def _mixed(base: EvidenceBase, found: Beside) -> tuple[str, ...]:
    """A condition of several databases: some therapies are held by one of them alone."""
    if len(found.sources) < 2:
        return ()
    named = listed([base.sources[name].label for name in found.sources])
    return (
        f"This indirect comparison mixes databases of different disorders ({named}): a therapy "
        "that only one of them holds is compared across disorders. The narrower conditions keep "
        "them apart.",
    )


def _signed(one: Coefficient) -> str:
    return f"g {tables.estimate_with_interval(one.estimate, one.ci_lower, one.ci_upper)}"


def _verdict(one: Coefficient) -> str:
    if one.ci_lower > 0:
        return "with larger effects in trials of IPT"
    if one.ci_upper < 0:
        return "with smaller effects in trials of IPT"
    return OPEN


def _left_aside(found: Beside) -> tuple[str, ...]:
    """Filters of the page that the databases do not know."""
    if not found.unapplied:
        return ()
    names = listed([name.lower() for name in found.unapplied])
    verb = "is" if len(found.unapplied) == 1 else "are"
    return (
        f"Not applied in this indirect comparison {verb} what you chose under {names}: the "
        "databases do not record it.",
    )


def _direct(base: EvidenceBase, view: View) -> str:
    said = answer_sentence(base, direct(base, view))
    return f"Direct trials, which randomised people between IPT and another psychotherapy: {said}"


def _direct_trials(base: EvidenceBase, view: View) -> Detail:
    trials = direct(base, view).trials
    table = pd.DataFrame(
        {
            "Trial": [tables.text(value) for value in trials["label"]],
            "IPT compared with": [tables.text(value) for value in trials["comparator"]],
            "People": [tables.count(value) for value in trials["n"]],
            "g, positive favours IPT": [tables.effect(value) for value in trials["yi"]],
            "95% CI": tables.intervals(trials),
        }
    )
    shown = table if len(table) else pd.DataFrame()
    return Detail("therapies-direct", shown, heading="Direct trials" if len(table) else "")


def rows(found: Beside) -> pd.DataFrame:
    """Rows for `figures.rows.estimate_rows`: therapies of which something can be drawn."""
    drawn = [one for one in found.therapies if one.k != 2]
    return pd.DataFrame(
        {
            "label": [THERAPIES[one.therapy] for one in drawn],
            "estimate": [one.pooled.estimate for one in drawn],
            "ci_lower": [one.pooled.ci_lower for one in drawn],
            "ci_upper": [one.pooled.ci_upper for one in drawn],
            "k": [one.k for one in drawn],
            "marked": [one is found.ipt for one in drawn],
        }
    )


def _table(found: Beside) -> pd.DataFrame:
    return pd.DataFrame([_row(one, found) for one in found.therapies])


def _row(one: TherapyEffect, found: Beside) -> dict[str, str]:
    pooled, ipt = one.pooled, one is found.ipt
    g, ends, spread = tables.effect(pooled.estimate), "", "needs three trials"
    ends = tables.interval(pooled.ci_lower, pooled.ci_upper)
    if one.k == 2:
        g, ends = " and ".join(tables.effect(value) for value in one.trials["yi"]), "not pooled"
    elif one.k >= LEAST:
        spread = tables.interval(pooled.pi_lower, pooled.pi_upper)
    unknown = one.people.studies - one.people.studies_known
    people = tables.count(one.people.value) + (f" (not known of {unknown})" if unknown else "")
    return {
        "Therapy, against control": THERAPIES[one.therapy],
        "Trials": tables.count(one.k),
        "People": people,
        "g": g,
        "95% CI": ends,
        "95% prediction interval": spread,
        "IPT minus this, indirect": "reference" if ipt else _cell(one.therapy, found.each),
        "Adjusted, indirect": "reference" if ipt else _cell(one.therapy, found.each_adjusted),
    }


def _cell(therapy: str, regression: Regression) -> str:
    one = regression.differences.get(therapy)
    if one is None:
        return "too few trials"
    return f"{tables.effect(one.estimate)} ({tables.interval(one.ci_lower, one.ci_upper)})"


def _alternative(found: Beside) -> str:
    """What the figure shows, in words."""
    parts = [f"{THERAPIES[one.therapy]}: {_number(one)}" for one in found.therapies if one.k != 2]
    return (
        f"Indirect comparison: pooled effects against control of {spell(len(parts))} "
        f"psychotherapies. {'; '.join(parts)}."
    )


def _trials(base: EvidenceBase, found: Beside, therapy: str) -> Detail:
    """The trials of one therapy, each opening at its row of the database."""
    chosen = next((one for one in found.therapies if one.therapy == therapy), found.therapies[0])
    trials = chosen.trials.sort_values("study", kind="stable")
    links = [
        base.sources[source].row(int(key.rpartition("-")[2]))
        for source, key in zip(trials["source_id"], trials["context_id"], strict=True)
    ]
    table = pd.DataFrame(
        {
            "Trial": trials["study"].to_list(),
            "Control": [CONTROL_TYPES[kind] for kind in trials["control_type"]],
            "Year": [str(year) for year in trials["year"]],
            "People": [tables.count(value) for value in trials["n"]],
            "g": [tables.effect(value) for value in trials["yi"]],
            "Risk of bias": [tables.risk_of_bias(value) for value in trials["rob"]],
            "Row of the database": [tables.safe_url(url) for url in links],
        }
    )
    name = THERAPIES[chosen.therapy]
    return Detail(
        "therapies-trials",
        table,
        heading=f"Trials behind the row “{name}”",
        fold=f"{upper_first(counted(chosen.k))} against control",
        links=("Row of the database",),
    )


def _note(base: EvidenceBase, view: View, found: Beside) -> str:
    named = "; ".join(_source(base, name) for name in found.sources)
    model = view.model
    shared = (
        f" {upper_first(counted(found.shared))} gave both IPT and another therapy and "
        f"{'counts' if found.shared == 1 else 'count'} in both rows."
        if found.shared
        else ""
    )
    lost = found.overall_adjusted.unknown
    unknown = f" Not in the adjusted model, since something is not known: {lost}." if lost else ""
    return (
        f"Trials and codes: {named}. They are not the trials of the page's own estimate, which "
        f"has further sources and its own rules for what may be pooled. Each trial counts once a "
        f"therapy (ρ = {model.rho:g}); {model.method}; differences by meta-regression with one τ² "
        f"for all trials.{shared}{unknown}"
    )


def _source(base: EvidenceBase, name: str) -> str:
    source = base.sources[name]
    until = f", searched up to {tables.month(source.last_search)}" if source.last_search else ""
    return f"{source.label}{until} ({source.licence}, {source.address})"
