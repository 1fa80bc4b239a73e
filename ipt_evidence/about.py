"""What the software is called, which version it is, who made it and where errors are reported.

Imports nothing, so that all may read it.
"""

from __future__ import annotations

__all__ = ["AUTHORS", "ERRORS_ADDRESS", "NAME", "PRODUCT", "VERSION"]

NAME = "IPT evidence explorer"
PRODUCT = f"The {NAME}"
AUTHORS = f"{PRODUCT} contributors"

VERSION = "0.1.0"

ERRORS_ADDRESS = ""
"""Where errors are reported: the address of an issue tracker, or ``mailto:`` and an e-mail address.

Empty while the project has none. README.md, CITATION.cff, codemeta.json and pyproject.toml repeat
it, and a test says which of them does not agree.
"""
