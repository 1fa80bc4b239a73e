"""What leaves for other programs: JSON, CSV that no spreadsheet runs, Markdown, addresses."""

from __future__ import annotations

import io
import math
import re
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

__all__ = ["csv_safe", "markdown_safe", "plain", "safe_url"]


MISSING = "NA"
# Excel, LibreOffice and Google Sheets run a text cell that starts like this as a formula; the
# full-width forms are folded to the plain ones on some systems. OWASP, "CSV Injection".
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def plain(value: Any, *, missing: str | None = None) -> Any:
    """Dictionaries, lists, texts, numbers, booleans and None, whatever came in.

    What is missing, infinite or not a number is None; so is the text ``missing``.
    """
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    elif isinstance(value, pd.DataFrame):
        value = value.astype(object).to_dict("records")
    elif isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, dict):
        return {str(key): plain(item, missing=missing) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(item, missing=missing) for item in value]
    if isinstance(value, Path):
        return str(value)
    if value is None or value is pd.NA or value is pd.NaT or value == missing:
        return None
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _neutral(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return value
    # A lone carriage return is not quoted by the csv module and would break the row in two.
    line = value.replace("\r\n", "\n").replace("\r", "\n")
    return "'" + line if line.startswith(FORMULA_STARTS) else line


def csv_safe(frame: pd.DataFrame, *, header: bool = True, missing: str = MISSING) -> str:
    """Write ``frame`` as CSV whose text cells no spreadsheet will run as a formula.

    Text (and column names) that starts with ``= + - @``, a tab or a line break gets a leading
    apostrophe. Numbers are written whole, signs untouched; missing is
    ``NA`` unless ``missing`` says otherwise; lines end in a line
    feed; the index is left out, with ``header=False`` the column names too. Encode the text as
    UTF-8 (``utf-8-sig`` for Excel).
    """
    columns = {}
    for position in range(frame.shape[1]):
        column = frame.iloc[:, position]
        plain_number = pd.api.types.is_numeric_dtype(
            column.dtype
        ) and not pd.api.types.is_bool_dtype(column.dtype)
        columns[position] = column if plain_number else column.astype(object).map(_neutral)
    safe = pd.DataFrame(columns, index=frame.index)
    safe.columns = pd.Index([_neutral(str(name)) for name in frame.columns])
    buffer = io.StringIO()
    safe.to_csv(buffer, index=False, header=header, na_rep=missing, lineterminator="\n")
    return buffer.getvalue()


_OF_MARKDOWN = re.compile(r"[\\`*\[\]<>$~|]|(?<!\w)_|_(?!\w)")


def markdown_safe(text: str) -> str:
    """Write ``text`` for a file of Markdown that people also read as it is: no mark-up is obeyed.

    Bare addresses stay whole, as programs that show Markdown make links of them.
    """
    return _OF_MARKDOWN.sub(r"\\\g<0>", text)


def safe_url(url: object) -> str | None:
    """Give ``url`` back if a page may link to it, else None.

    Only http and https with a host pass; an address with credentials, blanks, control characters
    or a backslash (which browsers read as a slash) does not.
    """
    if not isinstance(url, str):
        return None
    address = url.strip()
    if "\\" in address or " " in address or not address.isprintable():
        return None
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname, parts.port
    except ValueError:  # a broken IPv6 host or port
        return None
    if parts.scheme.lower() not in {"http", "https"} or not host or "@" in parts.netloc:
        return None
    return address
