// The legend as a row of chips: only what is on screen. The pointer or the focus on a chip shows that alone; a press keeps it.

import { css, h, svg } from "./dom.js";

const DARK = [24, 16, 32]; // rim of cancer cells that are not colored by state

export class Chips {
  // `show`: called with what to show alone, such as {cancer: 1}, or null for all.
  constructor(show) {
    this.show = show;
    this.kept = null;
    this.element = h("ul", { class: "chips", "aria-label": "Legend: what is on screen" });
  }

  // `entries`: see `onScreen`.
  draw(entries) {
    const key = JSON.stringify(entries.map(({ name, only }) => [name, only]));
    if (key !== this.key) {
      const focused = this.element.contains(document.activeElement) ? document.activeElement.textContent : null;
      Object.assign(this, { key, entries });
      this.element.replaceChildren(...entries.map((entry) => this.chip(entry)));
      if (focused) [...this.element.querySelectorAll("button")].find((one) => one.textContent === focused)?.focus({ preventScroll: true });
    }
    if (this.kept && !entries.some(({ only }) => same(only, this.kept))) this.keep(null);
  }

  chip({ name, mark, only }) {
    if (!only) return h("li", {}, h("span", { class: "chip" }, mark(), name));
    return h("li", {}, h("button", {
      type: "button", class: "chip", "aria-pressed": String(same(only, this.kept)), title: "Show only these; once more: all", "data-only": JSON.stringify(only),
      onclick: () => this.keep(same(only, this.kept) ? null : only), onpointerenter: (event) => event.pointerType === "mouse" && this.look(only), onpointerleave: () => this.look(null),
      onfocus: (event) => event.target.matches(":focus-visible") && this.look(only), onblur: () => this.look(null),
    }, mark(), name));
  }

  look(only) {
    this.show(only ?? this.kept);
  }

  keep(only) {
    this.kept = only;
    this.element.querySelectorAll("button").forEach((chip) => chip.setAttribute("aria-pressed", String(chip.dataset.only === JSON.stringify(only))));
    this.show(only);
  }
}

function same(one, other) {
  return Boolean(one) && JSON.stringify(one) === JSON.stringify(other);
}

// What is on screen: [{name, mark, only}], from the most to the least important. `options`: as for the raster;
// `within(arm)`: the sites that are seen, {left, top, right, bottom}; `nameOf(kind)`: of a mobile cell.
export function onScreen(facts, arms, options, within, nameOf) {
  const seen = { cancer: new Set(), cause: new Set(), clone: new Set(), mobile: new Set(), epithelium: new Uint8Array(facts.epithelium.length), site: new Uint8Array(facts.sites.length), haze: false };
  for (const arm of arms) {
    const window = within(arm);
    lookAtCells(arm, window, seen, facts.activated);
    if (!options.difference) lookAtSites(arm, window, seen);
  }
  return [...cancerEntries(facts, options, seen), ...(options.difference ? [] : others(facts, options, seen, nameOf))];
}

function lookAtCells({ cx, cy, cs, cc, cn, mx, my, mk }, { left, top, right, bottom }, seen, activated) {
  const inside = (x, y) => x >= left && x < right && y >= top && y < bottom;
  for (let at = 0; at < cs.length; at += 1) {
    if (!inside(cx[at], cy[at])) continue;
    seen.cancer.add(cs[at]);
    seen.cause.add(cc[at]);
    seen.clone.add(cn[at]);
  }
  for (let at = 0; at < mk.length; at += 1) if (inside(mx[at], my[at])) seen.mobile.add(mk[at] & ~activated);
}

function lookAtSites({ kind, mosaic, states, columns, haze, field }, { left, top, right, bottom }, seen) {
  for (let y = top; y < bottom; y += 1) {
    for (let at = y * columns + left, end = y * columns + right; at < end; at += 1) {
      const state = mosaic[at] < 0 ? 0 : states[mosaic[at]];
      if (state) seen.epithelium[state] = 1; else seen.site[kind[at]] = 1;
    }
  }
  seen.haze ||= Boolean(haze) && !field && haze.data.some((shade) => shade >= HAZY);
}

const HAZY = 24; // shade from which a haze is seen

function cancerEntries(facts, options, seen) {
  if (!options.cancer) return [];
  const radius = facts.cancerRadius;
  if (options.difference) return facts.difference.map((one) => ({ name: one.name, mark: () => disk(one.color, radius, DARK) })).reverse();
  if (options.colorBy === "clone") return [{ name: "one color per clone (colors repeat)", mark: () => disk(facts.clones[0], radius, DARK) }];
  const [name, list] = options.colorBy === "cause" ? ["cause", facts.causes] : ["cancer", facts.cancer];
  return [...seen[name]].sort().map((at) => ({ name: list[at].name, only: { [name]: at }, mark: () => disk(list[at].color, radius, list[at].rim ?? DARK) }));
}

function marked(flags) {
  return [...flags.keys()].filter((at) => flags[at]);
}

function others(facts, options, seen, nameOf) {
  const cells = [...seen.mobile].sort((one, other) => one - other).filter((kind) => options[facts.cells[kind].layer]);
  const states = options.epithelium ? marked(seen.epithelium) : [];
  const sourced = Object.hasOwn(facts.sourceOverlays ?? {}, options.overlay) ? facts.sources.filter((one) => one.secretes) : [];
  return [
    ...sourced.map((one) => ({ name: `${one.name}: most IL-6 here`, mark: () => square(one.color) })),
    ...(options.haze && seen.haze ? [{ name: "IL-6", only: { haze: 1 }, mark: () => square(facts.haze.color) }] : []),
    ...states.map((at) => ({ name: facts.epithelium[at].name, only: { epithelium: at }, mark: () => square(facts.epithelium[at].color) })),
    ...cells.map((kind) => ({ name: nameOf(kind), only: { mobile: kind }, mark: () => disk(facts.cells[kind].color, facts.cells[kind].radius) })),
    ...marked(seen.site).map((at) => ({ name: facts.sites[at].name, only: { site: at }, mark: () => square(facts.sites[at].color) })),
  ];
}

export function disk(color, radius, rim) {
  const circle = (r, fill) => svg("circle", { cx: 9, cy: 9, r, fill: css(fill) });
  return svg("svg", { viewBox: "0 0 18 18", "aria-hidden": "true" }, rim ? circle((radius + 0.8) * 2.6, rim) : null, circle(radius * 2.6, color));
}

function square(color) {
  return svg("svg", { viewBox: "0 0 18 18", "aria-hidden": "true" }, svg("rect", { x: 2.5, y: 2.5, width: 13, height: 13, rx: 2, fill: css(color), class: "square" }));
}
