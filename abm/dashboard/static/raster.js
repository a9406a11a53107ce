// Draws a section of lung into a canvas, pixel by pixel: its sites, then cells as disks. No smoothing, so that every
// pixel is a color of the legend.

import { paintSources } from "./sources.js";

const SEPTUM = 0, INTERSTITIUM = 3, AIR_SITES = new Set([SEPTUM, INTERSTITIUM]);

function packed([red, green, blue]) {
  return (255 << 24 | blue << 16 | green << 8 | red) >>> 0;
}

function mixed(one, other, share) {
  return one.map((part, at) => Math.round(part * (1 - share) + other[at] * share));
}

export class Raster {
  constructor(facts) {
    this.facts = facts;
    this.kinds = facts.sites.length;
    this.sites = Uint32Array.from(facts.colors.flat().map(packed));
    this.bare = Uint32Array.from(facts.sites.map((site) => packed(site.color)));
    this.pale = Uint32Array.from(facts.sites.map((site) => packed(mixed(site.color, [255, 255, 255], 0.55))));
    this.ramp = Uint32Array.from(facts.ramp.map(packed));
    this.rampWall = Uint32Array.from(facts.ramp.map((color) => packed(mixed(color, [90, 70, 90], 0.14))));
    this.cells = facts.cells.map((cell) => packed(cell.color));
    this.activated = facts.cells.map((cell) => packed(mixed(cell.color, [255, 255, 255], 0.25)));
    this.cancer = facts.cancer.map((state) => packed(state.color));
    this.rims = facts.cancer.map((state) => packed(state.rim));
    this.causes = facts.causes.map((cause) => packed(cause.color));
    this.clones = facts.clones.map(packed);
    this.difference = facts.difference.map((entry) => packed(entry.color));
    this.dark = packed([24, 16, 32]);
    this.disks = new Map();
  }

  // Colors of all sites of an arm under these options: Uint32Array[rows * columns].
  siteColors(arm, options) {
    const { kind, mosaic, states } = arm, count = kind.length;
    arm.siteColors ??= new Uint32Array(count);
    const out = arm.siteColors, kinds = this.kinds;
    if (options.difference) {
      for (let at = 0; at < count; at += 1) out[at] = this.pale[kind[at]];
    } else if (options.epithelium) {
      for (let at = 0; at < count; at += 1) {
        const cell = mosaic[at];
        out[at] = this.sites[cell < 0 ? kind[at] : states[cell] * kinds + kind[at]];
      }
    } else {
      for (let at = 0; at < count; at += 1) out[at] = this.bare[kind[at]];
    }
    if (arm.field && !options.difference) this.spread(arm, out);
    if (arm.source && !options.difference) paintSources(this, arm, out);
    return out;
  }

  // The field over the tissue, interpolated between the middles of its squares; airways and vessels stay to tell the place.
  spread(arm, out) {
    const { rows, columns, kind } = arm, { data, shape } = arm.field;
    const [down, across] = shape, side = rows / down;
    if (side === 1) {
      for (let at = 0; at < kind.length; at += 1) {
        if (AIR_SITES.has(kind[at])) out[at] = (kind[at] === SEPTUM ? this.ramp : this.rampWall)[data[at]];
      }
      return;
    }
    for (let row = 0; row < rows; row += 1) {
      const v = Math.min(Math.max((row + 0.5) / side - 0.5, 0), down - 1), top = Math.floor(v), dv = v - top;
      const upper = top * across, lower = Math.min(top + 1, down - 1) * across;
      for (let column = 0; column < columns; column += 1) {
        const at = row * columns + column;
        if (kind[at] !== SEPTUM && kind[at] !== INTERSTITIUM) continue;
        const u = Math.min(Math.max((column + 0.5) / side - 0.5, 0), across - 1), left = Math.floor(u), du = u - left;
        const right = Math.min(left + 1, across - 1);
        const value = (data[upper + left] * (1 - du) + data[upper + right] * du) * (1 - dv)
          + (data[lower + left] * (1 - du) + data[lower + right] * du) * dv;
        out[at] = (kind[at] === SEPTUM ? this.ramp : this.rampWall)[Math.round(value)];
      }
    }
  }

  // Draw an arm. `frame`: {pixels, width, height, left, top, scale}: site at the upper left, pixels a site.
  draw(arm, frame, options) {
    this.ground(this.siteColors(arm, options), arm, frame);
    if (!options.difference) this.mobile(arm, frame, options);
    if (options.cancer) this.tumor(arm, frame, options);
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

  mobile(arm, frame, options) {
    const { mx, my, mk } = arm, activated = this.facts.activated;
    for (const kind of this.facts.cellOrder) {
      const { layer, radius } = this.facts.cells[kind];
      if (!options[layer]) continue;
      const spans = this.disk(radius * frame.scale);
      for (let at = 0; at < mk.length; at += 1) {
        if ((mk[at] & ~activated) !== kind) continue;
        this.stamp(frame, mx[at], my[at], spans, (mk[at] & activated ? this.activated : this.cells)[kind]);
      }
    }
  }

  tumor(arm, frame, options) {
    const { cx, cy } = arm, [fill, rim, order] = this.cancerColors(arm, options);
    const radius = this.facts.cancerRadius;
    for (const [outer, colors] of [[radius + this.facts.rim, rim], [radius, fill]]) {
      const spans = this.disk(outer * frame.scale);
      for (let layer = 0; layer < 4; layer += 1) {
        for (let at = 0; at < cx.length; at += 1) {
          if (order[at] === layer) this.stamp(frame, cx[at], cy[at], spans, colors[at]);
        }
      }
    }
  }

  // Fill, rim and layer of each cancer cell.
  cancerColors(arm, options) {
    const { cs, cc, cn } = arm, count = cs.length;
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
