"""Where the evidence base and the app are: the one module that knows.

In a checkout ``data/``, ``app.py`` and ``.streamlit/`` stand beside the package. A wheel carries
them inside it (see pyproject.toml), so that an installed copy needs nothing else.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

__all__ = [
    "CORPUS_VARIABLE",
    "DATA_VARIABLE",
    "app_address",
    "checkout",
    "corpus",
    "default_data_folder",
]

DATA_VARIABLE = "IPT_EVIDENCE_DATA"  # set by `run --data DIR`, for the app and its workers
CORPUS_VARIABLE = "IPT_EVIDENCE_CORPUS"  # set by `run --corpus FOLDER`

_PACKAGE = Path(__file__).resolve().parent


@cache  # a page asks some twenty times
def checkout() -> Path | None:
    """The folder of the checkout that this package is part of; None for an installed copy."""
    return None if (_PACKAGE / "data").is_dir() else _PACKAGE.parent


def default_data_folder() -> Path:
    """The evidence base in use when none is named.

    The folder in the environment variable ``IPT_EVIDENCE_DATA``, else the bundled one.
    """
    named = os.environ.get(DATA_VARIABLE)
    return Path(named) if named else (checkout() or _PACKAGE) / "data"


def corpus() -> Path | None:
    """The folder of a scan whose records the pages search; None where none is named."""
    named = os.environ.get(CORPUS_VARIABLE)
    return Path(named) if named else None


def app_address() -> tuple[Path, str]:
    """Where a server finds the app: the folder to import from, and ``module:name``."""
    folder = checkout()
    return (folder, "app:app") if folder else (_PACKAGE.parent, f"{_PACKAGE.name}.app:app")
