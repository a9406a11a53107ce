"""The page: `solara run server.py` opens it in the browser. Needs no internet."""

from abm.dashboard.server.serving import settle

settle()  # before the page, and with it Solara, is imported

from abm.dashboard.server.page import Page  # noqa: E402

__all__ = ["Page"]
