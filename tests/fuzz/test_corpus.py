"""Whatever bytes a reader is given, it reads them or says what is wrong with them."""

import pytest

from tests.fuzz.targets import CORPUS, TARGETS, read

KEPT = [(path.parent.name, path.name) for path in sorted(CORPUS.glob("*/*"))]


def test_there_is_a_corpus_for_every_reader():
    assert {name for name, _ in KEPT} == set(TARGETS)


@pytest.mark.parametrize(("name", "file"), KEPT)
def test_what_was_found_once_is_read_or_refused_with_words(name, file):
    read(name, (CORPUS / name / file).read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_read_cut_anywhere_is_read_or_refused_with_words(name):
    for whole in TARGETS[name].seeds():
        for end in range(0, len(whole), max(1, len(whole) // 40)):
            read(name, whole[:end])
