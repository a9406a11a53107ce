"""Cells that explain a run are real: their history is in the event log, and they stand where it says."""

from dataclasses import replace

import numpy as np
import pytest

from abm.dashboard.content.story import Pick, log_of
from abm.dashboard.lessons.cells import FINDERS, find, founder_of, il6_at, told_cells
from abm.dashboard.lessons.check import played
from abm.dashboard.lessons.lesson import CELLS, ExplainingCell, Lesson
from abm.dashboard.live.stage import Stage
from abm.rules.states import EventKind


def cell(name: str, arm: str, twin: str = "") -> ExplainingCell:
    return ExplainingCell(name, arm, twin, "why", "il6")


def test_every_kind_of_cell_that_a_lesson_may_want_can_be_found() -> None:
    assert set(FINDERS) == set(CELLS)


def test_a_cell_that_awakens_only_here_does_so(lesson: Lesson, ran: Stage) -> None:
    found = find(lesson, lesson.cells[0], ran)
    sizes = ran.arms[0].model.tissue.clones.cells
    assert len(found) > 2
    for one in found:
        assert np.isfinite(ran.arms[0].awoke[one.pick.clone])
        assert not np.isfinite(ran.arms[1].awoke[one.pick.clone])
        assert one.pick.uid == founder_of(one.pick.clone)
    assert sizes[found[0].pick.clone] == max(sizes[one.pick.clone] for one in found)


def test_a_cell_that_stays_dormant_is_looked_at_when_its_twin_awakens(lesson: Lesson, ran: Stage) -> None:
    first = find(lesson, cell("stays dormant", "antibody", "untreated"), ran)[0]
    log = log_of(ran, 0)
    awakening = log[(log.uid == first.pick.uid) & (log.kind == EventKind.AWAKENING)][0]
    assert first.hour == pytest.approx(awakening.hour + 1 / 6)
    assert not np.isfinite(ran.arms[1].awoke[first.pick.clone])


def test_a_killed_cell_is_looked_at_before_its_death(lesson: Lesson, ran: Stage) -> None:
    first = find(lesson, cell("is killed", "untreated", "antibody"), ran)[0]
    log = log_of(ran, 0)
    death = log[(log.uid == first.pick.uid) & (log.kind == EventKind.KILLED)][0]
    assert first.hour == pytest.approx(death.hour - 1)


def test_a_lesson_shows_each_clone_once_if_it_can(lesson: Lesson, ran: Stage) -> None:
    wanted = (cell("awakens only here", "untreated", "antibody"), cell("stays dormant", "antibody", "untreated"))
    told = told_cells(replace(lesson, cells=wanted), ran)
    assert told[0]["pick"][2] != told[1]["pick"][2]


def test_a_cell_that_the_run_lacks_is_not_made_up(lesson: Lesson, ran: Stage) -> None:
    never = replace(lesson, cells=(cell("awakens only here", "antibody", "untreated"),))
    assert told_cells(never, ran) == [{"says": "why", "arm": 1, "overlay": "il6", "found": False}]


def test_il6_at_a_cell_and_its_twin_is_that_of_the_field(lesson: Lesson) -> None:
    short = replace(lesson.recipe(), days=3)
    with played(short) as stage:
        clone = 0
        found = il6_at(stage, Pick(0, founder_of(clone), clone))
        for run, amount in zip(stage.arms, found, strict=True):
            cells = run.model.tissue.cancer
            own = cells[cells.alive & (cells.uid == founder_of(clone))][0]
            field = run.model.tissue.fields.il6[0]
            assert amount == field[int(own.y) // 4, int(own.x) // 4]
        assert il6_at(stage, Pick(0, 5, 0)) == [None, None]
