"""Which module needs which: nowhere in a circle, not even within functions; annotations aside."""

import pytest

grimp = pytest.importorskip("grimp")


def test_no_module_needs_one_that_needs_it():
    graph = grimp.build_graph("abm", cache_dir=None, exclude_type_checking_imports=True)
    assert len(graph.modules) > 200
    circles = {
        tuple(sorted(chain))
        for module in graph.modules
        for other in graph.find_modules_directly_imported_by(module)
        if (chain := graph.find_shortest_chain(importer=other, imported=module))
    }
    assert circles == set()
