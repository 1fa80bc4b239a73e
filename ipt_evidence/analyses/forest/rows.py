"""What stands in each row of a forest plot and in the columns beside it, before it is drawn."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pandas as pd

from ipt_evidence.figures import lettering
from ipt_evidence.figures.columns import TEXT_SIZE, TextColumn
from ipt_evidence.figures.marks import ROB_COLUMN_WIDTH
from ipt_evidence.figures.rows import number, text_column
from ipt_evidence.meta_analysis.models import LEAST, PooledEffect, interpretable
from ipt_evidence.meta_analysis.moderators import SubgroupEffect
from ipt_evidence.wording import tables
from ipt_evidence.wording.sentences import TOO_FEW_TO_POOL

__all__ = [
    "COMPARATOR_ROOM",
    "DOMAIN_ROOM",
    "USUAL_COLUMNS",
    "ForestRow",
    "domain_letters",
    "forest_rows",
    "judgement_level",
    "label_column",
    "left_columns",
    "number_column",
    "right_columns",
]

EXCLUDED = "Left out by you"
COMPARATOR_ROOM = 178.0  # pixels: "enhanced treatment as usual" fits

USUAL_COLUMNS = ("compared", "people", "weight")
DOMAIN_ROOM = 19.0  # pixels for the disc of a domain
_LEVELS = {"Low": "low", "Some concerns": "some_concerns", "High": "high"}

Kind = Literal["trial", "heading", "subtotal", "pooled", "prediction"]


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One row: its place, its mark's numbers (``nan`` for none) and its texts ("" for none)."""

    kind: Kind
    y: int
    label: str
    study_id: str = ""
    estimate: float = math.nan
    lower: float = math.nan
    upper: float = math.nan
    weight_value: float = 0.0
    comparator: str = ""
    n: str = ""
    weight: str = ""
    g: str = ""
    ci: str = ""
    rob: str = ""
    flags: str = ""
    hover: str = ""
    ipt_data: str = ""
    comparison_data: str = ""
    domains: Mapping[str, str] = field(default_factory=dict)  # name of the domain to level
    excluded: bool = False  # a trial that stands below the others and is not in the pooled effect

    @property
    def bold(self) -> bool:
        """Whether the row's texts are set in bold: headings and pooled effects."""
        return self.kind in {"heading", "subtotal", "pooled"}


def forest_rows(
    trials: pd.DataFrame,
    pooled: PooledEffect | None,
    *,
    group: str | None,
    group_pooled: Mapping[str, PooledEffect | SubgroupEffect],
) -> list[ForestRow]:
    """Line up headings, trials and summaries from top to bottom; see `figure.forest_plot`."""
    everything = tables.records(trials)
    records = [record for record in everything if not record.get("excluded")]
    excluded = [record for record in everything if record.get("excluded")]
    level = 95.0 if pooled is None else pooled.level
    rows: list[ForestRow] = []
    if group is None:
        rows += [_trial(record, place) for place, record in enumerate(records)]
    else:
        for heading in dict.fromkeys(tables.text(record.get(group)) for record in records):
            members = [record for record in records if tables.text(record.get(group)) == heading]
            rows += _group(heading, members, group_pooled.get(heading), len(rows), level)
    if pooled is not None:
        label = "Pooled effect" if group is None else "All trials"
        rows.append(_summary("pooled", label, pooled, records, len(rows), level))
        rows += _prediction(pooled, len(rows))
    if excluded:
        rows.append(ForestRow("heading", len(rows), EXCLUDED))
        for record in excluded:
            rows.append(_trial(record, len(rows)))
    return rows


def _group(
    heading: str,
    members: list[dict[str, Any]],
    summary: PooledEffect | SubgroupEffect | None,
    y: int,
    level: float,
) -> list[ForestRow]:
    """A heading at row ``y``, its trials, and their pooled effect where there are enough."""
    pair = summary is not None and not interpretable(summary.k)
    shown = f"{heading} (two trials, {TOO_FEW_TO_POOL})" if pair else heading
    rows = [ForestRow("heading", y, shown)]
    rows += [_trial(record, y + place) for place, record in enumerate(members, 1)]
    if summary is not None and summary.k >= LEAST:
        rows.append(_summary("subtotal", "Pooled", summary, members, y + len(rows), level))
    return rows


def judgement_level(word: str | None) -> str:
    """The level of risk of bias for a judgement in the words of the tool; empty for none."""
    return "" if word is None else _LEVELS.get(word, "unclear")


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    return "" if tables.is_missing(value) else tables.text(value)


def _brackets(lower: float, upper: float) -> str:
    return "" if math.isnan(lower) or math.isnan(upper) else f"[{tables.interval(lower, upper)}]"


def _trial(record: Mapping[str, Any], y: int) -> ForestRow:
    estimate = number(record, "yi")
    lower, upper = number(record, "ci_lower"), number(record, "ci_upper")
    weight, people = number(record, "weight"), number(record, "n")
    no_number = math.isnan(estimate)
    return ForestRow(
        kind="trial",
        y=y,
        label=_text(record, "label") or _text(record, "study_id"),
        study_id=_text(record, "study_id"),
        estimate=estimate,
        lower=math.nan if no_number else lower,
        upper=math.nan if no_number else upper,
        weight_value=0.0 if math.isnan(weight) else weight,
        comparator=_text(record, "comparator"),
        n="" if math.isnan(people) else tables.count(people),
        weight="" if math.isnan(weight) or no_number else tables.percent(weight, 1),
        g="" if no_number else tables.effect(estimate),
        ci="no usable effect" if no_number else _brackets(lower, upper),
        rob=_text(record, "rob"),
        flags=_text(record, "flags"),
        hover=_hover(record, estimate, lower, upper),
        ipt_data=_text(record, "ipt_data"),
        comparison_data=_text(record, "comparison_data"),
        domains={
            name: judgement_level(word) for name, word in (record.get("domains") or {}).items()
        },
        excluded=bool(record.get("excluded")),
    )


def _hover(record: Mapping[str, Any], estimate: float, lower: float, upper: float) -> str:
    """Tell one trial in plain words, as safe HTML."""
    lines = []
    against, people = _text(record, "comparator"), number(record, "n")
    compared = f"IPT compared with {against}" if against else ""
    size = "" if math.isnan(people) else f"{tables.count(people)} people"
    lines.append(", ".join(part for part in (compared, size) if part))
    for arm, name in (("IPT", "ipt_data"), ("Comparison", "comparison_data")):
        data = _text(record, name)
        lines.append(f"{arm}: {data}" if data else "")
    lines.append(f"g {tables.estimate_with_interval(estimate, lower, upper)}")
    lines.append(_reading(lower, upper))
    weight, bias = number(record, "weight"), _text(record, "rob")
    lines.append("" if math.isnan(weight) else f"{tables.percent(weight, 1)} of the weight")
    lines.append(f"Risk of bias: {tables.risk_of_bias(bias).lower()}" if bias else "")
    flags = _text(record, "flags")
    lines.append(f"† {flags.replace('_', ' ')}" if flags else "")
    lines.append("Left out by you: not in the pooled effect" if record.get("excluded") else "")
    return lettering.hover(_text(record, "label"), *lines)


def _reading(lower: float, upper: float) -> str:
    if math.isnan(lower) or math.isnan(upper):
        return ""
    if lower > 0:
        return "Favours IPT on its own"
    return "Favours the comparison on its own" if upper < 0 else "No clear difference on its own"


def _summary(
    kind: Kind,
    label: str,
    pooled: PooledEffect | SubgroupEffect,
    members: list[dict[str, Any]],
    y: int,
    level: float,
) -> ForestRow:
    known = [record for record in members if not tables.is_missing(record.get("yi"))]
    people = [number(record, "n") for record in known]
    # A sum over trials of unknown size would be too small: leave it out.
    total = "" if not people or any(map(math.isnan, people)) else tables.count(sum(people))
    weights = [number(record, "weight") for record in known]
    shares = [weight for weight in weights if not math.isnan(weight)]
    shown = tables.estimate_with_interval(pooled.estimate, pooled.ci_lower, pooled.ci_upper, level)
    return ForestRow(
        kind=kind,
        y=y,
        label=label,
        estimate=pooled.estimate,
        lower=pooled.ci_lower,
        upper=pooled.ci_upper,
        n=total,
        weight=tables.percent(sum(shares), 1 if kind == "subtotal" else 0) if shares else "",
        g=tables.effect(pooled.estimate),
        ci=_brackets(pooled.ci_lower, pooled.ci_upper),
        hover=f"<b>{label} of {tables.count(pooled.k)} trials</b><br>g {shown}",
    )


def _prediction(pooled: PooledEffect, y: int) -> list[ForestRow]:
    ends = tables.prediction_interval(pooled)
    if ends is None:
        return []
    return [
        ForestRow(
            kind="prediction",
            y=y,
            label="Prediction interval",
            lower=ends[0],
            upper=ends[1],
            ci=_brackets(*ends),
            hover=(
                f"<b>{tables.level(pooled.level)} prediction interval</b><br>"
                f"A new trial could land anywhere between<br>"
                f"{tables.effect(ends[0])} and {tables.effect(ends[1])}"
            ),
        )
    ]


def label_column(
    rows: list[ForestRow],
    room: float,
    heading: str = "",
    rise: float = 0.0,
    *,
    people: bool = False,
    quiet: str = "",
) -> TextColumn:
    """Write names, cut to ``room``; pooled effects and headings in bold.

    With ``people`` each name is followed by its number of people, in the colour ``quiet``.
    """
    cells, width = [], 0.0
    for row in rows:
        bold = row.bold
        mark = " †" if row.flags else ""
        counted = f" · n {row.n}" if people and row.n else ""
        # A heading may run into the plot, where nothing stands in its row.
        most = room * 1.6 if row.kind == "heading" else room
        beside = lettering.text_width(mark + counted)
        shown = lettering.shorten(row.label, most - beside, bold=bold) + mark
        if row.kind != "heading":
            width = max(width, lettering.text_width(shown + counted, TEXT_SIZE, bold=bold))
        text = lettering.escape(shown)
        text = f"<b>{text}</b>" if bold else text
        cells.append(f'{text}<span style="color:{quiet}">{counted}</span>' if counted else text)
    return TextColumn(heading, tuple(cells), width, rise=rise)


def left_columns(
    rows: list[ForestRow],
    max_label: float,
    columns: Collection[str] = USUAL_COLUMNS,
    max_comparator: float = COMPARATOR_ROOM,
) -> tuple[TextColumn, ...]:
    """Write names and, where known, what IPT was compared with and what each arm reported."""
    made = [label_column(rows, max_label, "Study")]
    compared = [row.comparator for row in rows]
    if "compared" in columns and any(compared):
        made.append(text_column("Compared with", compared, room=max_comparator, muted=True))
    for heading, cells in (  # such as "12.3 (8.1), n 45" or "7/110"
        ("IPT arm", [row.ipt_data for row in rows]),
        ("Comparison arm", [row.comparison_data for row in rows]),
    ):
        if "arms" in columns and any(cells):
            made.append(text_column(heading, cells, align="right", muted=True))
    return tuple(made)


def right_columns(
    rows: list[ForestRow], columns: Collection[str] = USUAL_COLUMNS
) -> tuple[TextColumn, ...]:
    """Write people, weight, g, its interval, and leave room for risk of bias, where known."""
    bold = [row.bold for row in rows]

    def column(heading: str, cells: list[str]) -> TextColumn:
        return text_column(heading, cells, bold=bold, align="right")

    made = []
    if "people" in columns and any(row.n for row in rows):
        made.append(column("People", [row.n for row in rows]))
    if "weight" in columns and any(row.weight for row in rows):
        made.append(column("Weight", [row.weight for row in rows]))
    made.append(column("g", [row.g for row in rows]))
    made.append(column("95% CI", [row.ci for row in rows]))
    if "domains" in columns and (letters := domain_letters(rows)):
        made.append(TextColumn("", ("",) * len(rows), DOMAIN_ROOM * len(letters)))
    if any(row.rob for row in rows):
        made.append(TextColumn("Bias", ("",) * len(rows), ROB_COLUMN_WIDTH))
    return tuple(made)


def domain_letters(rows: list[ForestRow]) -> dict[str, str]:
    """A letter for each domain that some row is rated in: its place among these, from A on."""
    known = dict.fromkeys(name for row in rows for name in row.domains)
    return {name: chr(ord("A") + place) for place, name in enumerate(known)}


def number_column(rows: list[ForestRow], rise: float) -> TextColumn:
    """Write g and its interval in one column, for narrow screens."""
    cells = [f"{row.g} {row.ci}".strip() for row in rows]
    column = text_column("", cells, bold=[row.bold for row in rows], align="right")
    return replace(column, rise=rise)
