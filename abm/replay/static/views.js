// The tissue of each arm in a canvas, at the resolution of the screen, with awakenings that flare up.

import { button, css, day, h, number } from "../../dashboard/static/dom.js";
import { flaresOf } from "../../dashboard/static/glow.js";
import { drawScale, scaleBar } from "../../dashboard/static/scale.js";
import { awakenedBy, turnTo, valueAt } from "./film.js";

const SHARPEST = 3; // device pixels
const OUTSIDE = 0xffd9d2d6;

export class Views {
  // `look`: what is shown, see main.js; `act`: {enlarge(number or null)}
  constructor(film, raster, look, act) {
    Object.assign(this, { film, raster, look, act });
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.views = film.arms.map((arm, at) => this.view(arm, at));
    this.element = h("div", { class: "views", role: "group", "aria-label": "Views of the tissue", "data-count": this.views.length },
      this.views.map((view) => view.element));
    const sized = new ResizeObserver(() => this.resize());
    this.views.forEach((view) => sized.observe(view.canvas));
  }

  view(arm, at) {
    const canvas = h("canvas", { role: "img", "data-arm": at });
    canvas.style.aspectRatio = `${arm.columns} / ${arm.rows}`;
    const facing = h("p", { class: "facing" }), bar = scaleBar();
    const alone = this.film.arms.length > 1 ? button("", () => this.act.enlarge(this.look.alone === at ? null : at), { class: "alone" }) : null;
    const head = h("div", { class: "head" }, h("span", { class: "letter", text: arm.letter }), h("h2", { text: unbroken(arm.title) }),
      alone);
    const element = h("section", { class: "view", "aria-label": `${arm.letter}: ${arm.title}` }, head, facing, h("div", { class: "glass" }, canvas, bar));
    element.style.setProperty("--arm", css(arm.color));
    return { arm, at, element, canvas, facing, bar, alone, context: canvas.getContext("2d", { alpha: false }) };
  }

  // After another arm was enlarged, or all are shown again.
  arrange() {
    const { alone } = this.look;
    for (const view of this.views) {
      view.element.classList.toggle("hidden", alone !== null && alone !== view.at);
      if (!view.alone) continue;
      const label = alone === view.at ? "Show all views" : `Enlarge: ${view.arm.title}`;
      view.alone.textContent = alone === view.at ? "⤡" : "⤢";
      view.alone.setAttribute("aria-label", label);
      view.alone.title = label;
    }
    this.element.dataset.count = alone === null ? this.views.length : 1;
    this.resize();
  }

  resize() {
    for (const view of this.views) {
      const { canvas, arm } = view, width = Math.round(canvas.clientWidth * Math.min(window.devicePixelRatio || 1, SHARPEST));
      if (!width || canvas.width === width && view.image) continue;
      canvas.width = width;
      canvas.height = Math.round((width * arm.rows) / arm.columns);
      view.image = view.context.createImageData(canvas.width, canvas.height);
      view.pixels = new Uint32Array(view.image.data.buffer);
    }
    this.draw();
  }

  draw() {
    const { look, film } = this, hour = film.hours[look.frame];
    for (const view of this.views) {
      if (!view.pixels || view.element.classList.contains("hidden")) continue;
      const { arm, canvas } = view, scale = canvas.width / arm.columns;
      turnTo(arm, look.frame, look.overlay);
      this.raster.draw(arm, { pixels: view.pixels, width: canvas.width, height: canvas.height, left: 0, top: 0, scale, outside: OUTSIDE },
        { ...look, difference: false, flares: flaresOf(arm.awakenings, hour), calm: this.calm.matches });
      view.context.putImageData(view.image, 0, 0);
      drawScale(view.bar, canvas.clientWidth / arm.columns, canvas.clientWidth);
      this.face(view, hour);
    }
  }

  face({ arm, canvas, facing }, hour) {
    const cells = valueAt(arm, this.film.readOut, hour);
    const awakened = `${awakenedBy(arm, hour)} of ${arm.clones} awakened`;
    facing.replaceChildren(h("b", { text: `${number(cells)} ×` }), h("span", { class: "faced" }, "seeded", h("span", { class: "roomy", text: " cells" }), `, ${awakened}`),
      arm.prediction ? h("span", { class: "badge", title: "No experiment has tested this arm.", text: "prediction" }) : "");
    canvas.setAttribute("aria-label", `Lung section, ${arm.title}, day ${day(hour)}: ${number(cells)} times the seeded cancer cells, ${awakened}`);
  }
}

// A title whose hyphens do not break: "IL-6" stays in one piece.
function unbroken(text) {
  return text.replace(/(\w)-(?=\w)/g, "$1\u2011");
}
