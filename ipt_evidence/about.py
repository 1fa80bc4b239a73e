"""What the software is called, which version it is and where errors are reported.

Imports nothing, so that all may read it.
"""

from __future__ import annotations

__all__ = ["ERRORS_ADDRESS", "VERSION"]

VERSION = "0.1.0"

ERRORS_ADDRESS = ""
"""Where errors are reported: the address of an issue tracker, or ``mailto:`` and an e-mail address.

Empty while the project has none. README.md, CITATION.cff and pyproject.toml repeat it, and a test
says which of them does not agree.
"""
