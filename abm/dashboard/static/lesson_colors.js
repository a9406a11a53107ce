// Colors of a lesson: those of its arms, and what the colors of the lungs mean.

import { css, h } from "./dom.js";

export const COLORS = ["#6a737d", "#b3003c", "#1f6fb2", "#7a5c00"]; // of the arms of a lesson, on light and dark ground

// What the colors of the lungs mean, as far as a lesson needs it.
export function colorsOf({ cancer, epithelium, cells }) {
  const dot = (one) => h("li", {}, h("i", { style: `background: ${css(one.color)}${one.rim ? `; --rim: ${css(one.rim)}` : ""}` }), one.name);
  const area = (one) => h("li", {}, h("i", { class: "area", style: `background: ${css(one.color)}` }), one.name);
  return h("ul", { class: "lesson-colors", "aria-label": "Colors" }, cancer.filter((one) => one).map(dot), epithelium.slice(1).map(area), cells.filter((one) => !one.own).map(dot));
}
