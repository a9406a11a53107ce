// Layers on and off, what is colored by what, the overlay with its scale; the legend of what is seen.

import { fullTitle } from "./arms.js";
import { Chips, onScreen } from "./chips.js";
import { button, calmly, css, h, select, tick } from "./dom.js";

export class Legend {
  // `act`: {look(changes), overlay(name), zoom(factor), fit()}
  constructor(facts, arms, options, act) {
    Object.assign(this, { facts, arms, options, act });
    this.layers = h("fieldset", { class: "layers" }, h("legend", { text: "Show" }),
      Object.entries(facts.layers).map(([name, text]) => tick(text, options[name], (on) => act.look({ [name]: on }))));
    this.colorBy = select([["state", "state"], ["clone", "clone"], ["cause", "cause of awakening"]], options.colorBy,
      (name) => act.look({ colorBy: name }), { id: "embers-colorby" });
    this.over = select([], "",
      (name) => act.overlay(name), { id: "embers-overlay" });
    this.scale = h("div", { class: "ramp unused" });
    this.difference = tick("Difference from", false, (on) => act.look({ difference: on }));
    this.against = h("select", { "aria-label": "View to compare with", onchange: () => act.look({ against: Number(this.against.value) }) });
    this.only = h("span", { class: "quiet", text: "shows cancer cells only", hidden: true }); // why other controls rest
    this.tools = h("div", { class: "tools", role: "group", "aria-label": "What is shown" }, this.layers,
      pair("Cancer cells by", this.colorBy), pair("Overlay", this.over),
      h("span", { class: "pair difference" }, this.difference, this.against, this.only),
      h("span", { class: "pair zoom" }, button("−", () => act.zoom(1 / 1.35), { "aria-label": "Zoom out" }),
        button("+", () => act.zoom(1.35), { "aria-label": "Zoom in" }), button("Fit", () => act.fit(), { "aria-label": "Show the whole section" })));
    this.chips = new Chips((only) => act.single(only));
    this.groups = calmly(() => this.drawChips(), 300);
  }

  // After a change of the arms or of what is shown.
  draw() {
    const { options, arms } = this;
    const layers = Object.keys(this.facts.layers);
    this.layers.querySelectorAll("input").forEach((box, at) => { box.checked = options[layers[at]]; });
    this.colorBy.value = options.colorBy;
    const overlays = arms.overlays(this.facts), offered = ["", ...Object.keys(overlays)];
    if (offered.join() !== [...this.over.options].map((one) => one.value).join()) {
      this.over.replaceChildren(...offered.map((name) => h("option", { value: name, text: overlays[name]?.name ?? "none" })));
    }
    this.over.value = Object.hasOwn(overlays, options.overlay) ? options.overlay : "";
    this.difference.querySelector("input").checked = options.difference;
    const several = arms.list.length > 1, alone = options.difference && several; // then only cancer cells are drawn
    this.layers.querySelectorAll("input").forEach((box, at) => { box.disabled = alone && layers[at] !== "cancer"; });
    this.colorBy.disabled = this.over.disabled = alone;
    this.only.hidden = !alone;
    this.tools.querySelector(".difference").hidden = !several;
    this.against.replaceChildren(...arms.list.map((arm) => h("option", { value: arm.number, text: arm.info ? fullTitle(arm.info) : "", selected: arm.number === options.against })));
    this.ramp();
    this.groups();
  }

  ramp() {
    const overlay = this.arms.overlays(this.facts)[this.options.overlay];
    this.scale.classList.toggle("unused", !overlay || this.over.disabled); // keeps its place, so that nothing below moves
    if (!overlay) return;
    const sourced = Object.hasOwn(this.facts.sourceOverlays, this.options.overlay);
    const stops = sourced ? "#f7f4f6, #4a4450" : this.facts.ramp.filter((_, at) => at % 15 === 0).map(css).join(", ");
    this.scale.replaceChildren(h("span", { text: overlay.low.toLocaleString("en-US") }),
      h("i", { style: `background: linear-gradient(to right, ${stops})` }),
      h("span", { text: `${overlay.high.toLocaleString("en-US")} ${overlay.unit}${overlay.log ? ", log" : ""}` }));
  }

  // The legend of what is seen now.
  drawChips() {
    const { facts, arms, options, act } = this, shown = arms.list.filter((arm) => arm.states && (options.alone ?? arm.number) === arm.number);
    const own = facts.cells.findIndex((one) => one.own), titles = arms.ownCells();
    const nameOf = (kind) => titles.filter(({ slot }) => slot === kind - own).map(({ title }) => title).join(" / ") || facts.cells[kind].name;
    const difference = options.difference && arms.list.length > 1;
    this.chips.draw(onScreen(facts, shown, { ...options, difference }, (arm) => act.seen(arm), nameOf));
  }
}

function pair(text, control) {
  return h("span", { class: "pair" }, h("label", { for: control.id, text }), control);
}
