// Colors of the sites of a section: kind and epithelium, a haze of IL-6 over them, or a field or its sources in their
// place.

import { INTERSTITIUM, mixed, packed, SEPTUM } from "./pixels.js";
import { paintSources } from "./sources.js";

const LEVELS = 32; // of the haze
const FADED = 0.76; // share of white in what is not looked for
const WHITE = [255, 255, 255];

export class Ground {
  constructor(facts) {
    this.facts = facts;
    this.kinds = facts.sites.length;
    this.pale = Uint32Array.from(facts.sites.map((site) => packed(mixed(site.color, WHITE, 0.55))));
    this.ramp = Uint32Array.from(facts.ramp.map(packed));
    this.rampWall = Uint32Array.from(facts.ramp.map((color) => packed(mixed(color, [90, 70, 90], 0.14))));
    this.tables = new Map();
  }

  // Colors of all sites of an arm under these options: Uint32Array[rows * columns].
  colors(arm, options) {
    const { kind } = arm;
    arm.siteColors ??= new Uint32Array(kind.length);
    const out = arm.siteColors;
    if (options.difference) {
      for (let at = 0; at < kind.length; at += 1) out[at] = this.pale[kind[at]];
      return out;
    }
    const hazy = options.haze && arm.haze && !arm.field && !arm.source && arm.haze.data.some((shade) => shade >= 256 / LEVELS);
    this.lay(arm, out, this.table(options), options.epithelium, hazy ? this.interpolated(arm, arm.haze) : null);
    if (arm.field) this.lieOver(arm, out);
    if (arm.source) paintSources(this, arm, out);
    return out;
  }

  // Color by level of the haze, state of the epithelium and kind of the site; faded but for what is looked for alone.
  table({ only }) {
    const key = JSON.stringify(only ?? null);
    let table = this.tables.get(key);
    if (table) return table;
    const { colors, haze } = this.facts, states = colors.length;
    table = new Uint32Array(LEVELS * states * this.kinds);
    const wanted = (state, kind) => !only || (only.epithelium === state && state > 0) || (only.site === kind && state === 0);
    for (let level = 0; level < LEVELS; level += 1) {
      colors.forEach((row, state) => row.forEach((color, kind) => {
        const misty = haze && (kind === SEPTUM || kind === INTERSTITIUM) ? mixed(color, haze.color, only && !only.haze ? 0 : haze.most * level / (LEVELS - 1)) : color;
        table[(level * states + state) * this.kinds + kind] = packed(wanted(state, kind) || only.haze ? misty : mixed(misty, WHITE, FADED));
      }));
    }
    this.tables.set(key, table);
    return table;
  }

  lay({ kind, mosaic, states }, out, table, epithelium, haze) {
    const { kinds } = this, step = this.facts.colors.length * kinds;
    for (let at = 0; at < kind.length; at += 1) {
      const cell = epithelium ? mosaic[at] : -1, level = haze === null ? 0 : (haze[at] * LEVELS) >> 8;
      out[at] = table[level * step + (cell < 0 ? 0 : states[cell] * kinds) + kind[at]];
    }
  }

  // The field over the tissue; airways and vessels stay, to show the place.
  lieOver(arm, out) {
    const { kind } = arm, shades = this.interpolated(arm, arm.field);
    for (let at = 0; at < kind.length; at += 1) {
      if (kind[at] === SEPTUM) out[at] = this.ramp[shades[at]];
      else if (kind[at] === INTERSTITIUM) out[at] = this.rampWall[shades[at]];
    }
  }

  // A field on its own grid as a shade of each site, interpolated between the middles of its squares: Uint8Array.
  interpolated(arm, { data, shape: [down, across] }) {
    const { rows, columns } = arm, side = rows / down;
    if (side === 1) return data;
    arm.shades ??= new Uint8Array(rows * columns);
    const out = arm.shades, { left, right, share } = this.columnsOf(columns, across, side);
    for (let row = 0, at = 0; row < rows; row += 1) {
      const v = Math.min(Math.max((row + 0.5) / side - 0.5, 0), down - 1), upper = Math.floor(v), dv = v - upper;
      const here = upper * across, below = Math.min(upper + 1, down - 1) * across;
      for (let column = 0; column < columns; column += 1, at += 1) {
        const l = left[column], r = right[column], du = share[column];
        const high = data[here + l] + (data[here + r] - data[here + l]) * du, low = data[below + l] + (data[below + r] - data[below + l]) * du;
        out[at] = high + (low - high) * dv + 0.5;
      }
    }
    return out;
  }

  // Of each column of sites: the squares left and right of it, and how far it is from one to the other.
  columnsOf(columns, across, side) {
    const key = `${columns} ${across}`;
    if (this.columnKey !== key) {
      const at = Float32Array.from({ length: columns }, (_, column) => Math.min(Math.max((column + 0.5) / side - 0.5, 0), across - 1));
      const left = Uint16Array.from(at, Math.floor);
      Object.assign(this, { columnKey: key, columnTable: { left, right: left.map((one) => Math.min(one + 1, across - 1)), share: at.map((one, column) => one - left[column]) } });
    }
    return this.columnTable;
  }
}
