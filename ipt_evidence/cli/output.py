"""What every command shares: the --data option, and JSON that any program can read."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
import numpy as np
import pandas as pd

__all__ = ["data_option", "echo_json", "echo_json_list", "json_option", "plain"]

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


def plain(value: Any) -> Any:
    """Dictionaries, lists, texts, numbers, booleans and None, whatever came in."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, pd.DataFrame):
        return [plain(row) for row in value.astype(object).to_dict("records")]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    if value is None or value is pd.NA:
        return None
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
