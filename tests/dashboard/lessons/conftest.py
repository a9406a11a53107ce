"""The lesson of docs/lessons.md: read, run once, and checked once for all tests."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from abm.dashboard.lessons.check import LessonCheck, check, played
from abm.dashboard.lessons.lesson import Lesson
from abm.dashboard.lessons.read import read_lesson
from abm.dashboard.live.stage import Stage

DOCS = Path(__file__).resolve().parents[3] / "docs/lessons.md"
TEXT = re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)[0]
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the lesson of the docs, with some of its text replaced."""

    def written(*changes: tuple[str, str], name: str = "mine", more: str = "") -> Path:
        text = TEXT
        for before, after in changes:
            assert before in text
            text = text.replace(before, after, 1)
        path = tmp_path / f"{name}.toml"
        path.write_text(text + more, encoding="utf-8")
        return path

    return written


@pytest.fixture(scope="session")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Lesson:
    path = tmp_path_factory.mktemp("lesson") / "antibody_and_virus.toml"
    path.write_text(TEXT, encoding="utf-8")
    return read_lesson(path)


@pytest.fixture(scope="session")
def ran(lesson: Lesson) -> Iterator[Stage]:
    """The run of all its arms."""
    with played(lesson.recipe()) as stage:
        yield stage


@pytest.fixture(scope="session")
def checked(lesson: Lesson) -> LessonCheck:
    return check(lesson)
