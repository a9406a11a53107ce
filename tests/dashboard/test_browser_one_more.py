"""A mast cell and IL-17A that are declared in their tables, and nowhere else, seen on the page in Chromium."""

from collections.abc import Callable, Iterator

import pytest

from tests.dashboard.conftest import Server, Visitor, expect
from tests.one_more import declared_in

pytestmark = pytest.mark.slow
Visit = Callable[..., Visitor]
MAST_PIXELS = """() => {
  const [red, green, blue] = embers.facts.cells.filter((one) => !one.own).at(-1).color;
  const color = (255 << 24 | blue << 16 | green << 8 | red) >>> 0;
  return embers.views.views[0].pixels.reduce((sum, pixel) => sum + (pixel === color), 0);
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The page of a copy of the package; `visit` opens it."""
    running = Server(declared_in(tmp_path_factory.mktemp("declared")))
    yield running
    running.stop()


def test_a_declared_cell_and_substance_are_drawn_listed_charted_and_laid_over_the_tissue(visit: Visit) -> None:
    visitor = visit("?arms=no_virus&side=800")
    visitor.page.locator(".chips").get_by_text("mast cell", exact=True).wait_for()
    visitor.settled()
    assert visitor.of(MAST_PIXELS) > 0
    visitor.page.get_by_label("Immune cells", exact=True).uncheck()
    visitor.settled()
    assert visitor.of(MAST_PIXELS) == 0
    visitor.page.get_by_label("Immune cells", exact=True).check()
    visitor.of("embers.act.ask({do: 'step', day: 1})")
    visitor.at_hour(24)
    visitor.page.get_by_label("Mobile cells", exact=True).select_option(label="mast cells")
    visitor.page.get_by_label("Substances", exact=True).select_option(label="IL-17A")
    for name in ("mast_cells", "il17a"):
        expect(visitor.page.locator(f"[data-measure={name}] .line")).to_have_count(1)
        assert visitor.of(f"embers.arms.latest(embers.arms.list[0], '{name}')") > 0
    visitor.page.get_by_label("Overlay", exact=True).select_option(label="IL-17A")
    visitor.wait("embers.arms.overlay === 'il17a' && embers.arms.list[0].field !== null")
    visitor.shot("one-more")
