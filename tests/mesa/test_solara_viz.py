"""SolaraViz, Mesa's own page, drawn without a browser."""

from dataclasses import replace

import ipyvuetify as vw
import pytest
import solara
from ipywidgets import Image
from matplotlib.figure import Figure
from mesa.visualization import SolaraViz, make_plot_component

from abm.model.agents import CancerCell
from abm.model.lung_model import LungModel
from abm.scenario.scenario import Scenario


@solara.component
def tissue(model: LungModel) -> None:
    """A drawer of our own: Mesa's wants a grid of its own."""
    figure = Figure()
    axes = figure.subplots()
    axes.imshow(model.tissue.fields.il6[0])
    for cell in model.agents.select(agent_type=CancerCell):
        axes.plot(*cell.pos, "o")
    solara.FigureMatplotlib(figure)


@pytest.fixture
def scenario(infected: Scenario) -> Scenario:
    return replace(infected, width=200.0, height=200.0)


def page(scenario: Scenario):
    """The model on the page (a reactive value) and the rendered page."""
    model = solara.reactive(LungModel(scenario, seed=3))
    curves = [make_plot_component("il6"), make_plot_component({"cd8": "blue", "cd4": "green"}, page=1)]
    parameters = {
        "scenario": scenario,
        "seed": {"type": "SliderInt", "value": 3, "label": "seed", "min": 1, "max": 9, "step": 1},
    }

    @solara.component
    def whole_page() -> None:
        with solara.AppLayout():  # shows the side bar with the buttons
            SolaraViz(model, components=[tissue, *curves], model_params=parameters, name="Embers")

    _, rendered = solara.render(whole_page(), handle_error=False)
    return model, rendered


def click(rendered, label: str) -> None:
    rendered.find(vw.Btn, children=[label]).widget.click()


def test_the_page_shows_the_tissue_and_the_curves(scenario):
    _, rendered = page(scenario)
    assert len(rendered.find(Image)) == 2
    assert [tab.children for tab in rendered.find(vw.Tab).widgets] == [["Page 0"], ["Page 1"]]
    rendered.find(vw.Tabs).widget.v_model = 1
    assert len(rendered.find(Image)) == 1
    rendered.close()


def test_a_click_on_step_advances_the_model(scenario):
    model, rendered = page(scenario)
    click(rendered, "Step")
    click(rendered, "Step")
    assert model.value.steps == model.value.tick == 2
    assert model.value.datacollector.get_model_vars_dataframe()["hour"].iloc[-1] == pytest.approx(2 * scenario.step)
    rendered.close()


def test_a_click_on_reset_makes_the_same_experiment_anew(scenario):
    model, rendered = page(scenario)
    first, start = model.value, LungModel(scenario, seed=3).digest()
    click(rendered, "Step")
    assert first.digest() != start
    click(rendered, "Reset")
    assert model.value is not first
    assert model.value.digest() == start
    click(rendered, "Step")
    assert model.value.digest() == first.digest()
    rendered.close()


def test_a_slider_of_the_page_sets_the_seed_of_the_next_model(scenario):
    model, rendered = page(scenario)
    slider = next(widget for widget in rendered.find(vw.Slider).widgets if widget.label == "seed")
    slider.v_model = 4
    click(rendered, "Reset")
    assert model.value.digest() == LungModel(scenario, seed=4).digest()
    rendered.close()
