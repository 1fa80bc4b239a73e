"""``export``: everything behind one estimate in a zip that a stranger can re-run."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from ipt_evidence.cli.output import data_option
from ipt_evidence.errors import EvidenceError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import DEFAULT_RHO, Model
from ipt_evidence.evidence.files import write_bytes_atomically
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.view import DEFAULT_COMPARISON, View
from ipt_evidence.exchange.bundle import bundle
from ipt_evidence.meta_analysis.estimators import METHODS
from ipt_evidence.meta_analysis.models import TESTS

__all__ = ["export_command"]


@click.command("export")
@click.option("--condition", required=True, help="Condition id, like depression.")
@click.option("--comparison", default=DEFAULT_COMPARISON, show_default=True, help="Comparison id.")
@click.option("--source", "sources", multiple=True, help="Only this source; may be repeated.")
@click.option("--excluded", multiple=True, help="Leave out this study; may be repeated.")
@click.option("--method", type=click.Choice(METHODS), default="REML", show_default=True)
@click.option("--test", type=click.Choice(TESTS), default="knha", show_default=True)
@click.option(
    "--dependence",
    type=click.Choice(["aggregate", "che"]),
    default="aggregate",
    show_default=True,
    help="Combine several effects of one trial first, or model all of them.",
)
@click.option("--rho", type=click.FloatRange(0, 0.99), default=DEFAULT_RHO, show_default=True)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The zip file to write.",
)
@data_option
def export_command(
    condition: str,
    comparison: str,
    sources: tuple[str, ...],
    excluded: tuple[str, ...],
    method: str,
    test: str,
    dependence: str,
    rho: float,
    output: Path,
    data: Path | None,
) -> None:
    """Write the trials, programs in R and Python, references and figures behind one estimate.

    Unzip it anywhere and run `Rscript analysis.R`: it prints the same number.
    """
    view = View(
        Question(condition, comparison, sources, excluded=excluded),
        Model(method=method, test=test, rho=rho, dependence=dependence),
    )
    content = bundle(EvidenceBase.load(data), view)
    try:
        write_bytes_atomically(output, content)
    except OSError as err:
        raise EvidenceError(f"{output} cannot be written: {err.strerror}") from err
    click.echo(f"Wrote {output}, sha256 {hashlib.sha256(content).hexdigest()}")
