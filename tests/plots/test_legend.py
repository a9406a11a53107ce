"""The legend with types of cells that scenarios declare."""

from matplotlib.figure import Figure

from abm.plots.legend import HEIGHT, draw_legend, height_with, own_cells
from abm.plots.palette import OWN_CELL_COLORS
from abm.rules.cells import CellKind


def test_a_type_that_two_arms_share_has_one_entry_and_two_in_one_color_have_two() -> None:
    first, second = OWN_CELL_COLORS[:2]
    found = own_cells([["mast cell", "basophil"], ["mast cell"], ["eosinophil"]])
    assert found == [("mast cell", first), ("basophil", second), ("eosinophil", first)]
    assert own_cells([]) == []


def test_the_legend_grows_only_where_it_must() -> None:
    assert height_with(()) == HEIGHT
    own = own_cells([["a", "b", "c", "d"]])
    assert height_with(own) > HEIGHT


def test_every_entry_lies_within_the_legend() -> None:
    own = own_cells([["a", "b", "c", "d"]])
    figure = Figure(figsize=(12.6, height_with(own)))
    draw_legend(figure, 0.0, own)
    (ax,) = figure.axes
    heights = {text.get_text(): text.get_position()[1] for text in ax.texts}
    assert [heights[name] for name in "abcd"] == sorted(heights[name] for name in "abcd")
    assert heights["a"] > heights[CellKind(len(CellKind) - 1).type.title]
    assert max(heights.values()) < height_with(own)
