"""Libraries that only some commands need, and that an installation may lack: asked for before anything runs."""

from __future__ import annotations

from importlib.util import find_spec

from abm.installation.package import install_command

EXTRAS = {  # by name of the extra: its modules with what pip calls them, and what needs it
    "analysis": (
        {"SALib": "SALib", "emcee": "emcee", "sklearn": "scikit-learn"},
        "`sensitivity`, `calibrate`, studies with a Morris or Sobol-indices sample",
    ),
    "export": (
        {
            "anndata": "anndata", "xarray": "xarray", "h5netcdf": "h5netcdf", "zarr": "zarr", "tifffile": "tifffile",
            "yaozarrs": "yaozarrs", "simulariumio": "simulariumio",
        },
        "`embers export`, `to_anndata`, `to_xarray`",
    ),
    "capsule": ({"rocrate": "rocrate"}, "`capsule`"),
    "cluster": ({"distributed": "distributed"}, "`--scheduler`"),
    "gym": ({"gymnasium": "gymnasium"}, "`abm.gym`, dosing as an environment for reinforcement learning"),
    "mcp": ({"mcp": "mcp"}, "`embers mcp`"),
}  # fmt: skip


PAGE = ("solara", "ipyvuetify", "ipyvue", "anywidget", "altair", "segno", "psutil")
"""What only the page needs, and notebooks that show a model with Mesa's SolaraViz; an installation may leave it out."""


class MissingLibraryError(ImportError):
    """A library of an extra that is not installed; its text says how to get it."""


def missing(extra: str, *modules: str) -> list[str]:
    """What of an extra, or of these modules of it, is not installed, by the names that pip knows."""
    known = EXTRAS[extra][0]
    return [known[module] for module in modules or known if find_spec(module) is None]


def remedy(extra: str) -> str:
    """The command that installs it."""
    return install_command(extra)


def need(extra: str, *modules: str) -> None:
    """Make sure that these modules of an extra are installed.

    Raises:
        MissingLibraryError: one of them is not.
    """
    lacking = missing(extra, *modules)
    if lacking:
        raise MissingLibraryError(f"not installed here: {', '.join(lacking)}. To get what is needed: {remedy(extra)}")


def need_page() -> None:
    """Make sure that the libraries of the page are installed.

    Raises:
        MissingLibraryError: one of them is not.
    """
    lacking = [name for name in PAGE if find_spec(name) is None]
    if lacking:
        raise MissingLibraryError(
            f"not installed here, and the page needs it: {', '.join(lacking)}. To get the page: {install_command()}"
        )
