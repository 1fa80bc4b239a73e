"""The command line: ``python -m ipt_evidence COMMAND``.

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

# Where each command lives; it is imported only when it is called, so that --help is instant.
_COMMANDS = {
    "audit": "evidence",
    "bayes": "statistics_further",
    "bias": "statistics",
    "convert": "bibliography",
    "coverage": "evidence",
    "cumulative": "statistics",
    "dedupe": "bibliography",
    "derive": "evidence",
    "describe": "evidence",
    "diff": "versions",
    "enrich": "living",
    "export": "export",
    "export-metapsy": "metapsy",
    "gosh": "statistics_further",
    "import-metapsy": "metapsy",
    "influence": "statistics",
    "load": "citations",
    "multiverse": "statistics_further",
    "pool": "pooling",
    "power": "statistics_further",
    "release": "versions",
    "run": "serving",
    "tag": "citations",
    "units": "statistics_further",
    "update": "living",
    "validate": "evidence",
}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        from importlib import import_module

        module = import_module(f"ipt_evidence.cli.{_COMMANDS[cmd_name]}")
        command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        if not isinstance(command, click.Command):
            raise TypeError(f"{module.__name__}.{cmd_name}_command is not a command")
        return command


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Another evidence base: a folder of the same shape as data/.",
)
@click.version_option(VERSION, prog_name="ipt_evidence")
@click.pass_context
def cli(ctx: click.Context, data: Path | None) -> None:
    """What the evidence for Interpersonal Psychotherapy shows, and where each number comes from."""
    ctx.obj = data


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; says what is wrong instead of showing a traceback."""
    try:
        cli.main(args=arguments, prog_name="python -m ipt_evidence")
    except EvidenceError as err:
        click.echo(f"Error: {err}", err=True)
        sys.exit(2 if isinstance(err, QuestionError) else 1)
