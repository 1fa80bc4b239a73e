"""The command line: ``ipt-evidence COMMAND``, or ``python -m ipt_evidence COMMAND``.

Exit codes: 0 done, 1 the data are at fault, 2 the call is at fault. With ``--json`` a command
prints one JSON document on standard output and nothing else; errors go to standard error.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ipt_evidence.about import VERSION
from ipt_evidence.errors import EvidenceError, QuestionError

__all__ = ["main"]

# The module of each command and the first sentence of its help: a command is imported only when it
# is called, so that --help is instant. A test compares the sentences with the commands' own.
_COMMANDS = {
    "audit": (
        "evidence",
        "Say for each reference of the article whether it supports its claim, and why.",
    ),
    "bayes": (
        "statistics",
        "Give the posterior of the random-effects model: mean, tau, new study, shrunken effects.",
    ),
    "bias": (
        "statistics",
        "Run every test of and correction for small-study effects, with when not to rely on each.",
    ),
    "convert": (
        "citations",
        "Write bibliographies in another format, or as printed references.",
    ),
    "counts": (
        "networks",
        "Pool counts of events as they are, without a variance for each study.",
    ),
    "coverage": (
        "evidence",
        "Count studies, people and effects for each condition and comparison, and name the gaps.",
    ),
    "cumulative": ("statistics", "Pool the first study, the first two, and so on."),
    "dedupe": (
        "citations",
        "Find records of the same publication, within and between bibliographies.",
    ),
    "derive": (
        "evidence",
        "Rewrite the derived columns of effects.csv (yi, vi, obtained, formula) from its inputs.",
    ),
    "describe": (
        "evidence",
        "Rewrite datapackage.json, the description of the tables that other programs read.",
    ),
    "diff": ("versions", "Say what changed from OLD to NEW, and what it did to each answer."),
    "doctor": (
        "doctor",
        "Look whether everything is there that the explorer needs, and say how to fix the rest.",
    ),
    "effects": (
        "own_data",
        "Make an effect of each row of INPUT, and say what it was read as and what was done to it.",
    ),
    "enrich": (
        "living",
        "Complete, compare and check every reference at Crossref, OpenAlex, PubMed and Europe PMC.",
    ),
    "export": (
        "show",
        "Write the trials, programs in R and Python, references and figures behind one estimate.",
    ),
    "export-metapsy": (
        "metapsy",
        "Write the effects as a database in the Metapsy standard into the new folder OUT.",
    ),
    "gosh": (
        "statistics",
        "Pool every subset of three studies or more, in quantiles.",
    ),
    "import-metapsy": (
        "metapsy",
        "Find the trials of IPT in the Metapsy database PLACE: a folder, ZIP or CSV file, or its "
        "URL.",
    ),
    "influence": (
        "statistics",
        "Show which studies carry the result: diagnostics, the effect without each, outliers.",
    ),
    "load": (
        "citations",
        "Read bibliographies and say what arrived, what was repaired and what was rejected.",
    ),
    "multiverse": ("statistics", "Pool under every combination of choices."),
    "network": (
        "networks",
        "Compare all treatments of a network of trials, directly and through each other.",
    ),
    "pool": (
        "pooling",
        "Pool the effects of the evidence base for one question, or those of a CSV file.",
    ),
    "power": (
        "statistics",
        "Give the power of the pooled test, and the next trial that would change the conclusion.",
    ),
    "release": (
        "versions",
        "Release the data as they are: a version, its snapshot, and its entry in CHANGES.md.",
    ),
    "run": ("serving", "Start the explorer and open it in the browser."),
    "scan": (
        "corpora",
        "Find the records about IPT in corpora of any size: OpenAlex, PubMed, Crossref, own "
        "exports.",
    ),
    "search": ("corpora", "Search the records that `scan` found, the best first."),
    "show": (
        "show",
        "Show an analysis of one view: its findings, its table and how to read them.",
    ),
    "tag": ("citations", "Tag references with conditions, designs, populations and interventions."),
    "true-effects": (
        "statistics",
        "Predict the true effect of each study: its own, drawn towards the mean (BLUP).",
    ),
    "units": (
        "statistics",
        "Restate the pooled effect, a standardised mean difference, in units for people.",
    ),
    "update": (
        "living",
        "Search for new trials since the last time, and queue them as candidates.",
    ),
    "validate": (
        "evidence",
        "Check an evidence base; exits with 1 and a list of problems when it is not sound.",
    ),
}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        from importlib import import_module

        module = import_module(f"ipt_evidence.cli.{_COMMANDS[cmd_name][0]}")
        command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        if not isinstance(command, click.Command):
            raise TypeError(f"{module.__name__}.{cmd_name}_command is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in _COMMANDS.items()])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Another evidence base: a folder of the same shape as data/.",
)
@click.version_option(VERSION, prog_name="ipt-evidence")
@click.pass_context
def cli(ctx: click.Context, data: Path | None) -> None:
    """What the evidence for Interpersonal Psychotherapy shows, and where each number comes from."""
    ctx.obj = data


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; says what is wrong instead of showing a traceback."""
    try:
        cli.main(args=arguments, prog_name="ipt-evidence")
    except EvidenceError as err:
        click.echo(f"Error: {err}", err=True)
        sys.exit(2 if isinstance(err, QuestionError) else 1)
    except OSError as err:  # a path that no system takes, a folder that may not be entered
        name = f"{err.filename}: " if err.filename else ""
        click.echo(f"Error: {name}{err.strerror or err}. See to the path and permissions", err=True)
        sys.exit(1)
