"""The third face: read-only REST beside the dashboard, on the same server.

answers.py  what each address gives, as plain rows or one document, and its description (OpenAPI)
routes.py   the addresses themselves: JSON or CSV, ETags, errors

>>> # in R: read.csv("http://localhost:8501/api/v1/effects.csv?condition=anxiety")
"""

from __future__ import annotations

from ipt_evidence.api.routes import routes

__all__ = ["routes"]
