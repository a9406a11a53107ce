"""The page: `solara run server.py` opens it in the browser. Needs no internet."""

from abm.dashboard.serving import settle

settle()  # before the page, and with it Solara, is imported

from abm.dashboard.page import Page  # noqa: E402

__all__ = ["Page"]
