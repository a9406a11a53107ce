import tomllib

import pytest

from abm.scenario.catalog import scenarios_folder
from abm.scenario.toml.lines import lines_of_keys

TRICKY = '''\
# title = "not here"
title = "a # b"
"quoted key" . 'x.y' = 1
a.b.c = 1
a.b.d = """
e = 5
[no.table]
\\""" and two quotes at the end"""""
literal = \'\'\'
f = "[" \'\'\'
inline = { g = 1, h = { "i.j" = "}" , k = [ { l = 1 }, { m = 2 } ] } }
list = [ # a comment ]
  "0 d", "]",

  { n = 1 },
  [1,
   2],
]
when = 1979-05-27 07:32:00
empty = ""

  [ section . deep ]  # comment
  width = "1 um"
[section]
  height = 2
[[treatment]]
type = "a"
[treatment.more]
  o = 1
[[treatment.sub]]
p = 1
[[treatment.sub]]

[[treatment]]
\ttype = 'b'
  [[treatment.sub]]
  p = 2
[last]'''

EXPECTED = {
    ("title",): 2,
    ("quoted key", "x.y"): 3,
    ("a",): 4,
    ("a", "b", "c"): 4,
    ("a", "b", "d"): 5,
    ("literal",): 9,
    ("inline", "g"): 11,
    ("inline", "h", "i.j"): 11,
    ("inline", "h", "k", 1, "m"): 11,
    ("list",): 12,
    ("list", 1): 13,
    ("list", 2, "n"): 15,
    ("list", 3): 16,
    ("list", 3, 1): 17,
    ("when",): 19,
    ("empty",): 20,
    ("section",): 24,
    ("section", "deep"): 22,
    ("section", "deep", "width"): 23,
    ("section", "height"): 25,
    ("treatment",): 26,
    ("treatment", 0): 26,
    ("treatment", 0, "type"): 27,
    ("treatment", 0, "more", "o"): 29,
    ("treatment", 0, "sub", 0, "p"): 31,
    ("treatment", 0, "sub", 1): 32,
    ("treatment", 1): 34,
    ("treatment", 1, "type"): 35,
    ("treatment", 1, "sub", 0, "p"): 37,
    ("last",): 38,
}


def keys_of(value, key=()):
    """Every key that the standard library finds."""
    if key:
        yield key
    if isinstance(value, dict):
        for name, item in value.items():
            yield from keys_of(item, (*key, name))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from keys_of(item, (*key, at))


def test_every_form_of_toml_has_its_line():
    lines = lines_of_keys(TRICKY)
    assert {key: lines[key] for key in EXPECTED} == EXPECTED


def test_the_keys_are_those_of_the_standard_library():
    assert set(lines_of_keys(TRICKY)) == set(keys_of(tomllib.loads(TRICKY)))


@pytest.mark.parametrize("path", sorted(scenarios_folder().glob("*.toml")), ids=lambda path: path.stem)
def test_each_key_of_a_packaged_scenario_stands_on_its_line(path):
    text = path.read_text(encoding="utf-8")
    lines = lines_of_keys(text)
    assert set(lines) == set(keys_of(tomllib.loads(text)))
    rows = text.splitlines()
    for key, line in lines.items():
        name = key[-1] if isinstance(key[-1], str) else key[0]
        assert str(name) in rows[line - 1]


def test_an_empty_text_has_no_keys():
    assert lines_of_keys("") == {}
    assert lines_of_keys("\n# only a comment") == {}
