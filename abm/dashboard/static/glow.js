// Light of embers over the tissue: a faint halo round dormant cells, a flare where a cell has just awakened.

const DORMANT_REACH = 7.5; // sites
const FLARE = 18; // h that an awakening is seen to flare
const RING = 5.5; // sites: a flare where motion is unwelcome
const STEPS = 64;

// Opacity from the middle to the edge of a halo, by the square of the distance.
function profile(opacity) {
  return Float32Array.from({ length: STEPS + 1 }, (_, at) => opacity(Math.sqrt(at / STEPS)));
}

const HALO = profile((distance) => 0.95 * (1 - distance) ** 1.3);
const BURST = profile((distance) => Math.min(1, 1.9 * (1 - distance)));
const CIRCLE = profile((distance) => (distance > 0.74 ? 1 : 0));

// Draw the light of an arm below its cancer cells. `frame`: as in raster.js; `colors`: of the facts; `flares`: [{x, y, age}], see `flaresOf`.
export function drawGlow(arm, frame, { dormant, flare: [hot, ember] }, { flares = [], calm = false }) {
  const size = Math.min(frame.scale, frame.most ?? Infinity);
  const { cx, cy, cs } = arm;
  for (let at = 0; at < cs.length; at += 1) {
    if (cs[at] === 0) halo(frame, cx[at], cy[at], DORMANT_REACH * size, dormant, HALO, 1);
  }
  for (const { x, y, age } of flares) {
    if (calm) { halo(frame, x, y, RING * size, ember, CIRCLE, 1); continue; }
    const reach = (6 + 10 * Math.sqrt(age)) * size, strength = 1 - age ** 1.5;
    halo(frame, x, y, reach, ember, BURST, strength);
    halo(frame, x, y, 0.55 * reach, hot, BURST, strength);
  }
}

// Awakenings of the last hours with their age, 0 to 1. `awakenings`: {hour, x, y}, each a list.
export function flaresOf({ hour: hours, x, y }, hour) {
  const found = [];
  for (let at = 0; at < hours.length; at += 1) {
    const age = (hour - hours[at]) / FLARE;
    if (age >= -1e-9 && age < 1) found.push({ x: x[at], y: y[at], age: Math.max(0, age) });
  }
  return found;
}

// When clones of an arm first awakened, and where a cell of each is now: {hour, x, y}.
export function awakeningsOf({ awoke, cn, cx, cy, cs }) {
  const found = { hour: [], x: [], y: [] }, seen = new Set();
  for (let at = 0; at < cn.length; at += 1) {
    if (cs[at] !== 1 || seen.has(cn[at])) continue;
    seen.add(cn[at]);
    found.hour.push(awoke[cn[at]]);
    found.x.push(cx[at]);
    found.y.push(cy[at]);
  }
  return found;
}

// Mix a color into the pixels round the middle of a site.
function halo({ pixels, width, height, left, top, scale }, x, y, reach, [red, green, blue], opacity, strength) {
  const middleX = (x + 0.5 - left) * scale, middleY = (y + 0.5 - top) * scale, steps = STEPS / (reach * reach);
  const first = Math.max(0, Math.ceil(middleY - reach)), last = Math.min(height - 1, Math.floor(middleY + reach));
  for (let row = first; row <= last; row += 1) {
    const dy = row - middleY, half = Math.sqrt(Math.max(0, reach * reach - dy * dy));
    const from = Math.max(0, Math.ceil(middleX - half)), to = Math.min(width - 1, Math.floor(middleX + half));
    for (let column = from; column <= to; column += 1) {
      const dx = column - middleX, share = strength * opacity[((dx * dx + dy * dy) * steps) | 0];
      if (share <= 0) continue;
      const at = row * width + column, pixel = pixels[at];
      const r = pixel & 255, g = (pixel >> 8) & 255, b = (pixel >> 16) & 255;
      pixels[at] = (255 << 24 | (b + (blue - b) * share) << 16 | (g + (green - g) * share) << 8 | (r + (red - r) * share)) >>> 0;
    }
  }
}
