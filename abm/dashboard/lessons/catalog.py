"""The lessons that a server knows: those that come with Embers, and those of a folder that a lecturer gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from abm.core.names import nearest
from abm.dashboard.lessons.lesson import Lesson
from abm.dashboard.lessons.read import read_lesson
from abm.scenario.catalog import is_path, scenarios_folder
from abm.scenario.errors import Fault, ScenarioError, label

MOST_LESSONS = 100
ORDER = ("what_awakens", "timing", "cd4_paradox", "vaccination", "what_a_model_can_say")  # of the packaged ones


def lessons_folder() -> Path:
    """The folder of the lessons that come with Embers."""
    return scenarios_folder() / "lessons"


def packaged_lessons() -> list[str]:
    """Their names, in the order in which they build on one another."""
    found = sorted(path.stem for path in lessons_folder().glob("*.toml"))
    return sorted(found, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))


def load_lesson(name_or_path: str) -> Lesson:
    """The packaged lesson of this name, or the one in this .toml file.

    Raises:
        ScenarioError: unknown name, or a faulty file.
    """
    if is_path(name_or_path):
        return read_lesson(Path(name_or_path))
    if name_or_path not in packaged_lessons():
        near = nearest(name_or_path, packaged_lessons()) or packaged_lessons()
        hint = f"nearest: {', '.join(near)}; a file of your own ends in .toml"
        raise ScenarioError([Fault("lesson", 0, "", f'"{name_or_path}"', "there is no lesson of this name", hint=hint)])
    return read_lesson(lessons_folder() / f"{name_or_path}.toml")


class Library:
    """Lessons by name. A browser can only name one; no path of it reaches a file."""

    def __init__(self) -> None:
        """Read the packaged lessons when the first one is asked for."""
        self._own: dict[str, Lesson] = {}
        self._packaged: dict[str, Lesson] | None = None

    def add_folder(self, folder: Path) -> None:
        """Add every lesson of a folder; each .toml file directly in it is one.

        Raises:
            ScenarioError: a lesson is faulty, has the name of another one, or the folder holds none.
        """
        files = sorted(folder.glob("*.toml")) if folder.is_dir() else []
        faults: list[Fault] = []
        if not 1 <= len(files) <= MOST_LESSONS:
            problem = f"holds {len(files)} .toml files" if folder.is_dir() else "is not a folder"
            faults.append(Fault(label(folder), 0, "", "", problem, allowed=f"a folder of 1 to {MOST_LESSONS} lessons"))
            files = []
        for file in files:
            if file.stem in packaged_lessons():
                faults.append(
                    Fault(label(file), 0, "", "", "has the name of a packaged lesson", hint="rename the file")
                )
                continue
            try:
                self._own[file.stem] = read_lesson(file)
            except ScenarioError as error:
                faults += error.faults
        if faults:
            raise ScenarioError(faults)

    def all(self) -> list[Lesson]:
        """Those of the lecturer first."""
        if self._packaged is None:
            self._packaged = {name: load_lesson(name) for name in packaged_lessons()}
        return [*self._own.values(), *self._packaged.values()]

    def find(self, name: Any) -> Lesson | None:
        """The lesson of this name, which a browser gives and may be anything; None where there is none."""
        return next((lesson for lesson in self.all() if lesson.name == name), None)


library = Library()
