"""Hints at what a user probably meant."""

import pytest

from abm.core.names import nearest

KNOWN = ("Influenza", "vaccination", "depletion", "il6_blockade")


@pytest.mark.parametrize(
    ("word", "meant"), [("infuenza", "Influenza"), ("INFLUENZA", "Influenza"), ("depletoin", "depletion")]
)
def test_the_nearest_word_comes_first_as_it_is_written(word, meant):
    assert nearest(word, KNOWN)[0] == meant


def test_words_that_share_half_of_their_letters_are_near_and_no_others():
    assert nearest("ab", ["bc", "cd"]) == ["bc"]  # 2 of 4 letters
    assert nearest("abc", ["cdef"]) == []  # 2 of 7


def test_three_words_are_enough_unless_more_are_asked_for():
    known = ["dose1", "dose2", "dose3", "dose4", "dose5"]
    assert len(nearest("dose", known)) == 3
    assert len(nearest("dose", known, 4)) == 4
    assert len(nearest("dose", known, 1)) == 1
