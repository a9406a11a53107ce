// Names what is under the pointer.

const SITE = 10; // um

// Lines of text; none outside the section.
export function nameAt(facts, arm, { x, y }, options, overlay) {
  if (!arm.states || x < 0 || y < 0 || x >= arm.columns || y >= arm.rows) return [];
  const at = y * arm.columns + x, lines = [];
  const tumor = nearest(arm.cx, arm.cy, x, y, facts.cancerRadius);
  if (tumor >= 0 && options.cancer) {
    lines.push(`Cancer cell, ${facts.cancer[arm.cs[tumor]].name}`, `clone ${arm.cn[tumor] + 1}, ${facts.causes[arm.cc[tumor]].name}${options.watching ? "" : " · click for its story"}`);
  }
  const cell = nearest(arm.mx, arm.my, x, y, 1.2);
  if (cell >= 0) {
    const kind = arm.mk[cell] & ~facts.activated, on = arm.mk[cell] & facts.activated;
    lines.push((arm.info?.own.cells[kind - facts.cells.findIndex((one) => one.own)] ?? facts.cells[kind].name) + (on ? ", activated (MHCII+)" : ""));
  }
  const cover = arm.mosaic[at];
  lines.push(facts.sites[arm.kind[at]].name + (cover >= 0 && arm.states[cover] ? `, ${facts.epithelium[arm.states[cover]].name}` : ""));
  const fields = { ...facts.overlays, ...arm.info?.own.overlays }, field = Object.hasOwn(fields, overlay) ? fields[overlay] : null;
  if (arm.field && field) lines.push(`${field.name} ${valueAt(field, arm, x, y)}`);
  if (arm.source) {
    const { data, shape } = arm.source, at = Math.floor((y * shape[0]) / arm.rows) * shape[1] + Math.floor((x * shape[1]) / arm.columns);
    const { low, high, unit } = facts.sourceOverlays[overlay], shade = arm.secreted_now.data[at];
    lines.push(shade ? `secretion ${Number((low * (high / low) ** (shade / 255)).toPrecision(2))} ${unit}, most by: ${facts.sources[data[at]].name.toLowerCase()}` : `secretion below ${low} ${unit}`);
  }
  lines.push(`${x * SITE} µm right, ${y * SITE} µm down`);
  return lines;
}

function valueAt({ low, high, log, unit }, arm, x, y) {
  const { data, shape } = arm.field;
  const shade = data[Math.floor((y * shape[0]) / arm.rows) * shape[1] + Math.floor((x * shape[1]) / arm.columns)];
  if (log && shade === 0) return `below ${low} ${unit}`;
  const share = shade / 255, value = log ? low * (high / low) ** share : low + (high - low) * share;
  return `${Number(value.toPrecision(2)).toLocaleString("en-US")} ${unit}`;
}

function nearest(xs, ys, x, y, reach) {
  let found = -1, least = reach * reach + 0.01;
  for (let at = 0; at < xs.length; at += 1) {
    const dx = xs[at] - x, dy = ys[at] - y, distance = dx * dx + dy * dy;
    if (distance < least) { least = distance; found = at; }
  }
  return found;
}
