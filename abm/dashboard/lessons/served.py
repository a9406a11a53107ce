"""Lessons by their addresses: the list of all, and one of them by name."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from abm.dashboard.lessons.catalog import library
from abm.dashboard.lessons.plain import listed, plain


def lessons(request: Request) -> Response:  # noqa: ARG001 - the form of an endpoint
    """The list of all lessons."""
    return JSONResponse(listed())


def lesson(request: Request) -> Response:
    """One lesson without its answers, which only a run gives."""
    found = library.find(request.path_params["name"])
    return PlainTextResponse("There is no lesson of this name.", 404) if found is None else JSONResponse(plain(found))
