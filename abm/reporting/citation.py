"""What to cite: the study that Embers simulates, and the version of Embers."""

from __future__ import annotations

from abm.installation.package import installed_version

PAPER = "Chia et al., Nature 645, 496 (2025)"
DOI = "10.1038/s41586-025-09332-0"


def embers_version() -> str:
    """The version of Embers, for citations."""
    return installed_version() or "from source"


def cited_with(results: int) -> str:
    """Version and study as one line under a figure; results: version of the results."""
    return f"Embers {embers_version()}, results version {results}; study: {PAPER}, doi:{DOI}."
