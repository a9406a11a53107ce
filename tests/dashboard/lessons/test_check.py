"""The check of a lesson reports what students get; a lesson that does not hold is found out."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from typer.testing import CliRunner

from abm.cli.lessons import reported
from abm.cli.main import app
from abm.dashboard.lessons.check import LessonCheck, solutions
from abm.dashboard.lessons.lesson import Lesson
from abm.dashboard.lessons.sheet import sheet
from tests.dashboard.lessons.conftest import Write


def test_the_lesson_of_the_docs_holds(checked: LessonCheck) -> None:
    assert checked.problems == []
    assert checked.runs[0].holds
    assert checked.solution == ["6"]


def test_the_report_says_every_answer(checked: LessonCheck) -> None:
    text = "\n".join(reported(checked))
    assert "At least half as high: the virus spreads all the same" in text
    assert re.search(r"holds: The virus spreads at least half as far\. \(\d\.\d", text)
    assert "answer: 6 d" in text


def test_a_lesson_that_does_not_hold_says_why(checked: LessonCheck) -> None:
    shown = checked.runs[0].shown
    findings = [{**shown["findings"][0], "holds": False}, *shown["findings"][1:]]
    run = replace(
        checked.runs[0], shown={**shown, "findings": findings, "cells": [{"found": False}]}, answers=["", "none"]
    )
    problems = replace(checked, runs=[run], solution=[]).problems
    assert [one.split(":")[0].split('"')[0].strip() for one in problems] == [
        "the finding", "cell 1", "no answer to", "no value solves the transfer task",
    ]  # fmt: skip
    assert not run.holds


@pytest.mark.parametrize(
    ("find", "inside", "right"),
    [("last", [1, 1, 0, 1, 0], ["6"]), ("first", [0, 1, 0, 1, 0], ["2"]), ("any", [0, 1, 0, 1, 0], ["2", "6"]),
     ("last", [0] * 5, [])],
)  # fmt: skip
def test_the_solution_of_the_task(lesson: Lesson, find: str, inside: list[int], right: list[str]) -> None:
    assert lesson.transfer is not None
    changed = replace(lesson, transfer=replace(lesson.transfer, find=find))
    assert solutions(changed, [bool(one) for one in inside]) == right


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the form of the parser
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_teachers_sheet_is_one_page_with_all_answers_and_nothing_from_elsewhere(checked: LessonCheck) -> None:
    title = replace(checked.lesson, title="<script>alert(1)</script>")
    text = sheet(replace(checked, lesson=title))
    tags = Tags()
    tags.feed(text)
    assert not tags.open
    assert "<script" not in text
    assert "http" not in text
    said = " ".join(tags.texts)
    for part in (
        "Answer in this lung: 6 d",
        "The antibody binds IL-6, not the virus.",
        "Goals",
        checked.runs[0].answers[1],
    ):
        assert part in said


def test_the_command_lists_checks_and_refuses(write: Write) -> None:
    run = CliRunner().invoke
    assert run(app, ["lesson"]).output.splitlines()[0].startswith("what_awakens ")
    assert run(app, ["lesson", str(write()), "--no-run"]).exit_code == 0
    faulty = run(app, ["lesson", str(write(("minutes = 15", "minuets = 15")))])
    assert faulty.exit_code == 2
    assert "minuets" in faulty.output
    assert run(app, ["lesson", "tming"]).exit_code == 2


def test_serve_refuses_a_folder_with_a_faulty_lesson(write: Write) -> None:
    folder = write(("minutes = 15", "minuets = 15")).parent
    refused = CliRunner().invoke(app, ["serve", "--no-browser", "--lessons", str(folder)])
    assert refused.exit_code == 2
    assert "line 7: minuets = 15" in refused.output
