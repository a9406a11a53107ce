from abm.rules.own.rates import In, Rate, Where, address, rate_at, who_of
from abm.rules.own.slots import ALL_KINDS


def test_an_address_knows_its_rate():
    found = {address(int(rate), who, substance) for rate in Rate for who in (0, 11, 44) for substance in (0, 12)}
    assert len(found) == len(Rate) * 6
    assert all(rate_at(address(int(rate), 44, 12)) is rate for rate in Rate)
    assert all(who_of(address(int(rate), who, 12)) == who for rate in Rate for who in (0, 11, 44))


def test_places_are_numbered_after_all_types_of_cells():
    assert min(Where) >= ALL_KINDS


def test_every_rate_belongs_to_a_cell_and_can_be_changed():
    for rate in Rate:
        assert rate.type.who in In(sum(In))
        assert rate.type.is_factor_only == (rate.type.high == 0.0)


def test_rates_have_names_of_their_own():
    assert len({rate.type.words for rate in Rate}) == len(Rate)
