"""The addresses of the page beside those of Solara: its scripts, facts, live line, uploads and downloads."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from abm.dashboard.content.downloads import download, mask, scenario, section_map
from abm.dashboard.content.facts import facts
from abm.dashboard.lessons.served import lesson, lessons
from abm.dashboard.live.channel import live
from abm.dashboard.live.following import follow
from abm.dashboard.publication.routes import everything, figure
from abm.dashboard.server.classroom import follower, lecture, qr

STATIC = Path(__file__).parents[1] / "static"


def routes() -> list[BaseRoute]:
    """All of them."""
    return [
        Route("/facts", _facts),
        Route("/lessons", lessons),
        Route("/lessons/{name}", lesson),
        WebSocketRoute("/live", live),
        Route("/download/curves.{kind}", download),
        Route("/download/scenario/{number:int}.toml", scenario),
        Route("/download/scenario/{number:int}.png", section_map),
        Route("/download/figure.{kind}", figure),
        Route("/download/everything.zip", everything),
        Route("/mask", mask, methods=["POST"]),
        Route("/lecture/{what:str}", lecture, methods=["POST"]),
        Route("/qr", qr, methods=["POST"]),
        Route("/follow", follower),
        WebSocketRoute("/follow/live", follow),
        Mount("/static", _Fresh(directory=STATIC)),
    ]


class _Fresh(StaticFiles):
    """Files that a browser never caches, so that a new version of Embers shows a new page."""

    def file_response(self, *args: object, **named: object) -> Response:
        """The file, or that it has not changed."""
        response: Response = super().file_response(*args, **named)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response


def _facts(request: Request) -> Response:  # noqa: ARG001 - the form of an endpoint
    return JSONResponse(facts())
