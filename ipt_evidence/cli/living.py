"""``update`` and ``enrich``: the services are asked, because somebody typed it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ipt_evidence.cli.output import data_option, echo_json, json_option
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.living import candidates, corrections
from ipt_evidence.living.searches import search_entry
from ipt_evidence.wording.phrases import numbered

if TYPE_CHECKING:
    from ipt_evidence.services.client import Client

__all__ = ["enrich_command", "update_command"]

_SERVICES = ("crossref", "openalex", "pubmed", "europe_pmc")


def _day(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """An ISO date, or an empty text for all years."""
    if value is None:
        return None
    if value == "all":
        return ""
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise click.BadParameter(
            f"{value!r} is no date. Write one like 2010-01-01, or all"
        ) from None


@click.command("update")
@click.option(
    "--since", metavar="DATE", callback=_day,
    help="Look from this day (2010-01-01, or all) instead of since the last search.",
)  # fmt: skip
@click.option("--decide", metavar="ID", help="Decide about one candidate instead of searching.")
@click.option("--as", "decision", type=click.Choice(candidates.DECISIONS), help="With --decide.")
@click.option("--reason", default="", help="With --decide: why.")
@click.option(
    "--decisions", type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Take over decisions on candidates from an export of Rayyan, Covidence, EPPI-Reviewer.",
)  # fmt: skip
@click.option(
    "--model", "by_model", is_flag=True, help="Measure a model on the base, and order by it."
)
@click.option("--list", "listed", is_flag=True, help="Show the candidates instead of searching.")
@click.option(
    "--record", is_flag=True,
    help="Print the entries of sources.toml that close questions nobody had searched.",
)  # fmt: skip
@json_option
@data_option
def update_command(
    since: str | None,
    decide: str | None,
    decision: str | None,
    reason: str,
    decisions: Path | None,
    by_model: bool,
    listed: bool,
    record: bool,
    as_json: bool,
    data: Path | None,
) -> None:
    """Search for new trials since the last time, and queue them as candidates.

    The search strings stand in sources.toml; addresses, contact and keys are environment variables
    (IPT_EVIDENCE_CONTACT, IPT_EVIDENCE_PUBMED_URL, IPT_EVIDENCE_OPENALEX_KEY, ...). Nothing enters
    the evidence base by itself. A run that was stopped goes on where it was. OpenAlex gives next to
    nothing without a key (free at https://openalex.org/settings/api).
    """
    base = EvidenceBase.load(data)
    if decide:
        if decision is None:
            raise click.UsageError("--decide needs --as include, exclude or unsure")
        one = candidates.decide(base.folder, decide, decision, reason, date.today().isoformat())
        click.echo(f"{one.decision}: {one.title}")
        return
    if decisions:
        _take_decisions(base.folder, decisions)
    elif record:
        click.echo(search_entry(base))
    elif by_model:
        _judge(base)
    elif listed:
        _show(base.folder, as_json=as_json)
    else:
        _search(base, since, as_json=as_json)


def _search(base: EvidenceBase, since: str | None, *, as_json: bool) -> None:
    from ipt_evidence.living.updating import update

    with _client(base.folder) as client:
        result = update(base, client, since=since, progress=_progress)
    if as_json:
        echo_json(
            {
                "counts": result.counts,
                "finished": result.finished,
                "unfinished": result.unfinished,
                "services": [one.to_dict() for one in result.health.values() if one.asked],
            }
        )
    else:
        for line in result.lines():
            click.echo(line, err=result.failed)
    if not result.finished:
        sys.exit(1)


@click.command("enrich")
@click.option(
    "--service", "services", multiple=True, type=click.Choice(_SERVICES), help="Only this one."
)
@click.option(
    "--free-texts", is_flag=True,
    help="Ask Unpaywall where each paper can be read free of charge, and nothing else.",
)  # fmt: skip
@click.option("--citing", is_flag=True, help="Ask also who cites our references (OpenAlex).")
@click.option("--accept", metavar="ID", help="Accept one correction instead of asking.")
@click.option("--decline", metavar="ID", help="Decline one correction instead of asking.")
@click.option(
    "--bibtex",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the references with filled and accepted fields to this file instead of asking.",
)
@json_option
@data_option
def enrich_command(
    services: tuple[str, ...],
    free_texts: bool,
    citing: bool,
    accept: str | None,
    decline: str | None,
    bibtex: Path | None,
    as_json: bool,
    data: Path | None,
) -> None:
    """Complete, compare and check every reference at Crossref, OpenAlex, PubMed and Europe PMC.

    Curated values are never overwritten: a disagreement becomes a correction that you accept or
    decline. Retractions, concerns and corrections go to integrity.csv with the date of the check.
    """
    base = EvidenceBase.load(data)
    for name, decision in ((accept, "accepted"), (decline, "declined")):
        if name:
            one = corrections.decide(base.folder, name, decision)
            click.echo(f"{decision}: {one.key} {one.field}: {one.ours or 'nothing'} → {one.theirs}")
            return
    if bibtex:
        _write_completed(base, bibtex)
    elif free_texts:
        _find_free_texts(base)
    else:
        _ask(base, services or _SERVICES, citing=citing, as_json=as_json)


def _write_completed(base: EvidenceBase, path: Path) -> None:
    from ipt_evidence.citations.writers import write_citations
    from ipt_evidence.evidence.files import write_atomically

    records = corrections.applied(base.references, corrections.load(base.folder))
    write_atomically(path, write_citations(records.drop(columns="completed"), "bibtex"))
    click.echo(f"Wrote {numbered(len(records), 'record')} to {path}")


def _ask(base: EvidenceBase, services: tuple[str, ...], *, citing: bool, as_json: bool) -> None:
    from ipt_evidence.living.updating import enrich

    with _client(base.folder) as client:
        result = enrich(base, client, services=services, citing=citing, progress=_progress)
    if as_json:
        echo_json(
            {
                "services": [one.to_dict() for one in result.health.values() if one.asked],
                "integrity": result.integrity["status"].value_counts().to_dict(),
                "corrections": result.corrections,
                "missing": result.result.missing,
                "failed": result.result.failed,
            }
        )
    else:
        for line in result.lines():
            click.echo(line, err=result.failed)
    if result.failed:
        sys.exit(1)


def _take_decisions(folder: Path, file: Path) -> None:
    from ipt_evidence.citations.loading import load_citations

    read = load_citations([file]).citations
    taken, others = candidates.take_decisions(folder, read, date.today().isoformat())
    click.echo(f"Took over {taken} decisions on candidates")
    if others:
        click.echo(f"{len(others)} decided records are no candidates, such as: {others[0]}")


def _find_free_texts(base: EvidenceBase) -> None:
    from ipt_evidence.living.free_texts import find_free_texts

    with _client(base.folder) as client:
        number = find_free_texts(base, client, progress=_progress)
        health = client.health["unpaywall"]
    click.echo(health.line(), err=health.silent)
    if health.left_alone:
        click.echo(health.left_alone, err=True)
    if health.silent:
        sys.exit(1)
    click.echo(f"{numbered(number, 'reference')} can be read free of charge")


@contextmanager
def _client(folder: Path) -> Iterator[Client]:
    """A client that the reader can stop with Ctrl-C between two questions; one run at a time."""
    from ipt_evidence.living.runs import one_run
    from ipt_evidence.services.client import Client
    from ipt_evidence.services.settings import Settings

    with one_run(folder), Client(Settings.from_environment()) as client:
        yield client


def _progress(step: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{step}: {done:,} of {total:,}   ", nl=done >= total, err=True)


def _show(folder: Path, *, as_json: bool) -> None:
    found = candidates.load(folder)
    if as_json:
        echo_json(found)
        return
    if not found:
        click.echo("No candidates. Run: python -m ipt_evidence update")
    for one in found:
        click.echo(f"{one.score:3d}  {one.decision or 'waiting':8s} {one.candidate_id}")
        click.echo(f"     {one.title} ({one.year or 'no year'})")
        click.echo(f"     {one.points}")


def _judge(base: EvidenceBase) -> None:
    from ipt_evidence.living.candidates import judged

    measured, ordered = judged(base)
    click.echo(measured.sentence())
    for probability, one in ordered:
        click.echo(f"{probability:4.0%}  {one.decision or 'waiting':8s} {one.title}")
