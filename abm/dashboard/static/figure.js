// A figure for print: size, resolution, format and parts; and everything as one archive.

import { h, labelled, select, tick } from "./dom.js";
import { fileLink } from "./files.js";

const WISHED = "embers-figure"; // what was chosen last
const USUAL = { width: "180", height: "", unit: "mm", dpi: "300", kind: "pdf", legend: true, caption: true, title: "" };

// The form with its two links.
export function figureForm(page) {
  const wish = { ...USUAL, ...JSON.parse(localStorage.getItem(WISHED) ?? "{}"), title: "" };
  const keep = (name, value) => { wish[name] = value; localStorage.setItem(WISHED, JSON.stringify(wish)); };
  const field = (name, attributes = {}) => h("input", { type: "text", inputmode: "decimal", size: 6, value: wish[name], autocomplete: "off", oninput: (event) => keep(name, event.target.value.trim()), ...attributes });
  const menu = (name, options) => select(options, wish[name], (value) => keep(name, value));
  const unit = menu("unit", [["mm", "mm"], ["in", "inches"]]);
  const query = () => {
    const asked = new URLSearchParams({ width: wish.width, height: wish.height, unit: wish.unit, dpi: wish.dpi, title: wish.title,
      legend: wish.legend ? "1" : "0", caption: wish.caption ? "1" : "0", overlay: page.options.overlay, level: page.options.level ? "1" : "0",
      measures: page.curves.charts.map((chart) => chart.measure).join(",") });
    if (page.options.alone !== null) asked.set("views", page.options.alone);
    return asked;
  };
  return h("div", { class: "figure-form" },
    h("h3", { text: "Figure for print" }),
    h("p", { class: "quiet", text: "The views that are shown, with overlay, scale bar, color scale, treatments, the measures of the five charts, legend, caption and citation. Text keeps its size (7 pt) at any width; with the height left open, it follows from the content." }),
    h("div", { class: "abreast form" }, labelled("Width", field("width")), labelled("Height (may be left open)", field("height")), labelled("Unit", unit),
      labelled("Resolution (dpi)", field("dpi")), labelled("Format", menu("kind", [["pdf", "PDF"], ["svg", "SVG"], ["png", "PNG"]])),
      labelled("Heading (or the day)", field("title", { inputmode: "text", size: 20, maxlength: 80 }))),
    h("p", { class: "abreast" }, tick("Legend", wish.legend, (on) => keep("legend", on)), tick("Caption and citation", wish.caption, (on) => keep("caption", on)),
      fileLink(page, "Save figure", () => `figure.${wish.kind}?${query()}`, { class: "button main" })),
    h("h3", { text: "Everything" }),
    h("p", {}, fileLink(page, "Take all (ZIP)", () => `everything.zip?${query()}`, { class: "button" })),
    h("p", { class: "quiet", text: "Scenarios, curves, events, who secretes IL-6, background runs, the figure as PDF, SVG and PNG, versions, and the embers compare command that gives the same again. embers serve FOLDER opens the unpacked folder on the page." }));
}
