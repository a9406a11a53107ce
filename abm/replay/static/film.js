// Unpacks the film of each arm (abm/replay/packing.py says how it was packed) and gives the tissue at a frame.

const TYPES = { uint8: Uint8Array, uint16: Uint16Array, int32: Int32Array, float32: Float32Array };

// The film: {arms, hours, ...} as told in the header, each arm with its arrays.
export async function unpackedFilm(told, blobs) {
  const arms = [];
  for (const [at, arm] of told.arms.entries()) arms.push(unpackedArm(arm, await inflated(blobs[at])));
  return { ...told, arms };
}

async function inflated(base64) {
  const text = atob(base64), bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function unpackedArm(arm, bytes) {
  const frames = {}, curves = {}, awakenings = {}, once = {};
  let at = 0;
  for (const { name, type, lengths, length } of arm.arrays) {
    const size = lengths ? lengths.reduce((sum, one) => sum + one, 0) : length;
    const values = joined(bytes.subarray(at, at + size * TYPES[type].BYTES_PER_ELEMENT), TYPES[type]);
    at += values.byteLength;
    const [group, own] = name.split(/\.(.*)/s);
    if (lengths) frames[name] = summed(values, lengths);
    else if (group === "curve") curves[own] = values;
    else if (group === "awakening") awakenings[own] = values;
    else once[name] = values;
  }
  for (let site = 1; site < once.mosaic.length; site += 1) once.mosaic[site] += once.mosaic[site - 1];
  return { ...arm, ...once, frames, curves, awakenings };
}

// Numbers from their bytes, which stand plane by plane, lowest first.
function joined(bytes, Type) {
  const width = Type.BYTES_PER_ELEMENT, size = bytes.length / width, out = new Uint8Array(bytes.length);
  for (let plane = 0; plane < width; plane += 1) {
    for (let at = 0; at < size; at += 1) out[at * width + plane] = bytes[plane * size + at];
  }
  return new Type(out.buffer);
}

// Frames from their differences; typed arrays wrap around as the sums did.
function summed(values, lengths) {
  const frames = [];
  let first = 0, before = new values.constructor(0);
  for (const length of lengths) {
    const frame = values.subarray(first, first + length), common = Math.min(length, before.length);
    for (let at = 0; at < common; at += 1) frame[at] += before[at];
    frames.push(frame);
    before = frame;
    first += length;
  }
  return frames;
}

const HAZE = "il6"; // the field that lies as a haze over the tissue
const CELLS = ["states", "mx", "my", "mk", "cx", "cy", "cs", "cc", "cn"];

// Show a frame of an arm, in the form in which the page draws it.
export function turnTo(arm, frame, overlay) {
  for (const name of CELLS) arm[name] = arm.frames[name][frame];
  arm.field = fieldOf(arm, overlay, frame);
  arm.haze = fieldOf(arm, HAZE, frame);
}

function fieldOf(arm, name, frame) {
  const data = arm.frames[`field.${name}`]?.[frame];
  return data ? { data, shape: arm.grids[name] } : null;
}

// A curve at an hour, between its points.
export function valueAt(arm, measure, hour) {
  const { hours } = arm, values = arm.curves[measure];
  if (!values) return NaN;
  let at = hours.length - 1;
  while (at > 0 && hours[at] > hour + 1e-6) at -= 1;
  const next = Math.min(at + 1, hours.length - 1), span = hours[next] - hours[at];
  const share = span > 0 ? Math.min(1, Math.max(0, (hour - hours[at]) / span)) : 0;
  return values[at] * (1 - share) + values[next] * share;
}

// Clones of which a cell has awakened by an hour.
export function awakenedBy(arm, hour) {
  const { hour: hours, clone } = arm.awakenings, seen = new Set();
  for (let at = 0; at < hours.length; at += 1) if (hours[at] <= hour + 1e-6) seen.add(clone[at]);
  return seen.size;
}
