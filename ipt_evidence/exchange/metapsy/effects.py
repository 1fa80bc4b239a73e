"""A row of a Metapsy database becomes an effect of our schema: IPT first, positive favours IPT.

Databases of psychotherapy against control hold, for a trial with two treatments, each of them
against the same control arm. Put side by side the two rows give IPT against the other treatment:
no number is new, and people stay in the arm to which they were randomised.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ipt_evidence.exchange.metapsy.checks import Direction, GDifference, g_difference, implausible
from ipt_evidence.exchange.metapsy.coding import (
    Arm,
    InstrumentNames,
    Verdict,
    rater,
    risk_of_bias,
    slug,
)
from ipt_evidence.exchange.metapsy.database import Row
from ipt_evidence.exchange.metapsy.standard import CHANGE, EVENTS, MEANS, RESPONSE_OUTCOME

__all__ = ["Context", "Converted", "convert_row", "treatment_pairs"]

_SAME_CONTROL = (
    "study",
    "instrument",
    "time",
    "time_weeks",
    "rating",
    "outcome_type",
    "condition_arm2",
)


def treatment_pairs(
    rows: Sequence[Row], verdicts: Mapping[int, Verdict]
) -> Iterator[tuple[Row, Row]]:
    """Rows of arm 1 of an IPT row against arm 1 of a row with the same control arm.

    Each comes with that other row: what it says stands in no single row of the file.
    ``verdicts`` maps lines to verdicts; only rows sure to be IPT in arm 1 are paired, and only
    where means, changes or events are there for both and the numbers of the control arm agree.
    """
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row.text(name) for name in _SAME_CONTROL), []).append(row)
    for group in groups.values():
        for ipt in group:
            verdict = verdicts.get(ipt.line)
            if verdict is None or verdict.decision != "ipt" or verdict.arm != 1:
                continue
            for other in group:
                found = verdicts.get(other.line)
                sure_other = found is None or found.decision == "excluded"
                columns = _shared(ipt, other) if sure_other else ()
                if columns:
                    yield _side_by_side(ipt, other, columns), other


def _shared(ipt: Row, other: Row) -> tuple[str, ...]:
    """The columns of arm data that both rows fill and in which the control arm is the same."""
    for names in (MEANS, CHANGE, EVENTS):
        if ipt.known(*names) and other.known(*names):
            control = [name for name in names if name.endswith("2")]
            same = all(ipt.numbers[name] == other.numbers[name] for name in control)
            return names if same else ()
    return ()


def _side_by_side(ipt: Row, other: Row, columns: Sequence[str]) -> Row:
    cells = {k: v for k, v in ipt.cells.items() if not k.endswith("arm2") and k[:1] != "."}
    numbers = {k: v for k, v in ipt.numbers.items() if not k.endswith("arm2") and k[:1] != "."}
    for name in ("condition", "multi", "detail", "rand", *(c[:-5] for c in columns)):
        source, target = f"{name}_arm1", f"{name}_arm2"
        if source in other.cells:
            cells[target] = other.cells[source]
        if source in other.numbers:
            numbers[target] = other.numbers[source]
    return Row(ipt.line, cells, numbers)


_ARM_COLUMNS = {
    "means": {"mean": "mean_arm", "sd": "sd_arm", "n": "n_arm"},
    "change": {"mean": "mean_change_arm", "sd": "sd_change_arm", "n": "n_change_arm"},
    "events": {"events": "event_arm", "n": "totaln_arm"},
}
_GOOD_EVENTS = ("response", "remission", "recover", "improve", "no diagnosis")
_BAD_EVENTS = ("deterior", "relapse", "death", "suicid", "attempt", "diagnosis", "harm")
_DOMAINS = {
    "social_anxiety": "anxiety", "panic": "anxiety", "generalised_anxiety": "anxiety",
    "anxiety": "anxiety", "ptsd": "ptsd", "borderline": "borderline", "bulimia": "eating_disorder",
    "binge_eating": "eating_disorder", "anorexia": "eating_disorder",
    "eating_disorders": "eating_disorder",
}  # fmt: skip
_OUTCOMES = {
    "depression": "depressive symptoms", "anxiety": "anxiety", "ptsd": "PTSD severity",
    "borderline": "severity of borderline personality disorder",
    "eating_disorder": "eating-disorder symptoms",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Context:
    """What holds for all rows of a database while they are converted."""

    source_id: str
    source_url: str
    direction: Direction
    instruments: InstrumentNames
    ways: Mapping[str, str]  # direction of each instrument as the database writes it
    se_for_sd: Mapping[int, str]  # by line


@dataclass(frozen=True, slots=True)
class Converted:
    """An effect row (columns of effects.csv), the row it came from, and a difference in g."""

    effect: dict[str, Any]
    line: int
    difference: GDifference | None
    warnings: tuple[str, ...]


def convert_row(
    row: Row, verdict: Verdict, study_id: str, condition: str, arm: Arm, context: Context
) -> Converted:
    """The effect of one row; ``include`` is false, with the reason, where it may not be pooled."""
    ipt, other = (1, 2) if verdict.arm == 1 else (2, 1)
    kind = _input_type(row)
    domain = _DOMAINS.get(condition, "depression")
    way, doubt = _way(row, kind, context)
    warnings = [context.se_for_sd[row.line]] if row.line in context.se_for_sd else []
    difference = g_difference(row)
    effect: dict[str, Any] = {
        "effect_id": _effect_id(row, study_id, context),
        "study_id": study_id,
        "reference": study_id,
        "source_id": context.source_id,
        "comparison": arm.comparison,
        "comparator": arm.words,
        "comparator_type": arm.kind,
        "outcome": _outcome(row, kind, domain),
        "outcome_domain": domain,
        "instrument": _instrument_id(row, context),
        "rater": rater(row.text("rating")),
        "direction": way,
        "time": "post" if row.text("time").lower() in ("", "post") else "follow_up",
        "time_detail": _time_detail(row),
        "input_type": kind,
        "rob": risk_of_bias(row)[0],
        "verified": True,
        "check": "none",
        "extraction": "single",
        "quote": _quote(row, kind),
        "source_url": context.source_url,
        "note": f"Taken from the database, line {row.line}, not checked against the report",
    }
    effect |= _inputs(row, kind, ipt, other) | _published(row, verdict.arm, context.direction)
    effect["flags"] = ";".join(_flags(row, se_for_sd=bool(warnings)))
    reason = doubt or _why_not(kind, effect, verdict)
    effect["include"] = not reason
    effect["include_reason"] = reason or f"IPT: {verdict.reason}"
    return Converted(effect, row.line, difference, tuple(warnings))


def _flags(row: Row, *, se_for_sd: bool) -> Iterator[str]:
    if row.text("outcome_type") == RESPONSE_OUTCOME:
        yield "calculated_response"
    if se_for_sd:
        yield "se_for_sd"
    if implausible(row.number(".g")):
        yield "implausible_effect"


def _input_type(row: Row) -> str:
    """Which numbers the effect is computed from: the arms where they are given, else ``.g``."""
    for names, kind in ((MEANS, "means"), (CHANGE, "change"), (EVENTS, "events")):
        if row.known(*names):
            return kind
    return "reported_smd" if row.known(".g", ".g_se") else "none"


def _way(row: Row, kind: str, context: Context) -> tuple[str, str]:
    """Which way is better in this row, and why that is in doubt (empty where it is not).

    The instrument, or what the event is called, says it; the database's own ``.g`` must agree.
    """
    sign = context.direction.sign
    g = row.number(".g")
    if kind == "events":
        named = _event(row.text("outcome_type")) or _event(row.text("dich_type"))
        higher, lower = "event_good", "event_bad"
    else:
        named = context.ways.get(row.text("instrument"), "")
        higher, lower = "higher_better", "lower_better"
    shown = ""
    raw = _raw_difference(row, kind)
    if g and sign is not None and raw:
        shown = higher if (g * sign > 0) == (raw > 0) else lower
    if not named and not shown:
        doubt = "" if kind == "reported_smd" else "Which way is better cannot be told"
        return lower, doubt
    if named and shown and named != shown:
        return named, (
            f"The sign of the database's g ({g:g}) contradicts the raw numbers, in which "
            f"{named.replace('_', ' ')}"
        )
    return named or shown, ""


def _event(text: str) -> str:
    """Whether what is counted is good or bad for the patient; empty where the words do not say."""
    lower = text.lower()
    if any(word in lower for word in _GOOD_EVENTS):
        return "event_good"
    return "event_bad" if any(word in lower for word in _BAD_EVENTS) else ""


def _raw_difference(row: Row, kind: str) -> float:
    if kind == "means":
        return row.numbers["mean_arm1"] - row.numbers["mean_arm2"]
    if kind == "change":
        return row.numbers["mean_change_arm1"] - row.numbers["mean_change_arm2"]
    if kind == "events" and min(row.numbers["totaln_arm1"], row.numbers["totaln_arm2"]) > 0:
        shares = [row.numbers[f"event_arm{a}"] / row.numbers[f"totaln_arm{a}"] for a in (1, 2)]
        return shares[0] - shares[1]
    return 0.0


def _inputs(row: Row, kind: str, ipt: int, other: int) -> dict[str, Any]:
    """The arms as columns of effects.csv, and which people ``n`` counts."""
    randomised = [row.number(f"rand_arm{arm}") for arm in (ipt, other)]
    groups = [f"{people:g}" for people in randomised if people is not None]
    basis = "as in the row" if kind in _ARM_COLUMNS else "not in the row"
    if len(groups) == len(randomised):
        basis += f"; randomised {' v '.join(groups)}"
    inputs: dict[str, Any] = {"n_basis": basis}
    for name, column in _ARM_COLUMNS.get(kind, {}).items():
        inputs[f"{name}_ipt"] = row.numbers[f"{column}{ipt}"]
        inputs[f"{name}_comparator"] = row.numbers[f"{column}{other}"]
    return inputs


def _published(row: Row, arm: int, direction: Direction) -> dict[str, Any]:
    g = row.number(".g")
    if g is None:
        return {}
    favours_arm1 = direction.sign
    who = ""
    if favours_arm1 is not None:
        who = "ipt" if (favours_arm1 > 0) == (arm == 1) else "comparator"
    return {
        "reported_metric": "Hedges g (Metapsy)",
        "reported_value": g,
        "reported_se": row.number(".g_se"),
        "reported_positive_favours": who,
    }


def _why_not(kind: str, effect: Mapping[str, Any], verdict: Verdict) -> str:
    if verdict.decision != "ipt":
        return f"Not sure that this is IPT: {verdict.reason}"
    if kind == "none":
        return "The row holds neither complete arms nor a g with its standard error"
    if kind == "reported_smd" and not effect.get("reported_positive_favours"):
        return "Only a g without arms, and whom it favours cannot be told"
    return ""


def _instrument_id(row: Row, context: Context) -> str:
    name = row.text("instrument")
    if row.text("outcome_type") == RESPONSE_OUTCOME:
        return context.instruments.find("response-50")
    return context.instruments.find(name) or slug(name)


def _effect_id(row: Row, study_id: str, context: Context) -> str:
    parts = [study_id, _instrument_id(row, context)]
    outcome = row.text("outcome_type").lower()
    for word in ("response", "remission", "deterioration"):
        if word in outcome and word not in parts[-1]:
            parts.append(word)
    if row.text("outcome_type") == RESPONSE_OUTCOME:
        parts = [study_id, "response-calculated"]
    time = row.text("time").lower()
    return "-".join(filter(None, [*parts, "" if time in ("", "post") else slug(time)]))


def _outcome(row: Row, kind: str, domain: str) -> str:
    if kind == "events":
        scale = row.text("instrument")
        name = row.text("outcome_type")
        return f"{name} on {scale}" if scale else name
    return _OUTCOMES.get(domain, domain.replace("_", " "))


def _time_detail(row: Row) -> str:
    weeks = row.number("time_weeks")
    return row.text("time") + (f" ({weeks:g} weeks)" if weeks is not None else "")


def _quote(row: Row, kind: str) -> str:
    arms = " v ".join(row.text(f"condition_arm{arm}") for arm in (1, 2))
    groups = {"means": MEANS, "change": CHANGE, "events": EVENTS}.get(kind, (".g", ".g_se"))
    numbers = " ".join(f"{name} {row.cells[name]}" for name in groups if name in row.cells)
    label = row.text("row_label") or row.text("study")
    return " ".join(filter(None, (label, arms, row.text("instrument"), numbers)))
