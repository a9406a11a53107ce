from abm.core.tree import LONGEST, tree


def test_a_tree_is_drawn_with_its_branches():
    shown = tree("lung", tree("left", "upper", "lower"), "right").text()
    assert shown == "lung\n├── left\n│   ├── upper\n│   └── lower\n└── right"


def test_a_line_is_one_line_of_bounded_length():
    first, second = tree("a\n  b", "x" * 1000).text().splitlines()
    assert first == "a b"
    assert len(second) == LONGEST + len("└── ")


def test_html_escapes_what_it_shows():
    assert tree("<b>", "a & b").html().count("&lt;b&gt;") == 1
    assert "a &amp; b" in tree("<b>", "a & b").html()
