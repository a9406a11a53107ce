"""What to say of a name in a rule that is not known: the name that was probably meant, or how to declare one."""

from __future__ import annotations

from collections.abc import Collection

from abm.core.names import nearest
from abm.rules.cells import CellKind
from abm.rules.own.replaceable import REPLACEABLE
from abm.scenario.hypothesis.words import DRUG, Words
from abm.scenario.toml.table import Table

SYNONYMS = {  # what people call a rate, and what it is called here
    "recruitment": "arrival", "influx": "arrival", "migration": "speed", "proliferation": "division",
    "apoptosis": "death", "emigration": "loss", "niche degradation": "degradation of the niche",
    "niche repair": "repair of the niche", "matrix degradation": "degradation of the niche",
    "dormancy": "return to dormancy", "polarisation": "polarization", "killing": "killing of infected epithelium",
}  # fmt: skip
OWN = {  # what single cells carry, and which do
    "activation": "mobile cells", "age": "mobile cells", "phenotype": "cancer cells",
}  # fmt: skip
OF_SUBSTANCES = {  # the same of rates that concern a substance
    "secretion of ": "secretion of ", "release of ": "secretion of ", "loss of ": "loss of ",
    "attraction to ": "attraction to ", "attraction towards ": "attraction to ", "chemotaxis to ": "attraction to ",
}  # fmt: skip


def hints_of_cells(table: Table, words: Words) -> dict[str, str]:
    """What to say of a cell that is none, where the nearest name would not help."""
    given = table.content.get("cell")
    plural = {kind.type.plural: kind.type.title for kind in CellKind}
    hints = {many: f'did you mean "{one}"?' for many, one in plural.items()}
    hints |= {
        "macrophage": 'did you mean "resident macrophage" or "recruited macrophage"?',
        "cancer cell": 'did you mean "dormant cancer cell" or "proliferating cancer cell"?',
    }
    if isinstance(given, str) and given not in hints and not nearest(given, words.cells, 1):
        hints[given] = f'declare it: [cell."{given}"]'
    return hints


def hints_of_signals(table: Table, key: str, signals: Collection[str], words: Words) -> dict[str, str]:
    """What to say of a signal that is none of those that the cell of a rule has."""
    given = table.content.get(key)
    if not isinstance(given, str) or given in signals:
        return {}
    if given in words.mobile:
        return {given: f'cells are counted around: did you mean "{given} within 50 um"?'}
    if DRUG + given in words.signals:
        return {given: f'did you mean "{DRUG}{given}"?'}
    if (own := given.removeprefix("own ")) in OWN:
        meant = f'did you mean "own {own}"? ' if own == given else ""
        return {given: f"{meant}only {OWN[own]} have one"}
    if given.startswith("contact"):
        return {given: 'only cancer cells have it, as "contact with neutrophil"; others: "neutrophil within 50 um"'}
    near = nearest(given, signals, 1)
    return {} if near else {given: f'declare a substance: [substance."{given}"]; a drug is written "{DRUG}{given}"'}


def hints_of_rates(table: Table, key: str, words: Words) -> dict[str, str]:
    """What to say of a rate that is none."""
    given = table.content.get(key)
    if not isinstance(given, str) or given in words.rates:
        return {}
    if given in SYNONYMS:
        return {given: f'did you mean "{SYNONYMS[given]}"?'}
    for said, kind in OF_SUBSTANCES.items():
        if given.startswith(said):
            name = given.removeprefix(said)
            near = nearest(name, words.substances, 1)
            hint = f'did you mean "{kind}{near[0]}"? ' if near else ""
            return {given: f'{hint}A substance of your own is declared first: [substance."{name}"]'}
    return {}


def hints_of_laws(table: Table) -> dict[str, str]:
    """What to say of a law that cannot be replaced."""
    given = table.content.get("replaces")
    if not isinstance(given, str) or given in REPLACEABLE:
        return {}
    near = nearest(given, REPLACEABLE)
    return {given: f"can be replaced, nearest: {', '.join(near) if near else ', '.join(list(REPLACEABLE)[:6])}"}
