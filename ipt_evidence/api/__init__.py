"""The third face: read-only REST beside the dashboard, on the same server.

answers.py     what each address gives, as plain rows or one document
replies.py     JSON or CSV, ETags, errors
description.py OpenAPI, from the same list of addresses
routes.py      the addresses themselves

>>> # in R: read.csv("http://localhost:8501/api/v1/effects.csv?condition=anxiety")
"""

from __future__ import annotations

from ipt_evidence.api.routes import routes

__all__ = ["routes"]
