// Draws a section of lung into a canvas, pixel by pixel: its sites, then cells as disks. No smoothing, so that every
// pixel of a cell is a color of the legend; only haze and halos are mixed with what is below them.

import { drawGlow } from "./glow.js";
import { Ground } from "./ground.js";
import { mixed, packed } from "./pixels.js";

const HIDDEN = 9; // a layer that is not drawn
const RIMMED = 4.5; // pixels: larger lymphocytes have a white rim
const TRUE_RADIUS = 0.5; // sites, of a cell of 10 um

export class Raster {
  constructor(facts) {
    this.facts = facts;
    this.sites = new Ground(facts);
    this.cells = facts.cells.map((cell) => packed(cell.color));
    this.activated = facts.cells.map((cell) => packed(mixed(cell.color, [255, 255, 255], 0.25)));
    this.cancer = facts.cancer.map((state) => packed(state.color));
    this.rims = facts.cancer.map((state) => packed(state.rim));
    this.causes = facts.causes.map((cause) => packed(cause.color));
    this.clones = facts.clones.map(packed);
    this.difference = facts.difference.map((entry) => packed(entry.color));
    this.dark = packed([24, 16, 32]);
    this.white = packed([255, 255, 255]);
    this.disks = new Map();
  }

  // Draw an arm. `frame`: {pixels, width, height, left, top, scale, most}: site at the upper left, pixels a site, and up to
  // how many of them cells are enlarged. `options`: layers, colorBy, difference, classes, haze, flares, calm, and `only`
  // ({cancer}, {cause}, {mobile}, {epithelium}, {site} or {haze}: a number), what to show alone.
  draw(arm, frame, options) {
    this.ground(this.sites.colors(arm, options), arm, frame);
    if (!options.difference) this.mobile(arm, frame, options, false);
    if (options.cancer) this.tumor(arm, frame, options);
    if (!options.difference) this.mobile(arm, frame, options, true);
  }

  ground(colors, { rows, columns }, { pixels, width, height, left, top, scale, outside }) {
    const columnOf = new Int32Array(width);
    for (let x = 0; x < width; x += 1) {
      const column = Math.floor(left + (x + 0.5) / scale);
      columnOf[x] = column < 0 || column >= columns ? -1 : column;
    }
    let before = -2;
    for (let y = 0; y < height; y += 1) {
      const row = Math.floor(top + (y + 0.5) / scale), at = y * width;
      if (row === before) { pixels.copyWithin(at, at - width, at); continue; }
      before = row;
      if (row < 0 || row >= rows) { pixels.fill(outside, at, at + width); continue; }
      const first = row * columns;
      for (let x = 0; x < width; x += 1) pixels[at + x] = columnOf[x] < 0 ? outside : colors[first + columnOf[x]];
    }
  }

  // Mobile cells below or above (`top`) the cancer cells. Lymphocytes lie above: they act on them.
  mobile(arm, frame, options, top) {
    const { mx, my, mk } = arm, { activated } = this.facts, { only } = options;
    for (const kind of this.facts.cellOrder) {
      const { layer, radius, above = false } = this.facts.cells[kind];
      if (!options[layer] || above !== top || (only && only.mobile !== kind)) continue;
      const size = this.size(radius, frame), edge = above && size > RIMMED ? this.disk(size) : null, spans = this.disk(edge ? 0.78 * size : size);
      for (let at = 0; at < mk.length; at += 1) {
        if ((mk[at] & ~activated) !== kind) continue;
        if (edge) this.stamp(frame, mx[at], my[at], edge, this.white);
        this.stamp(frame, mx[at], my[at], spans, (mk[at] & activated ? this.activated : this.cells)[kind]);
      }
    }
  }

  // Radius of a cell in pixels: enlarged where sites are small, true where they are large.
  size(radius, { scale, most = Infinity }) {
    return Math.max(TRUE_RADIUS * scale, radius * Math.min(scale, most));
  }

  tumor(arm, frame, options) {
    const { cx, cy } = arm, { cancerRadius, rim } = this.facts, { only } = options;
    if (only && only.cancer === undefined && only.cause === undefined) return;
    if (!options.difference && (!only || only.cancer === 0)) drawGlow(arm, frame, this.facts.glow, only ? {} : options);
    const [fill, rims, order] = this.cancerColors(arm, options), outer = this.size(cancerRadius + rim, frame);
    const inner = Math.min(outer - Math.max(1, 0.16 * outer), this.size(cancerRadius, frame));
    for (const [size, colors] of [[outer, rims], [inner, fill]]) {
      const spans = this.disk(size);
      for (let layer = 0; layer < 4; layer += 1) {
        for (let at = 0; at < cx.length; at += 1) {
          if (order[at] === layer) this.stamp(frame, cx[at], cy[at], spans, colors[at]);
        }
      }
    }
  }

  // Fill, rim and layer of each cancer cell.
  cancerColors(arm, options) {
    const { cs, cc, cn } = arm, count = cs.length, { only } = options;
    const fill = new Uint32Array(count), rim = new Uint32Array(count), order = new Uint8Array(count);
    for (let at = 0; at < count; at += 1) {
      const state = cs[at];
      rim[at] = this.rims[state];
      order[at] = state === 1 ? 2 : state === 0 ? 1 : 0;
      fill[at] = this.cancer[state];
      if (options.difference) {
        order[at] = options.classes[cn[at]];
        fill[at] = this.difference[order[at]];
        rim[at] = this.dark;
      } else if (options.colorBy === "cause") fill[at] = this.causes[cc[at]];
      else if (options.colorBy === "clone") fill[at] = this.clones[cn[at] % this.clones.length];
      if (only && (only.cancer ?? state) !== state || only && (only.cause ?? cc[at]) !== cc[at]) order[at] = HIDDEN;
    }
    return [fill, rim, order];
  }

  // A disk round the middle of a site as spans: [dy, from, to] in pixels from the middle.
  disk(radius) {
    const key = Math.round(radius * 16);
    let spans = this.disks.get(key);
    if (!spans) {
      spans = [];
      const reach = Math.max(radius, 0.6);
      for (let dy = -Math.floor(reach); dy <= Math.floor(reach); dy += 1) {
        const half = Math.floor(Math.sqrt(reach * reach - dy * dy));
        spans.push([dy, -half, half]);
      }
      this.disks.set(key, spans);
    }
    return spans;
  }

  stamp({ pixels, width, height, left, top, scale }, x, y, spans, color) {
    const middleX = Math.floor((x + 0.5 - left) * scale), middleY = Math.floor((y + 0.5 - top) * scale);
    const reach = spans[spans.length - 1][0];
    if (middleX < -reach || middleY < -reach || middleX > width + reach || middleY > height + reach) return;
    for (let span = 0; span < spans.length; span += 1) {
      const row = middleY + spans[span][0];
      if (row < 0 || row >= height) continue;
      const from = Math.max(0, middleX + spans[span][1]), to = Math.min(width - 1, middleX + spans[span][2]);
      const base = row * width;
      for (let column = from; column <= to; column += 1) pixels[base + column] = color;
    }
  }
}
