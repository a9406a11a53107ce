"""Groups of targets: which evidence a finding belongs to. The group follows from the id: F ids are group B."""

from __future__ import annotations

GROUPS: dict[str, str] = {
    "A": "The infection in mice without cancer",
    "B": "Dormant cancer cells (Chia et al. 2025)",
    "E": "Cytokines of the mouse lung",
    "G": "Findings of others, some of which point the other way",
    "N": "Signs of the infection",
    "H": "People",
}
IDS_OF = {"F": "B"}  # first letter of an id that is not its group


def group_of(id_: str) -> str:
    """The group of a target."""
    return IDS_OF.get(id_[0], id_[0])


def place_of(id_: str) -> tuple[int, int]:
    """Where a target stands in the list: groups in their order, then by number."""
    return list(GROUPS).index(group_of(id_)), int(id_[1:] or 0)
