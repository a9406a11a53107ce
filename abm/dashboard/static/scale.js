// The scale bar of a view: a round length of at most a third of its width.

import { h } from "./dom.js";

const SITE = 10, LENGTHS = [20, 50, 100, 200, 500, 1000, 2000]; // um
const MOST = 0.32; // of the width of a view

export function scaleBar() {
  return h("div", { class: "scale" }, h("span"));
}

// Draw it for a view of so many pixels of the page in which a site has `side` of them.
export function drawScale(bar, side, width) {
  const pixels = side / SITE, length = LENGTHS.findLast((one) => one * pixels < width * MOST) ?? LENGTHS[0];
  bar.style.width = `${length * pixels}px`;
  bar.firstChild.textContent = length >= 1000 ? `${length / 1000} mm` : `${length} µm`;
}
