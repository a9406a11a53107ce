import pytest

from tests.docs.links import faults

PLANTED = {
    '<a href="gone.html">x</a>': "there is no such file",
    '<a href="other.html#gone">x</a>': "there is no such anchor",
    '<a href="#gone">x</a>': "there is no such anchor",
    '<img src="gone.png">': "there is no such file",
    '<script src="https://example.org/x.js"></script>': "from the network",
}


@pytest.mark.parametrize(("text", "told"), PLANTED.items())
def test_a_link_that_leads_nowhere_is_reported(text, told, tmp_path):
    (tmp_path / "other.html").write_text('<h1 id="here">x</h1>')
    (tmp_path / "index.html").write_text(text)
    (fault,) = faults(tmp_path)
    assert fault.startswith("index.html: ")
    assert told in fault


def test_what_leads_somewhere_is_no_fault(tmp_path):
    (tmp_path / "other.html").write_text('<h1 id="here">x</h1>')
    (tmp_path / "index.html").write_text(
        '<a href="other.html#here">x</a><a href="https://example.org">y</a><a href="mailto:a@b.c">z</a>'
    )
    assert list(faults(tmp_path)) == []
