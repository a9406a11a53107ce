from abm.dashboard.content.charts import CHARTED, CHARTS
from abm.dashboard.content.facts import facts
from abm.dashboard.live.worker import MEASURED
from abm.model.measures import MEASURES
from abm.rules.cells import CellKind
from abm.rules.own.slots import ALL_KINDS
from abm.rules.substances import Substance


def test_every_type_of_cell_and_every_substance_can_be_charted() -> None:
    assert {kind.type.curve for kind in CellKind} <= set(CHARTED)
    assert {substance.key for substance in Substance} <= set(CHARTED)


def test_a_chart_shows_measures_and_begins_with_one_of_its_choices() -> None:
    assert set(CHARTED) <= set(MEASURES)
    assert all(chart.shown in chart.choices for chart in CHARTS)
    assert all(chart.awakening in ("", *chart.choices) for chart in CHARTS)


def test_whatever_is_charted_has_bands_of_replicates() -> None:
    assert set(CHARTED) <= set(MEASURED)


def test_every_type_of_cell_is_in_a_layer_that_can_be_hidden_and_is_drawn_in_turn() -> None:
    told = facts()
    assert all(cell["layer"] in told["layers"] for cell in told["cells"])
    assert sorted(told["cellOrder"]) == list(range(ALL_KINDS))  # those of a scenario come last
    assert [told["cells"][kind]["layer"] for kind in CellKind if kind.type.is_stroma] == ["fibroblasts"]


def test_every_substance_has_an_overlay_with_its_name() -> None:
    overlays = facts()["overlays"]
    assert all(overlays[substance.key]["name"] == substance.type.title for substance in Substance)
