import pytest

from abm.installation import optional_deps as extras


def test_all_extras_are_here_where_tests_run():
    for extra in extras.EXTRAS:
        assert extras.missing(extra) == []
        extras.need(extra)


def test_a_library_that_is_missing_is_named_with_the_way_to_get_it(monkeypatch):
    monkeypatch.setattr(extras, "find_spec", lambda module: None if module in ("sklearn", "emcee") else object())
    with pytest.raises(extras.MissingLibraryError, match="emcee, scikit-learn") as told:
        extras.need("analysis")
    assert "pip install -c constraints.txt -e '.[analysis]'" in str(told.value)
    extras.need("analysis", "SALib")
    extras.need("export", "xarray")
    extras.need("cluster", "distributed")
