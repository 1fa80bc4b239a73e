"""Where the evidence base is: the one place that knows."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["DATA_VARIABLE", "default_data_folder"]

DATA_VARIABLE = "IPT_EVIDENCE_DATA"  # set by `run --data DIR`, whose app is a process of its own

_BESIDE = Path(__file__).resolve().parents[2] / "data"


def default_data_folder() -> Path:
    """The evidence base in use when none is named.

    The folder in the environment variable ``IPT_EVIDENCE_DATA``, else the one beside the package.
    """
    named = os.environ.get(DATA_VARIABLE)
    return Path(named) if named else _BESIDE
