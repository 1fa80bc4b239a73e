"""The addresses under /api/v1, all read-only."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ipt_evidence.api.answers import RESOURCES, Resource
from ipt_evidence.api.description import BASE_PATH, openapi
from ipt_evidence.api.replies import error, reply
from ipt_evidence.errors import EvidenceError, QuestionError
from ipt_evidence.evidence.base import current_base

__all__ = ["routes"]

_BY_NAME = {resource.name: resource for resource in RESOURCES}
_FORMS = ("json", "csv")


def routes() -> list[BaseRoute]:
    """Routes to mount beside Streamlit; plain functions, which Starlette runs in its threads."""
    return [
        Route(BASE_PATH, _index, methods=["GET"]),
        Route(f"{BASE_PATH}/openapi.json", _openapi, methods=["GET"]),
        Route(f"{BASE_PATH}/{{name}}", _resource, methods=["GET"]),
    ]


def _index(request: Request) -> Response:
    base = current_base()
    listed = {
        f"{BASE_PATH}/{resource.name}.{'csv' if resource.table else 'json'}": resource.about
        for resource in RESOURCES
    }
    return reply(
        request, base, {"addresses": listed, "openapi": f"{BASE_PATH}/openapi.json"}, "json"
    )


def _openapi(request: Request) -> Response:
    base = current_base()
    return reply(request, base, openapi(base), "json")


def _resource(request: Request) -> Response:
    name, _, form = request.path_params["name"].partition(".")
    resource, form = _BY_NAME.get(name), form or "json"
    if resource is None or form not in _FORMS or (form == "csv" and not resource.table):
        known = ", ".join(f"{BASE_PATH}/{name}" for name in _BY_NAME)
        return error(404, f"Nothing is here. There are {known}, with .json or .csv")
    try:
        words, base = _words(request, resource), current_base()
        return reply(request, base, resource.answer(base, words), form)
    except QuestionError as err:
        return error(400, str(err))
    except EvidenceError as err:
        return error(503, f"The evidence cannot be read: {err}")


def _words(request: Request, resource: Resource) -> dict[str, list[str]]:
    """The words of the address; one that this resource does not know is an error, not ignored."""
    words: dict[str, list[str]] = {}
    for word, value in request.query_params.multi_items():
        if word not in resource.words:
            known = ", ".join(resource.words) or "no words"
            raise QuestionError(f"{resource.name} does not know {word!r}. It knows {known}")
        words.setdefault(word, []).append(value)
    return words
