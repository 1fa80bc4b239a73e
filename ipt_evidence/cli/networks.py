"""``network``: all treatments of a table of trials compared; ``counts``: pooling of counts."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from ipt_evidence.analyses.network.panel import consistency_sentences
from ipt_evidence.cli.output import echo_json, json_option
from ipt_evidence.cli.own_data import opened
from ipt_evidence.cli.text import nested_lines, rows_table
from ipt_evidence.errors import DataError
from ipt_evidence.exchange.own_data.effects import read_effects
from ipt_evidence.exchange.own_data.networks import EXAMPLE, read_network
from ipt_evidence.exchange.own_data.recipes import Settings
from ipt_evidence.meta_analysis import counts, proportions
from ipt_evidence.meta_analysis.models import interpretable
from ipt_evidence.meta_analysis.network import Network, consistency, network
from ipt_evidence.meta_analysis.network.model import METHODS
from ipt_evidence.wording.phrases import numbered
from ipt_evidence.wording.plain import plain
from ipt_evidence.wording.sentences import TOO_FEW_TO_POOL

__all__ = ["counts_command", "network_command"]

_LEVEL = click.option(
    "--level", type=click.FloatRange(1, 99.9999), default=95.0, help="Percent of every interval."
)
_NAMED = click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="MEANING=COLUMN",
    help="Say what a column of INPUT means, like treat1=Drug; may be repeated.",
)
_SHEET = click.option("--sheet", help="Sheet of a workbook.  [default: the first with a table]")


def _named(columns: tuple[str, ...]) -> dict[str, str]:
    return dict(text.partition("=")[::2] for text in columns)


@click.command("network", context_settings={"show_default": True})
@click.argument(
    "table", metavar="[INPUT]", type=click.Path(path_type=Path), default=None, required=False
)
@click.option(
    "--example",
    is_flag=True,
    help="Take the bundled network: treatments of depression in primary care, log odds ratios of "
    "response (Linde et al. 2016, J Clin Epidemiol 71).",
)
@click.option("--measure", help="OR, RR, RD, MD or SMD, to be made of arms.")
@click.option("--reference", help="Treatment to compare with.  [default: that of most trials]")
@click.option("--method", type=click.Choice(METHODS), default="DL", help="Of tau².")
@click.option("--smaller-is-better", is_flag=True, help="Rank the other way round.")
@_LEVEL
@_NAMED
@_SHEET
@json_option
def network_command(
    table: Path | None,
    example: bool,
    measure: str | None,
    reference: str | None,
    method: str,
    smaller_is_better: bool,
    level: float,
    columns: tuple[str, ...],
    sheet: str | None,
    as_json: bool,
) -> None:
    """Compare all treatments of a network of trials, directly and through each other.

    INPUT has a comparison a row (study, treat1, treat2, and yi with vi or sei, or the numbers of
    both arms), or an arm a row (study, treatment, and events and n, or mean, sd and n). Effects are
    treat1 minus treat2. The model is that of R netmeta.
    """
    if (table is None) is not example:
        raise click.UsageError("give INPUT, or --example in its place")
    chosen = "OR" if example else (measure or "").upper()
    settings = Settings(measure=chosen, columns=_named(columns))
    own = read_network(opened(table or EXAMPLE, sheet), settings)
    found = network(
        own.studies, reference=reference, method=method,
        larger_is_better=not smaller_is_better, level=level,
    )  # fmt: skip
    parts = consistency(own.studies)
    document = asdict(found) | {"measure": own.measure, "consistency": asdict(parts)}
    document["notes"] = [*own.notes, *found.notes]
    for one in document["comparisons"]:  # the network's estimate stands; its direct part may not
        one["direct_interpretable"] = interpretable(one["k"])
    if as_json:
        echo_json(document)
    else:
        lines = _network_lines(found, document, own.measure)
        notes = (f"Note: {note}" for note in document["notes"])
        click.echo("\n".join([*lines, "", *consistency_sentences(parts), *notes]))


def _network_lines(found: Network, document: dict[str, Any], measure: str) -> list[str]:
    """What the network shows, the comparisons with its reference first."""
    against = [
        dict(zip(("treatment", "estimate", "ci_lower", "ci_upper"), row, strict=True))
        for row in found.against(found.reference)
    ]
    mixed = [
        one if one["direct_interpretable"] else one | {"direct": TOO_FEW_TO_POOL}
        for one in document["comparisons"]
        if one["difference"] is not None
    ]
    shown = ("treat1", "treat2", "k", "estimate", "direct", "indirect", "difference_p")
    return [
        f"{numbered(found.k, 'trial')}, {found.n} treatments, "
        f"{numbered(found.m, 'comparison')} ({measure}, {found.method}); "
        f"tau² {found.tau2:.4g}",
        "",
        f"Against {found.reference}:",
        rows_table(against, tuple(against[0])),
        "",
        "Direct and indirect evidence:",
        rows_table(mixed, shown) if mixed else "no comparison has both",
        "",
        "P-scores:",
        rows_table(document["ranking"], ("treatment", "p_score")),
    ]


@dataclass(frozen=True, slots=True)
class CountMethod:
    """A way to pool counts: the numbers that it ``needs`` of each study, and what it ``runs``.

    ``measure`` is the effect for which a table is read; it takes the word of ``--measure`` where
    ``measured``.
    """

    measure: str
    needs: tuple[str, ...]
    runs: Callable[..., Any]
    measured: bool = False


COUNT_METHODS = {
    "mh": CountMethod("OR", ("e1", "en1", "e2", "en2"), counts.mantel_haenszel, measured=True),
    "peto": CountMethod("OR", ("e1", "en1", "e2", "en2"), counts.peto),
    "glmm": CountMethod("PLO", ("x", "n"), proportions.logit_normal),
    "double-arcsine": CountMethod("PLO", ("x", "n"), proportions.double_arcsine),
}
"""What ``counts`` offers: a new method is a row here."""


@click.command("counts", context_settings={"show_default": True})
@click.argument("table", metavar="INPUT", type=click.Path(path_type=Path))
@click.option(
    "--method",
    type=click.Choice(tuple(COUNT_METHODS)),
    help="Two arms: mh, peto; proportions: glmm, double-arcsine.  [default: mh or glmm]",
)
@click.option("--measure", type=click.Choice(counts.MEASURES), default="OR", help="Of mh.")
@_LEVEL
@_NAMED
@_SHEET
@json_option
def counts_command(
    table: Path,
    method: str | None,
    measure: str,
    level: float,
    columns: tuple[str, ...],
    sheet: str | None,
    as_json: bool,
) -> None:
    """Pool counts of events as they are, without a variance for each study.

    INPUT has events and people of two arms a row (ai n1i ci n2i, or in words), which
    Mantel-Haenszel (mh) or Peto's method pools; or events and people of one group (xi ni), whose
    proportions are pooled by a logit-normal model (glmm) or, with a warning, by double arcsines.
    """
    read = opened(table, sheet)
    named = _named(columns)
    tried = [method] if method else ["mh", "glmm"]
    for name in tried:
        chosen = COUNT_METHODS[name]
        try:
            effects = read_effects(read, Settings(measure=chosen.measure, columns=named))
        except DataError:
            if name == tried[-1]:
                raise
            continue
        break
    numbers = [effects.numbers[one] for one in chosen.needs]
    options = {"measure": measure} if chosen.measured else {}
    found = chosen.runs(*numbers, level=level, **options)
    document = asdict(found)
    lost = [
        f"line {row['line']} left out: {row['reason']}" for _, row in effects.left_out.iterrows()
    ]
    document["notes"] = [*effects.table.notes, *lost, *document["notes"]]
    if as_json:
        echo_json(document)
    else:
        shown = {name: value for name, value in plain(document).items() if name != "notes"}
        if document.get("measure") in ("OR", "RR"):
            shown |= {
                f"{document['measure']} {name}": math.exp(document[name])
                for name in ("estimate", "ci_lower", "ci_upper")
            }
        click.echo("\n".join([*nested_lines(shown), *(f"Note: {n}" for n in document["notes"])]))
