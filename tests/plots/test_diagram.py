import abm
from abm.laws.law import LOWERS, RAISES
from abm.plots.diagram import Arrow, draw_diagram, network

OWN = (
    abm.load_scenario("influenza")
    .with_substance("IL-17A", molar_mass=31.0)
    .with_rule("CD4 T cell", "IL-6", raises="secretion of IL-17A", to=1.0, half=1.0)
    .with_rule("dormant cancer cell", "IL-17A", lowers="awakening", to="10 %", half=1.0)
)


def of(scenario):
    return network(scenario, abm.rules_of(scenario).acting)


def test_it_shows_who_secretes_what_and_what_that_acts_on():
    shown = of(abm.load_scenario("influenza"))
    assert Arrow("epithelial cell", "IL-6", RAISES) in shown.secretion
    assert Arrow("IL-6", "STAT3 signal (cancer cell)", RAISES) in shown.response


def test_rules_of_a_scenario_are_in_it():
    shown = of(OWN)
    assert Arrow("CD4 T cell", "IL-17A", RAISES) in shown.secretion
    assert Arrow("IL-17A", "awakening (dormant cancer cell)", LOWERS) in shown.response
    assert Arrow("IL-6", "secretion of IL-17A (CD4 T cell)", RAISES) in shown.response


def test_what_does_not_act_is_not_in_it():
    knockout = of(abm.load_scenario("il6_knockout"))
    assert not [arrow for arrow in knockout.secretion if arrow.end == "IL-6"]


def test_every_name_stands_in_the_picture_that_is_written(tmp_path):
    files = draw_diagram(OWN, abm.rules_of(OWN).acting, tmp_path)
    assert [file.suffix for file in files] == [".png", ".svg"]
    text = files[1].read_text(encoding="utf-8")
    for arrow in (*of(OWN).secretion, *of(OWN).response):
        assert arrow.start in text
        assert arrow.end in text
