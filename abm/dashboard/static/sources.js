// On the tissue: which type of cell secretes most in each square, and the lines on which IL-6 is at the awakening level.

import { INTERSTITIUM, packed, SEPTUM } from "./pixels.js";

const PALE = [247, 244, 246], WALL = [206, 196, 204];

// Paint the sources over the alveoli: the color of the type that secretes most, the fuller the more all secrete.
export function paintSources(ground, arm, out) {
  const { rows, columns, kind } = arm, [down, across] = arm.source.shape, sideY = rows / down, sideX = columns / across;
  const table = (ground.sourceTable ??= ramps(ground.facts.sources));
  for (let row = 0; row < rows; row += 1) {
    const first = Math.floor(row / sideY) * across;
    for (let column = 0; column < columns; column += 1) {
      const at = row * columns + column;
      if (kind[at] !== SEPTUM && kind[at] !== INTERSTITIUM) continue;
      const square = first + Math.floor(column / sideX), shade = arm.secreted_now.data[square];
      out[at] = table[kind[at] === SEPTUM ? 0 : 1][arm.source.data[square] * 256 + shade];
    }
  }
}

function ramps(sources) {
  return [PALE, WALL].map((ground) => Uint32Array.from(sources.flatMap(({ color }) => Array.from({ length: 256 }, (_, shade) => {
    const share = (shade / 255) ** 0.8;
    return packed(ground.map((part, at) => Math.round(part * (1 - share) + color[at] * share)));
  }))));
}

// Draw the lines of the awakening level into a view, dark within white. `place`: {scale, left, top}.
export function drawLevel(view, { scale, left, top }) {
  const { level, levelEnds } = view.arm;
  if (!level?.length) return;
  const { context } = view, thick = Math.max(1.5, view.canvas.width / 420);
  context.beginPath();
  let start = 0;
  for (const end of levelEnds) {
    for (let at = start; at < end; at += 1) {
      const x = (level[2 * at] - left) * scale, y = (level[2 * at + 1] - top) * scale;
      if (at === start) context.moveTo(x, y); else context.lineTo(x, y);
    }
    start = end;
  }
  context.lineJoin = "round";
  for (const [width, color] of [[2.4 * thick, "rgba(255, 255, 255, 0.9)"], [thick, "#0b6b62"]]) {
    context.lineWidth = width;
    context.strokeStyle = color;
    context.stroke();
  }
}
