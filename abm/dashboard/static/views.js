// The views of the tissue: canvases side by side that zoom and pan together, tell what is under the pointer, and
// mark the cell whose story is told.

import { fullTitle } from "./arms.js";
import { button, h, number, select } from "./dom.js";
import { term } from "./explain.js";
import { awakeningsOf, flaresOf } from "./glow.js";
import { nameAt } from "./pointer.js";
import { drawScale, scaleBar } from "./scale.js";
import { drawLevel } from "./sources.js";

const MOST_ZOOM = 12, STEP = 1.35;
const MOST = 3; // CSS pixels a site up to which cells are enlarged; beyond, they keep their size until it is the true one
const LETTERS = "ABCD", OWN = "";

export class Views {
  // `act`: {pick(arm, x, y), choose(arm, scenario), title(arm, text), look(changes)}
  constructor(raster, arms, options, act) {
    Object.assign(this, { raster, arms, options, act });
    this.zoom = 1;
    this.middle = null; // the site in the middle, once zoomed
    this.views = [];
    this.tip = h("div", { class: "tip", role: "status", hidden: true });
    this.element = h("div", { class: "views", role: "group", "aria-label": "Views of the tissue" });
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.sized = new ResizeObserver(() => this.resize());
    document.addEventListener("fullscreenchange", () => this.resize());
  }

  // Build the views anew: as many as there are arms.
  build() {
    this.sized.disconnect();
    this.views = this.arms.list.map((arm, at) => this.view(arm, at));
    this.element.replaceChildren(...this.views.map((view) => view.element), this.tip);
    this.views.forEach((view) => this.sized.observe(view.canvas));
    const size = [this.arms.recipe?.seed, ...this.arms.list.map((arm) => [arm.rows, arm.columns])].join();
    if (size !== this.size) Object.assign(this, { size, middle: null, zoom: 1 });
    this.relabel();
    this.resize();
  }

  view(arm, at) {
    const facts = this.raster.facts;
    const canvas = h("canvas", { tabindex: "0", role: "img", "data-arm": at });
    const bar = scaleBar();
    const marker = h("div", { class: "marker", hidden: true }), cross = h("div", { class: "cross", hidden: true });
    const menu = select([], "", (name) => this.act.choose(at, name), { "aria-label": `Scenario of view ${LETTERS[at]}` });
    menu.append(...facts.menu.map((group) => h("optgroup", { label: group.title }, group.scenarios.map((item) => h("option", { value: item.name, text: item.title })))));
    const counted = h("span"), ending = h("span"), facing = h("span", { class: "told-here" }, counted, term(facts.terms, "Clone", "clones"), ending), badges = h("span", { class: "badges" });
    const alone = button("", () => this.act.look({ alone: this.options.alone === at ? null : at }), { class: "alone" });
    const rename = button("✎", () => this.rename(view), { class: "small rename" });
    const title = h("h2", { class: "called" });
    const head = h("div", { class: "head" }, h("b", { class: "letter", text: LETTERS[at] }), title, rename, menu, alone);
    const element = h("section", { class: "view", "aria-label": `View ${LETTERS[at]}` }, head, h("p", { class: "facing" }, facing, badges),
      h("div", { class: "glass" }, canvas, bar, marker, cross));
    const view = { arm, at, element, canvas, bar, marker, cross, menu, title, rename, facing, counted, ending, badges, alone, context: canvas.getContext("2d", { alpha: false }) };
    this.listen(view);
    return view;
  }

  relabel() {
    for (const view of this.views) {
      const { info } = view.arm;
      if (!info) continue;
      view.menu.querySelector(".own")?.remove(); // before it is looked for, or it counts as packaged
      const packaged = [...view.menu.options].find((option) => option.value === info.base);
      if (packaged?.text !== info.title) view.menu.prepend(h("option", { class: "own", value: OWN, text: info.title + (packaged ? "" : " (uploaded)") }));
      view.menu.value = packaged?.text === info.title ? info.base : OWN;
      view.title.textContent = info.title;
      view.title.title = view.menu.title = `${info.title}. ${info.story} ${info.expect ? `Expected: ${info.expect}` : ""}`;
      view.rename.setAttribute("aria-label", `Rename view ${info.letter}`);
      view.rename.title = "another title for this view";
      view.element.style.setProperty("--arm", info.color);
      view.element.classList.toggle("hidden", this.options.shown ? !this.options.shown.includes(view.at) : this.options.alone !== null && this.options.alone !== view.at);
      view.alone.textContent = this.options.alone === view.at ? "All views" : "⤢";
      view.alone.title = this.options.alone === view.at ? "all views side by side" : "enlarge this view";
      view.alone.setAttribute("aria-label", `${this.options.alone === view.at ? "All views" : "Enlarge"}: ${fullTitle(info)}`);
      view.alone.hidden = this.views.length === 1;
      const count = info.declared.rules.length, rules = `${count} ${count === 1 ? "rule" : "rules"}`;
      view.badges.replaceChildren(
        count ? button(rules, () => this.act.rules(view.at), { class: "badge", title: "show the rules of this scenario", "aria-label": `${rules} of ${fullTitle(info)}` }) : "",
        info.edited && info.called ? h("span", { class: "badge", text: "changed", title: info.story }) : "", // else its title says so
        info.prediction ? term(this.raster.facts.terms, "Prediction", "prediction", { class: "badge" }) : "");
      view.canvas.setAttribute("aria-label", `Lung section ${fullTitle(info)}`);
    }
    this.element.dataset.count = this.options.shown ? "" : this.options.alone === null ? this.views.length : 1;
  }

  // A field in the place of the title, until somebody is done with it.
  rename(view) {
    const { info } = view.arm;
    const field = h("input", { type: "text", value: info.title, maxlength: 80, class: "titling", "aria-label": `Title of view ${info.letter}; empty: what was done to it` });
    let over = false; // leaving the page takes the focus away once more
    const done = (keep) => {
      if (over) return;
      over = true;
      const text = field.value.trim();
      field.replaceWith(view.title);
      if (keep && text !== info.title) this.act.title(view.at, text);
      view.rename.focus();
    };
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault(); // else it would press the button that has the focus then
      done(event.key === "Enter");
    });
    field.addEventListener("blur", () => done(true));
    view.title.replaceWith(field);
    field.select();
  }

  resize() {
    for (const view of this.views) {
      const side = Math.round(view.canvas.clientWidth * this.sharpness());
      if (!side || view.element.classList.contains("hidden")) continue;
      if (view.canvas.width !== side) {
        view.canvas.width = view.canvas.height = side;
        view.image = view.context.createImageData(side, side);
        view.pixels = new Uint32Array(view.image.data.buffer);
      }
    }
    this.draw();
  }

  // Pixels of a canvas in one of the page.
  sharpness() { return Math.min(window.devicePixelRatio || 1, 2); }

  // The sites of an arm that are seen.
  seen({ number, rows, columns }) {
    const { scale, left, top } = this.place(this.views[number]), span = this.views[number].canvas.width / scale;
    const kept = (value, most) => Math.min(most, Math.max(0, value));
    return { left: kept(Math.floor(left), columns), top: kept(Math.floor(top), rows), right: kept(Math.ceil(left + span), columns), bottom: kept(Math.ceil(top + span), rows) };
  }

  // Pixels a site, and the site at the upper left corner of a view.
  place(view) {
    const { rows, columns } = view.arm, side = view.canvas.width;
    const scale = (side / Math.max(rows, columns)) * this.zoom;
    const span = side / scale, middle = this.middle ?? { x: columns / 2, y: rows / 2 };
    return { scale, left: middle.x - span / 2, top: middle.y - span / 2 };
  }

  draw() {
    const difference = this.options.difference && this.views.length > 1;
    const outside = 0xffd9d2d6;
    for (const view of this.views) {
      if (!view.pixels || !view.arm.states || view.element.classList.contains("hidden")) continue;
      const place = this.place(view);
      const frame = { pixels: view.pixels, width: view.canvas.width, height: view.canvas.height, outside, most: MOST * this.sharpness(), ...place };
      const classes = difference ? this.arms.classes(view.arm, this.other(view.at)) : null;
      this.raster.draw(view.arm, frame, { ...this.options, difference, classes, flares: flaresOf(awakeningsOf(view.arm), this.arms.hour), calm: this.calm.matches });
      view.context.putImageData(view.image, 0, 0);
      if (this.options.level && !difference) drawLevel(view, place);
      view.canvas.style.touchAction = this.zoom > 1 ? "none" : "pan-y"; // else nobody could scroll past it
      drawScale(view.bar, (place.scale * view.canvas.clientWidth) / view.canvas.width, view.canvas.clientWidth);
      this.mark(view.marker, view, this.arms.picked[view.at], place);
      this.face(view, difference, classes);
    }
  }

  // The view that a view is compared with.
  other(at) {
    const other = Math.min(this.options.against, this.views.length - 1);
    return other === at ? (other === 0 ? 1 : 0) : other;
  }

  face(view, difference, classes) {
    const { points, info } = view.arm;
    if (!info || !points.length) return;
    if (difference) {
      const only = classes.reduce((sum, kind) => sum + (kind === 3), 0);
      view.facing.title = `awakened here and not in “${fullTitle(this.views[this.other(view.at)].arm.info)}”`;
      view.counted.textContent = `only here, not in ${this.views[this.other(view.at)].arm.info.letter}: ${only} of ${classes.length} `;
      view.ending.textContent = "";
    } else {
      const cells = this.arms.latest(view.arm, "cells_per_seeded");
      view.facing.title = "cancer cells per seeded cell, and clones in which a cell has awakened";
      view.counted.textContent = `${number(cells)} × cells · ${this.arms.awakened(view.arm)} of ${view.arm.awoke.length} `;
      view.ending.textContent = " awakened";
    }
  }

  mark(marker, view, site, { scale, left, top }) {
    const ratio = view.canvas.clientWidth / view.canvas.width;
    const x = site ? (site[0] + 0.5 - left) * scale * ratio : -1, y = site ? (site[1] + 0.5 - top) * scale * ratio : -1;
    marker.hidden = !site || x < 0 || y < 0 || x > view.canvas.clientWidth || y > view.canvas.clientWidth;
    marker.style.transform = `translate(${x}px, ${y}px)`;
  }

  // The site under a place of the window.
  siteAt(view, event) {
    const box = view.canvas.getBoundingClientRect(), { scale, left, top } = this.place(view);
    const ratio = view.canvas.width / box.width;
    return { x: Math.floor(left + ((event.clientX - box.left) * ratio) / scale), y: Math.floor(top + ((event.clientY - box.top) * ratio) / scale) };
  }

  listen(view) {
    const { canvas } = view;
    let held = null;
    const pointers = new Map();
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, event);
      held = { x: event.clientX, y: event.clientY, moved: false, spread: spread(pointers) };
    });
    canvas.addEventListener("pointermove", (event) => {
      if (pointers.has(event.pointerId)) {
        const before = pointers.get(event.pointerId);
        pointers.set(event.pointerId, event);
        if (Math.hypot(event.clientX - held.x, event.clientY - held.y) > 4) held.moved = true;
        if (pointers.size === 2) {
          this.zoomBy(spread(pointers) / (held.spread || 1), view, event);
          held.spread = spread(pointers);
        } else if (held.moved) this.pan(view, before.clientX - event.clientX, before.clientY - event.clientY);
      }
      this.tell(view, event);
    });
    const up = (event) => {
      pointers.delete(event.pointerId);
      if (held && !held.moved && event.type === "pointerup") this.act.pick(view.at, this.siteAt(view, event));
      if (!pointers.size) held = null;
    };
    canvas.addEventListener("pointerup", up);
    canvas.addEventListener("pointercancel", up);
    canvas.addEventListener("keydown", (event) => { if (event.key === "Enter") this.pickNext(view); });
    canvas.addEventListener("pointerleave", () => this.hush());
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoomBy(STEP ** (-Math.sign(event.deltaY)), view, event);
    }, { passive: false });
  }

  // The story of one cancer cell after another, for who has no pointer.
  pickNext(view) {
    const { cx, cy } = view.arm;
    view.next = ((view.next ?? -1) + 1) % Math.max(1, cx.length);
    if (cx.length) this.act.pick(view.at, { x: cx[view.next], y: cy[view.next] });
  }

  tell(view, event) {
    const site = this.siteAt(view, event), text = nameAt(this.raster.facts, view.arm, site, this.options, this.arms.overlay);
    this.tip.hidden = text.length === 0;
    if (!text.length) { this.hush(); return; }
    this.tip.replaceChildren(...text.map((line, at) => h(at ? "span" : "b", { text: line })));
    const box = this.element.getBoundingClientRect();
    const right = event.clientX - box.left > box.width - 260;
    this.tip.style.left = `${event.clientX - box.left + (right ? -14 : 14)}px`;
    this.tip.style.top = `${event.clientY - box.top + 14}px`;
    this.tip.classList.toggle("left", right);
    for (const other of this.views) {
      this.mark(other.cross, other, other === view || other.element.classList.contains("hidden") ? null : [site.x, site.y], this.place(other));
    }
  }

  hush() {
    this.tip.hidden = true;
    this.views.forEach((view) => { view.cross.hidden = true; });
  }

  pan(view, right, down) {
    const { scale } = this.place(view), ratio = view.canvas.width / view.canvas.clientWidth;
    this.moveTo(view, right * ratio / scale, down * ratio / scale);
  }

  moveTo(view, right, down) {
    const { rows, columns } = view.arm, middle = this.middle ?? { x: columns / 2, y: rows / 2 };
    const half = Math.max(rows, columns) / 2 / this.zoom;
    const kept = (value, side) => side <= 2 * half ? side / 2 : Math.min(Math.max(value, half), side - half);
    this.middle = { x: kept(middle.x + right, columns), y: kept(middle.y + down, rows) };
    this.act.look({});
  }

  zoomBy(factor, view = this.views[0], event = null) {
    const before = event ? this.siteAt(view, event) : null;
    this.zoom = Math.min(Math.max(this.zoom * factor, 1), MOST_ZOOM);
    const after = event ? this.siteAt(view, event) : null;
    this.moveTo(view, event ? before.x - after.x : 0, event ? before.y - after.y : 0);
  }

  fit() {
    this.zoom = 1;
    this.middle = null;
    this.act.look({});
  }
}

function spread(pointers) {
  const [one, other] = pointers.values();
  return other ? Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) : 0;
}
