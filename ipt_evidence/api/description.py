"""The OpenAPI description, written from the same list of resources that answers."""

from __future__ import annotations

from typing import Any

from ipt_evidence.about import VERSION
from ipt_evidence.api.answers import RESOURCES, Resource
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.view import known_values

__all__ = ["BASE_PATH", "openapi"]

BASE_PATH = "/api/v1"
_REPEATED = "May be repeated."


def openapi(base: EvidenceBase) -> dict[str, Any]:
    """The document at ``/api/v1/openapi.json``."""
    known = known_values(base)
    paths = {}
    for resource in RESOURCES:
        for form in ("json", "csv") if resource.table else ("json",):
            path = f"{BASE_PATH}/{resource.name}.{form}"
            paths[path] = {"get": _operation(resource, form, known)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "The IPT evidence explorer",
            "version": VERSION,
            "description": (
                "Read-only. Trials of interpersonal psychotherapy, their effects (positive "
                f"favours IPT) and pooled estimates. Data version {base.version}."
            ),
            "license": {"name": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
    }


def _operation(
    resource: Resource, form: str, known: dict[str, frozenset[str] | None]
) -> dict[str, Any]:
    kind = "text/csv" if form == "csv" else "application/json"
    schema = {"type": "string"} if form == "csv" else {"type": "object"}
    return {
        "operationId": f"{resource.name}_{form}",
        "summary": resource.about,
        "parameters": [_parameter(word, known) for word in resource.words],
        "responses": {
            "200": {"description": "The answer", "content": {kind: {"schema": schema}}},
            "304": {"description": "Nothing changed since the ETag that was sent"},
            "400": {"description": "A value is not known; the message says which"},
        },
    }


def _parameter(word: str, known: dict[str, frozenset[str] | None]) -> dict[str, Any]:
    values = known.get(word)
    schema: dict[str, Any] = {"type": "string"}
    if values:
        schema["enum"] = sorted(values)
    if word == "rho":
        schema = {"type": "number", "minimum": 0, "exclusiveMaximum": 1}
    if word in {"double", "outliers"}:
        schema = {"type": "string", "enum": ["1"]}
    return {
        "name": word,
        "in": "query",
        "required": False,
        "schema": {"type": "array", "items": schema},
        "explode": True,
        "description": _REPEATED,
    }
