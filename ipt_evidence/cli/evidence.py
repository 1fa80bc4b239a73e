"""``audit``, ``coverage``, ``validate``, ``derive`` and ``describe``: the evidence base itself."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ipt_evidence.analyses.claims.panel import article_line
from ipt_evidence.analyses.gap_map.panel import gap_rows
from ipt_evidence.analyses.gap_map.result import coverage
from ipt_evidence.cli.output import data_option, echo_json, json_option
from ipt_evidence.evidence.base import current_base
from ipt_evidence.evidence.files import writing
from ipt_evidence.evidence.package import write_descriptor
from ipt_evidence.evidence.sources import load_sources
from ipt_evidence.evidence.validation import has_frictionless, rederive, validate
from ipt_evidence.paths import default_data_folder
from ipt_evidence.wording import tables
from ipt_evidence.wording.citation_text import places
from ipt_evidence.wording.phrases import numbered, verdict

__all__ = [
    "audit_command",
    "coverage_command",
    "derive_command",
    "describe_command",
    "validate_command",
]

_MORE_CHECKS = (
    "frictionless, which reads datapackage.json as other programs do, is not installed: "
    "pip install 'ipt-evidence[validate]'"
)


@click.command("audit")
@json_option
@data_option
def audit_command(as_json: bool, data: Path | None) -> None:
    """Say for each reference of the article whether it supports its claim, and why."""
    base = current_base(data)
    audit = base.audit
    if as_json:
        echo_json(audit.to_dict())
        return
    if line := article_line(audit):
        click.echo(f"{line}\n")
    for reference in audit.references:
        click.echo(reference.printed)
        click.echo(f"    {verdict(reference.verdict)}: {reference.reason}")
        for better in reference.better_evidence:
            record = base.reference(better.key) if better.key else None
            opened = "; ".join(f"{words}: {url}" for words, url in places(record, better.url))
            click.echo(f"    Better evidence: {better.text} {opened}".rstrip())


@click.command("coverage")
@json_option
@data_option
def coverage_command(as_json: bool, data: Path | None) -> None:
    """Count studies, people and effects for each condition and comparison, and name the gaps."""
    base = current_base(data)
    if as_json:
        from ipt_evidence.exchange.map_files import coverage_rows  # which also draws the map

        echo_json(coverage_rows(base))
        return
    for row in gap_rows(base, coverage(base), base.taxonomy.comparisons):
        for cell in row.cells:
            click.echo(cell.alt)


@click.command("validate")
@data_option
def validate_command(data: Path | None) -> None:
    """Check an evidence base; exits with 1 and a list of problems when it is not sound."""
    folder = data or default_data_folder()
    problems = validate(folder)
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        noun = "problem" if len(problems) == 1 else "problems"
        click.echo(f"{tables.count(len(problems))} {noun} in {folder}", err=True)
        sys.exit(1)
    also = "and those of frictionless" if has_frictionless() else f"alone. {_MORE_CHECKS}"
    click.echo(f"{folder} is sound by our own checks {also}")


@click.command("derive")
@data_option
def derive_command(data: Path | None) -> None:
    """Rewrite the derived columns of effects.csv (yi, vi, obtained, formula) from its inputs."""
    folder = data or default_data_folder()
    with writing(folder):
        changed = rederive(folder)
    click.echo(f"{numbered(changed, 'row')} changed")


@click.command("describe")
@data_option
def describe_command(data: Path | None) -> None:
    """Rewrite datapackage.json, the description of the tables that other programs read."""
    folder = data or default_data_folder()
    with writing(folder):
        sources, _ = load_sources(folder / "sources.toml")
        click.echo(f"Wrote {write_descriptor(folder, sources)}")
