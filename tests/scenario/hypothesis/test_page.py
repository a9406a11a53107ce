"""The page that explains rules: its files are valid, and it lists every signal and rate there is."""

import re
from pathlib import Path

import pytest

from abm.rules.own.rates import Rate
from abm.rules.own.signals import Signal
from abm.scenario.read import read_scenario

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "hypotheses.md").read_text(encoding="utf-8")
FILES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


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
