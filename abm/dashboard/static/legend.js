// Layers on and off, what is colored by what, the overlay with its scale, the legend.

import { fullTitle } from "./arms.js";
import { button, css, h, select, svg, tick } from "./dom.js";

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
      pair("Cancer cells by", this.colorBy), pair("Overlay", this.over), this.scale,
      h("span", { class: "pair difference" }, this.difference, this.against, this.only),
      h("span", { class: "pair zoom" }, button("−", () => act.zoom(1 / 1.35), { "aria-label": "Zoom out" }),
        button("+", () => act.zoom(1.35), { "aria-label": "Zoom in" }), button("Fit", () => act.fit(), { "aria-label": "Show the whole section" })));
    this.element = h("section", { class: "legend", "aria-label": "Legend" });
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

  groups() {
    const { facts, options } = this, radius = facts.cancerRadius;
    const alone = options.difference && this.arms.list.length > 1;
    const cancer = alone ? facts.difference.map((one) => [one.name, disk(one.color, radius, [24, 16, 32])]).reverse()
      : options.colorBy === "cause" ? facts.causes.map((one) => [one.name, disk(one.color, radius, [24, 16, 32])])
        : options.colorBy === "clone" ? [["one color a clone (colors repeat)", disk(facts.clones[0], radius, [24, 16, 32])]]
          : facts.cancer.map((one) => [one.name, disk(one.color, radius, one.rim)]);
    const own = facts.cells.filter((one) => one.own), built = facts.cells.filter((one) => !one.own);
    const sourced = Object.hasOwn(facts.sourceOverlays, options.overlay) && !alone;
    this.element.replaceChildren(
      group("Cancer cells", cancer),
      sourced ? group("Color of a square: it secretes most IL-6 there", facts.sources.filter((one) => one.secretes).map((one) => [one.name, square(one.color)])) : "",
      alone ? "" : group(facts.mobile, [...built.map((one) => [one.name, disk(one.color, one.radius)]),
        ...this.arms.ownCells().map(({ slot, title }) => [title, disk(own[slot].color, own[slot].radius)])]),
      alone ? "" : group("Epithelium", facts.epithelium.slice(1).map((one) => [one.name, square(one.color)])),
      group("Section", facts.sites.map((one) => [one.name, square(one.color)])),
      h("p", { class: "quiet", text: "Cells are drawn larger than they are (10 µm)." }));
  }
}

function pair(text, control) {
  return h("span", { class: "pair" }, h("label", { for: control.id, text }), control);
}

function group(title, entries) {
  return h("div", { class: "group" }, h("h3", { text: title }), h("ul", {}, entries.map(([name, mark]) => h("li", {}, mark, name))));
}

export function disk(color, radius, rim) {
  const circle = (r, fill) => svg("circle", { cx: 9, cy: 9, r, fill: css(fill) });
  return svg("svg", { viewBox: "0 0 18 18", "aria-hidden": "true" }, rim ? circle((radius + 0.8) * 2.6, rim) : null, circle(radius * 2.6, color));
}

export function square(color) {
  return svg("svg", { viewBox: "0 0 18 18", "aria-hidden": "true" }, svg("rect", { x: 2.5, y: 2.5, width: 13, height: 13, rx: 2, fill: css(color), class: "square" }));
}
