"""Options of a table of one's own, and ``effects``: what each of its rows was read as."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ipt_evidence.cli.output import echo_json, json_option
from ipt_evidence.cli.text import cells_table
from ipt_evidence.errors import DataError
from ipt_evidence.exchange.own_data.bibliography import bibliography_of, with_bibliography
from ipt_evidence.exchange.own_data.checks import checks_of
from ipt_evidence.exchange.own_data.columns import FIELDS
from ipt_evidence.exchange.own_data.effects import Effects, read_effects
from ipt_evidence.exchange.own_data.recipes import RECIPES, Settings
from ipt_evidence.exchange.own_data.shared_arms import SHARED
from ipt_evidence.exchange.own_data.table import OwnTable, read_table
from ipt_evidence.meta_analysis.effect_sizes import ZERO_RULES, ZeroCells
from ipt_evidence.meta_analysis.escalc import MEASURES
from ipt_evidence.wording.plain import csv_safe

__all__ = ["OWN_OPTIONS", "Option", "effects_command", "joined", "natural", "opened", "settings_of"]

Option = Callable[[Callable[..., Any]], Callable[..., Any]]


def _columns(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    pairs = dict(text.partition("=")[::2] for text in given)
    if unknown := [name for name in pairs if name not in FIELDS]:
        raise click.BadParameter(f"{unknown[0]!r} is none of {', '.join(FIELDS)}")
    return pairs


OWN_OPTIONS: tuple[Option, ...] = (
    click.option(
        "--measure",
        type=click.Choice(tuple(RECIPES), case_sensitive=False),
        help="Effect size to make of --input.  [default: what its columns allow]",
    ),
    click.option("--flip", is_flag=True, help="Turn the sign of every effect of --input."),
    click.option("--sei", help="Column of standard errors in --input, in place of --vi."),
    click.option(
        "--icc",
        type=click.FloatRange(0, 1),
        help="Intracluster correlation: with --cluster-size, variances × 1 + (size - 1) ICC.",
    ),
    click.option(
        "--cluster-size", type=click.FloatRange(1), help="Mean size of randomised clusters."
    ),
    click.option(
        "--shared-control",
        type=click.Choice(SHARED),
        help="An arm in several comparisons: split its people, or give the covariance of the "
        "effects to --model che or three-level.",
    ),
    click.option(
        "--correlation",
        type=click.FloatRange(-1, 1, min_open=True, max_open=True),
        help="Of scores before and after treatment, where no column holds it.",
    ),
    click.option("--add", type=float, default=0.5, help="Added to cells of events."),
    click.option(
        "--to",
        type=click.Choice(ZERO_RULES),
        help="Which tables --add is added to; as metafor.  [default: only0; of PETO none]",
    ),
    click.option(
        "--drop00",
        is_flag=True,
        help="Leave out trials without an event in either arm; else they are kept, as in metafor.",
    ),
    click.option(
        "--column",
        "columns",
        multiple=True,
        callback=_columns,
        help="Say what a column of --input means, like m1=Post_IPT; may be repeated.",
    ),
    click.option(
        "--bibliography",
        type=click.Path(path_type=Path),
        help="References of the studies, in any format of `load`: joined by DOI, title or label.",
    ),
    click.option(
        "--sheet",
        help="Sheet of a workbook, or analysis of an export of RevMan Web.  [default: the first]",
    ),
)
"""Options that say how a table of arms or effects is read."""

_NAMES = (
    "measure", "flip", "sei", "icc", "cluster_size", "shared_control", "correlation", "add", "to",
    "drop00", "columns", "sheet",
)  # fmt: skip


def settings_of(given: dict[str, Any]) -> tuple[Settings, str | None]:
    """Take the options of a table out of ``given``: its settings, and the sheet."""
    chosen = {name: given.pop(name) for name in _NAMES}
    rule = None
    if chosen["to"] or chosen["drop00"] or chosen["add"] != ZeroCells().add:
        rule = ZeroCells(chosen["add"], chosen["to"] or ZeroCells().to, chosen["drop00"])
    columns = dict(chosen["columns"])
    if chosen["sei"]:
        columns["se"] = chosen["sei"]
    settings = Settings(
        measure=(chosen["measure"] or "").upper(),
        columns=columns,
        flip=chosen["flip"],
        r=chosen["correlation"],
        icc=chosen["icc"],
        cluster_size=chosen["cluster_size"],
        shared=chosen["shared_control"] or "",
        zeros=rule,
    )
    return settings, chosen["sheet"]


def opened(path: Path, sheet: str | None = None) -> OwnTable:
    """The table in a file.

    Raises
    ------
    DataError
        When there is none, or it cannot be read.
    """
    return read_table(_bytes(path, "a CSV or XLSX file"), str(path), sheet)


def _bytes(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path} does not exist. Give the path of {what}") from None
    except OSError as err:
        raise DataError(f"{path} cannot be read: {err.strerror}") from err


def joined(effects: Effects, path: Path | None) -> Effects:
    """The effects with the references of a bibliography, if one is given."""
    if path is None:
        return effects
    return with_bibliography(effects, bibliography_of(_bytes(path, "a bibliography"), str(path)))


def _with_options(function: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(function)
    def asked(**given: Any) -> None:
        settings, sheet = settings_of(given)
        function(settings=settings, sheet=sheet, **given)

    gathered: Callable[..., None] = asked
    for option in reversed(OWN_OPTIONS):
        gathered = option(gathered)
    return gathered


@click.command("effects", context_settings={"show_default": True})
@click.argument("table", metavar="INPUT", type=click.Path(path_type=Path))
@_with_options
@click.option("--csv", "as_csv", is_flag=True, help="Print a CSV with the columns of INPUT behind.")
@json_option
def effects_command(
    table: Path,
    settings: Settings,
    sheet: str | None,
    bibliography: Path | None,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Make an effect of each row of INPUT, and say what it was read as and what was done to it.

    INPUT is a CSV file in any dialect or an XLSX workbook. Columns are recognised by metafor's
    names (yi vi sei; m1i sd1i n1i m2i sd2i n2i; ai bi ci di; ri ni), by those of Metapsy, RevMan
    and JASP, and in words (mean treatment, sd control). Effects are arm 1 minus arm 2.
    """
    found = joined(read_effects(opened(table, sheet), settings), bibliography)
    checked = checks_of(found)
    if as_json:
        echo_json(_document(found, [asdict(one) for one in checked]))
    elif as_csv:
        cells = found.table.cells.iloc[found.rows["place"]].reset_index(drop=True)
        own = found.rows.drop(columns="place")
        cells.columns = [name if name not in own else f"{name} (input)" for name in cells.columns]
        click.echo(csv_safe(own.join(cells)), nl=False)
        for note in (*found.notes, *(str(one) for one in checked)):
            click.echo(note, err=True)
    else:
        click.echo(_text(found, [str(one) for one in checked]))


def _document(found: Effects, checked: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "measure": found.measure,
        "label": MEASURES[found.measure].label,
        "columns": found.mapped,
        "effects": found.rows.drop(columns="place"),
        "left_out": found.left_out,
        "covariance": None if found.covariance is None else found.covariance.tolist(),
        "checks": checked,
        "notes": found.notes,
    }


def _text(found: Effects, checked: list[str]) -> str:
    meanings = ", ".join(
        f"{column} = {FIELDS[name].label}" for name, column in found.mapped.items()
    )
    names = ["line", "label", "yi", "vi", "read_as", "done"]
    shown = found.rows[names if found.references is None else [*names, "reference"]]
    lines = [f"{MEASURES[found.measure].label} ({found.measure}); {meanings}", ""]
    lines.append(cells_table(list(map(str, shown)), shown.to_numpy().tolist()))
    if len(found.left_out):
        lines += [
            "",
            "Left out:",
            cells_table(list(map(str, found.left_out)), found.left_out.to_numpy().tolist()),
        ]
    if checked:
        lines += ["", "To check:", *checked]
    if found.notes:
        lines += ["", *found.notes]
    return "\n".join(lines)


def natural(measure: str, numbers: Mapping[str, Any]) -> dict[str, Any] | None:
    """The pooled effect on its plain scale, such as an odds ratio; None where it is plain."""
    kind = MEASURES.get(measure)
    if kind is None or kind.back is None or numbers.get("estimate") is None:
        return None
    names = ("estimate", "ci_lower", "ci_upper", "pi_lower", "pi_upper")
    back = {name: kind.back(numbers[name]) for name in names if numbers.get(name) is not None}
    return {"label": kind.natural, **back}
