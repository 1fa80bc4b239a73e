"""``export``: everything behind one estimate in a zip that a stranger can re-run."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from ipt_evidence.cli.view import Words, view_options
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.files import write_bytes_atomically
from ipt_evidence.evidence.view import view_of
from ipt_evidence.exchange.bundle import bundle

__all__ = ["export_command"]


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
    base = EvidenceBase.load(data)
    content = bundle(base, view_of(words, base))
    write_bytes_atomically(output, content)
    click.echo(f"Wrote {output}, sha256 {hashlib.sha256(content).hexdigest()}")
