"""The page that explains rules: its files are valid, and it lists every signal and rate there is."""

import re
import runpy
from pathlib import Path

import pytest

from abm.core.compiled import interpreted
from abm.rules.own.rates import Rate
from abm.rules.own.signals import Signal
from abm.scenario.read import read_scenario

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "hypotheses.md").read_text(encoding="utf-8")
FILES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.skipif(interpreted(), reason="a user's law acts in compiled code only")
def test_the_law_of_the_page_runs_as_it_stands(tmp_path):
    (text,) = [each for each in PYTHON if "with_law" in each]
    (tmp_path / "mine.py").write_text(text, encoding="utf-8")
    space = runpy.run_path(str(tmp_path / "mine.py"))
    assert space["model"].day == 1.0
    assert space["mine"].laws[0].function.name == "steep"


def test_the_rules_of_the_page_are_valid():
    text, compared = PYTHON[0].strip().rsplit("\n", 1)
    space = {}
    exec(text, space)
    assert len(space["mine"].rules) == 2
    assert compared.startswith('abm.compare(mine.with_name("il_17a"), "influenza"')


@pytest.mark.parametrize("number", range(len(FILES)))
def test_a_file_of_the_page_is_valid(number):
    text = FILES[number] if "extends" in FILES[number] else f'extends = "influenza"\n{FILES[number]}'
    assert read_scenario("mine.toml", text).rules


def test_every_rate_is_listed():
    words = [rate.type.words.partition(" {")[0] for rate in Rate]
    assert [word for word in words if word not in PAGE] == []


def test_every_signal_is_listed():
    words = [re.split(r"\{\w+\}", signal.type.words) for signal in Signal]
    assert [part for parts in words for part in parts if part.strip() not in PAGE] == []
