"""``show`` and ``export``: an analysis of a view, and everything behind its estimate in a zip."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click
import pandas as pd

from ipt_evidence.analyses.registry import ANALYSES
from ipt_evidence.cli.output import echo_json, json_option
from ipt_evidence.cli.text import cells_table
from ipt_evidence.cli.view import Words, view_options
from ipt_evidence.evidence.base import current_base
from ipt_evidence.evidence.files import write_bytes_atomically
from ipt_evidence.evidence.view import view_of

__all__ = ["export_command", "show_command"]


def _choices(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, list[str]]:
    chosen: dict[str, list[str]] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise click.BadParameter(f"{text!r} is not OPTION=VALUE, like layers=egger")
        chosen.setdefault(name, []).append(value)
    return chosen


@click.command("show")
@click.argument("analysis", type=click.Choice(tuple(ANALYSES)))
@view_options(needs_condition=True)
@click.option(
    "--choose",
    "chosen",
    multiple=True,
    callback=_choices,
    metavar="OPTION=VALUE",
    help="A choice that the page offers, like layers=egger; may be repeated.",
)
@json_option
def show_command(
    words: Words,
    analysis: str,
    chosen: dict[str, list[str]],
    as_json: bool,
    data: Path | None,
) -> None:
    """Show an analysis of one view: its findings, its table and how to read them."""
    base = current_base(data)
    document = ANALYSES[analysis].document(base, view_of(words, base), chosen)
    if as_json:
        echo_json({**document, "data_version": base.version})
        return
    parts = [document["label"], *document["sentences"], _table(document["table"])]
    for heading, text in (("In words", "text_alternative"), ("How to read it", "how_to_read")):
        parts.append(document[text] and f"{heading}:\n{document[text]}")
    for detail in document["details"]:
        parts += [detail["heading"], detail["sentence"], _table(detail["table"])]
    click.echo("\n\n".join(part for part in parts if part))


def _table(frame: pd.DataFrame) -> str:
    if frame.empty:
        return ""
    rows = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    return cells_table([str(name) for name in frame.columns], rows)


@click.command("export")
@view_options(needs_condition=True)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The zip file to write.",
)
def export_command(words: Words, output: Path, data: Path | None) -> None:
    """Write the trials, programs in R and Python, references and figures behind one estimate.

    Unzip it anywhere and run `Rscript analysis.R`: it prints the same number.
    """
    from ipt_evidence.exchange.bundle import bundle  # heavy; `show` does without

    base = current_base(data)
    content = bundle(base, view_of(words, base))
    write_bytes_atomically(output, content)
    click.echo(f"Wrote {output}, sha256 {hashlib.sha256(content).hexdigest()}")
