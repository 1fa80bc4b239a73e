"""What every command shares: the --data option, and JSON that any program can read."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from ipt_evidence.wording.plain import plain

__all__ = ["data_option", "echo_json", "echo_json_list", "json_option"]

_Function = TypeVar("_Function", bound=Callable[..., Any])


def data_option(function: _Function) -> _Function:
    """Add ``--data DIR``; the value given before the command's name is the default."""

    def inherit(ctx: click.Context, _: click.Parameter, value: Path | None) -> Path | None:
        return value or ctx.obj

    return click.option(
        "--data",
        type=click.Path(path_type=Path),
        callback=inherit,
        help="Another evidence base: a folder of the same shape as data/.",
    )(function)


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document and nothing else."
)


def echo_json(document: Any) -> None:
    """Print ``document`` as JSON; what is missing or not a number becomes null."""
    click.echo(json.dumps(plain(document), ensure_ascii=False, indent=2, allow_nan=False))


def echo_json_list(documents: Iterable[Any]) -> None:
    """Print ``documents`` as one JSON list, each as it comes; otherwise as `echo_json`."""
    start = "[\n"
    for document in documents:
        text = json.dumps(plain(document), ensure_ascii=False, indent=2, allow_nan=False)
        click.echo(start + textwrap.indent(text, "  "), nl=False)
        start = ",\n"
    click.echo("[]" if start == "[\n" else "\n]")
