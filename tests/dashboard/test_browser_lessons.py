"""A whole lesson in Chromium, as a student takes it: by pointer and by keyboard, on a wide and on a narrow screen."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from abm.rules.states import CancerState
from tests.dashboard.conftest import Server, Visitor, expect
from tests.dashboard.lessons.conftest import TEXT

pytestmark = pytest.mark.slow
Visit = Callable[..., Visitor]
LESSON = "?lesson=antibody_and_virus"


class LessonServer(Server):
    """`embers serve --lessons FOLDER` on a free port."""

    def __init__(self, lessons: Path) -> None:
        self.lessons = lessons
        super().__init__()

    def start(self) -> None:
        command = [sys.executable, "-m", "abm", "serve", "--no-browser", "--port", str(self.port)]
        self.process = subprocess.Popen([*command, "--lessons", str(self.lessons)], cwd=self.folder)
        self.wait_until_ready()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("lessons")
    picture = '\n[[predict]]\nkind = "picture"\nask = "Which is it?"\narm = "antibody"\nday = "5 d"\n\n[[finding]]\n'
    text = TEXT.replace("\n[[finding]]\n", picture, 1)
    (folder / "antibody_and_virus.toml").write_text(text, encoding="utf-8")
    running = LessonServer(folder)
    yield running
    running.stop()


def step(visitor: Visitor, name: str) -> None:
    visitor.wait(f"embers.lessons.state?.step === '{name}'")


def press_next(visitor: Visitor, name: str = "Next") -> None:
    visitor.wait("embers.lessons.next && !embers.lessons.next.disabled")
    visitor.press(name)


def assert_no_violation(visitor: Visitor) -> None:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(visitor.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]})
    assert [(rule["id"], rule["nodes"][0]["html"][:160]) for rule in found.response["violations"]] == []


def predict(visitor: Visitor) -> None:
    """Draw by pointer, move one point by keyboard, and choose the right answer and a picture."""
    chart = visitor.page.locator(".lesson-chart.open")
    chart.wait_for()
    box = chart.bounding_box()
    mouse = visitor.page.mouse
    mouse.move(box["x"] + 0.15 * box["width"], box["y"] + 0.8 * box["height"])
    mouse.down()
    mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.3 * box["height"], steps=3)
    mouse.move(box["x"] + 0.96 * box["width"], box["y"] + 0.8 * box["height"], steps=3)
    mouse.up()
    first = visitor.page.get_by_role("slider").first
    before = float(first.get_attribute("aria-valuenow"))
    first.focus()
    visitor.page.keyboard.press("PageUp")
    assert float(first.get_attribute("aria-valuenow")) == pytest.approx(before + 0.05)
    visitor.page.keyboard.press("ArrowRight")
    assert visitor.of("document.activeElement.getAttribute('aria-label')").endswith("on day 1.3")
    expect(visitor.page.get_by_role("button", name="Commit and run")).to_be_disabled()
    visitor.page.get_by_label("At least half as high").check()
    visitor.page.get_by_label("Picture 1").check()


AWAKENED = """(() => {
  const [x, y] = embers.arms.picked[0], { cx, cy, cs } = embers.arms.list[0];
  return cs[cx.findIndex((one, at) => one === x && cy[at] === y)];
})()"""  # state of the cell that is explained


def compare(visitor: Visitor) -> None:
    """The scores, and what is said of the run, held to the curves that the page has."""
    visitor.press("Commit and run")
    visitor.page.get_by_role("button", name="To the end").click()
    press_next(visitor, "Compare")
    visitor.page.locator(".total").wait_for()
    result = visitor.of("embers.lessons.state.results[0]")
    assert result["tasks"][1]["score"] == 100
    picture = visitor.of("embers.lessons.state.answers[2].value")
    assert result["tasks"][2]["score"] == (100 if picture == result["tasks"][2]["right"] else 0)
    end = visitor.of("embers.arms.list.map((arm) => embers.arms.latest(arm, 'cells_per_seeded'))")
    left = next(one["value"] for one in result["findings"] if "half of the cancer cells" in one["text"])
    assert float(left.removesuffix(" %")) == pytest.approx(100 * end[1] / end[0], rel=0.01)


def explain(visitor: Visitor) -> None:
    """The cell is marked in both lungs, has just awakened in one, and there is less IL-6 at its twin."""
    visitor.press("Explain it")
    visitor.wait("embers.lessons.il6")
    visitor.wait("document.querySelectorAll('.marker:not([hidden])').length === 2 && embers.views.zoom > 1")
    assert visitor.of("embers.lessons.il6[0] > 10 * embers.lessons.il6[1]")
    assert visitor.of(AWAKENED) == CancerState.PROLIFERATING


def find_out(visitor: Visitor) -> None:
    expect(visitor.page.locator(".marker:not([hidden])")).to_have_count(0)  # of the cell that was explained
    for value in (3, 4):
        visitor.page.locator(".slider input").fill(str(value))
        visitor.press("Run it")
        visitor.wait(f"'{value}' in embers.lessons.state.tries")
    shown = re.compile("^✓ You have shown it: 6 d reaches the goal .* 8 d does not")
    expect(visitor.page.locator(".verdict")).to_have_text(shown)


def keep(visitor: Visitor) -> None:
    """One page of paper, which a reload of the page does not lose."""
    visitor.page.get_by_label("Your answer, in your own words").fill("It acts on the <b>signal</b>.")
    expect(visitor.page.locator(".own-words")).to_have_text("It acts on the <b>signal</b>.")
    paper = visitor.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", paper)) == 1
    visitor.page.reload()
    visitor.wait("window.embers && embers.lessons.state?.step === 'leave'")
    expect(visitor.page.locator("textarea")).to_have_value("It acts on the <b>signal</b>.")


def test_a_student_takes_a_lesson_from_the_question_to_the_printed_page(visit: Visit) -> None:
    visitor = visit(LESSON, width=1280, height=800)
    step(visitor, "question")
    visitor.press("Begin")
    visitor.page.get_by_role("button", name="To the end").click()
    press_next(visitor)
    predict(visitor)
    assert visitor.of("document.querySelector('.views').getBoundingClientRect().right") < 0  # no run is seen yet
    for name, part in (("predict", None), ("compare", compare), ("explain", explain), ("transfer", find_out)):
        if name == "transfer":
            press_next(visitor)
        if part:
            part(visitor)
        assert_no_violation(visitor)
        visitor.shot(f"lesson-{name}")
    press_next(visitor)
    keep(visitor)
    assert_no_violation(visitor)
    visitor.page.get_by_role("button", name="Leave the lesson").first.click()
    visitor.wait("!embers.lessons.open && embers.arms.list.length === 4")
    assert "lesson" not in visitor.of("location.search")
    expect(visitor.page.get_by_text("No cancer cell there.")).to_have_count(0)


def test_the_menu_lists_all_lessons_and_starts_one_on_a_phone(visit: Visit) -> None:
    visitor = visit("?arms=no_virus&side=600", width=390, height=844, has_touch=True, is_mobile=True)
    visitor.press("Lessons")
    expect(visitor.page.locator(".lesson-list li")).to_have_count(6)
    assert_no_violation(visitor)
    visitor.page.get_by_role("button", name=re.compile("^Start: Does an antibody")).click()
    step(visitor, "question")
    visitor.wait("embers.arms.recipe.side === 1000 && embers.arms.scenes === 2")  # the lung of the lesson is there
    visitor.settled()
    assert visitor.of("document.documentElement.scrollWidth") <= 390
    assert "lesson=antibody_and_virus" in visitor.of("location.search")
    visitor.page.keyboard.press("n")  # keys of the page rest
    visitor.page.wait_for_timeout(500)
    assert visitor.of("[embers.arms.recipe.seed, embers.arms.scenes]") == [1, 2]
    visitor.press("Leave the lesson")
    visitor.wait("!embers.lessons.open && embers.arms.recipe.side === 600")


def at_the_second_step(visit: Visit) -> Visitor:
    """A visitor who has begun a lesson from the menu of a page."""
    visitor = visit("?arms=no_virus&side=600")
    visitor.press("Lessons")
    visitor.page.get_by_role("button", name=re.compile("^Start: Does an antibody")).click()
    step(visitor, "question")
    visitor.press("Begin")
    step(visitor, "watch")
    return visitor


def test_back_in_the_browser_leads_to_the_step_before_and_out_of_the_lesson(visit: Visit) -> None:
    visitor = at_the_second_step(visit)
    visitor.page.go_back()
    step(visitor, "question")
    visitor.page.go_forward()
    step(visitor, "watch")
    visitor.page.reload()
    visitor.wait("window.embers")
    step(visitor, "watch")
    visitor.page.go_back()
    step(visitor, "question")
    visitor.page.go_back()
    visitor.wait("!embers.lessons.open && embers.arms.recipe.side === 600")
    expect(visitor.page).to_have_url(re.compile("arms=no_virus"))
    visitor.page.go_forward()
    step(visitor, "question")


def test_back_after_a_lesson_was_left_opens_it_again_where_it_was(visit: Visit) -> None:
    visitor = at_the_second_step(visit)
    visitor.press("Leave the lesson")
    visitor.wait("!embers.lessons.open && embers.arms.recipe.side === 600")
    expect(visitor.page).to_have_url(re.compile("arms=no_virus"))
    visitor.page.go_back()
    step(visitor, "question")
    expect(visitor.page).to_have_url(re.compile("lesson=antibody_and_virus&step=question"))


def test_a_link_to_a_step_that_cannot_be_shown_yet_leads_to_one_that_can(visit: Visit) -> None:
    visitor = visit(f"{LESSON}&step=leave")
    step(visitor, "question")  # nothing is known of it in this tab
    expect(visitor.page).to_have_url(re.compile("step=question"))
    visitor.press("Begin")
    step(visitor, "watch")
    visitor.of("history.pushState(null, '', location.search.replace('watch', 'leave'))")
    visitor.page.reload()
    visitor.wait("window.embers")
    step(visitor, "predict")
    visitor.page.go_back()
    step(visitor, "watch")


def test_a_lesson_that_there_is_not_leaves_the_page_as_it_is(visit: Visit) -> None:
    visitor = visit("?lesson=none")
    visitor.allowed.append("404")
    visitor.page.get_by_text("There is no lesson of this name.").wait_for()
    assert visitor.of("embers.lessons.open") is False
