import math

import numpy as np
import pytest

from abm.core.field import diffuse
from abm.verify import fields
from abm.verify.fields import decay_length, diffusion, mass, order
from abm.verify.lattice import lattice


def too_fast(layers, hop_rate, loss, step):
    diffuse(layers, 1.02 * hop_rate, loss, step)


def too_long_lived(layers, hop_rate, loss, step):
    diffuse(layers, hop_rate, 0.999 * loss, step)


def leaky(layers, hop_rate, loss, step):
    diffuse(layers, hop_rate, loss, step)
    layers[0, 0, :] *= 0.99  # an edge that is not closed


def never_finer(layers, hop_rate, loss, step):
    diffuse(layers, 1.05 * hop_rate, loss, step)


def first_order_in_space(layers, hop_rate, loss, step):
    diffuse(layers, hop_rate * (1.0 + 0.05 / math.sqrt(hop_rate)), loss, step)


@pytest.mark.parametrize("find", [diffusion, order, mass, decay_length, lattice], ids=lambda find: find.__name__)
def test_fields_pass(find):
    found = find()
    assert found.verdict == "passed", found.measured
    assert found.panels
    assert found.source


@pytest.mark.parametrize(
    ("find", "wrong"),
    [
        (diffusion, too_fast),
        (diffusion, too_long_lived),
        (diffusion, leaky),
        (order, never_finer),
        (order, first_order_in_space),
        (mass, too_long_lived),
        (mass, leaky),
        (decay_length, too_fast),
        (decay_length, leaky),
        (lattice, too_fast),
        (lattice, first_order_in_space),
    ],
    ids=lambda function: function.__name__,
)
def test_a_wrong_solver_fails(find, wrong, monkeypatch):
    monkeypatch.setattr(fields, "diffuse", wrong)
    assert find().verdict == "failed"


def test_the_error_of_the_scheme_is_foretold_to_rounding():
    medium = fields.media()[1]
    start = np.random.default_rng(3).exponential(1.0, (12, 17))
    seen = fields.carried(fields.layers_of(start), medium.hop_rate, medium.loss, 3)
    np.testing.assert_allclose(seen, fields.foretold(start, medium, 3, fields.STEP), rtol=fields.ROUNDING)
