// Small helpers: elements, colors, numbers in words.

const SVG = "http://www.w3.org/2000/svg";

// An element with attributes (functions become listeners, `class` and `text` are themselves) and children.
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.replace(/^on/, ""), value);
    else if (name === "text") element.textContent = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// A source in words; each key in brackets that has a link becomes one: "fitted to mice [Jhutty 2022]"; so does a DOI.
export function cited(source, links) {
  return source.split(/(\[[^\][]+\]|doi:10\.[^\s,;()]+)/).map((part) => {
    const link = part.startsWith("doi:10.") ? `https://doi.org/${encodeURI(part.slice(4))}` : part.startsWith("[") ? links[part.slice(1, -1)] : null;
    return link ? h("a", { href: link, target: "_blank", rel: "noopener", text: part }) : part;
  });
}

export function css(color) {
  return `rgb(${color[0]}, ${color[1]}, ${color[2]})`;
}

// A number as one says it: two digits or whole.
export function number(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1e6) return value.toExponential(1).replace("e+", "e");
  if (size >= 9.95) return rounded(value, 0).toLocaleString("en-US");
  if (size >= 0.1) return rounded(value, 1).toFixed(1);
  return value === 0 ? "0" : Number(value.toPrecision(1)).toString();
}

// A value with so many digits after the point, as the server rounds it, too: one exactly in the middle gets the even digit.
export function rounded(value, digits) {
  const scale = 10 ** digits, size = Math.abs(value), below = Math.floor(size * scale);
  const between = (size * scale) % 1 === 0.5 && (size * 2 ** (digits + 1)) % 1 === 0; // exactly, not only by the product
  return between ? (Math.sign(value) * (below + (below % 2))) / scale : Number(value.toFixed(digits));
}

// A day as the server writes it.
export function day(hour) {
  return rounded(hour / 24, 1).toFixed(1);
}

export const late = new Set(); // what is still to be called once more

// Calls `what` at most once per so many milliseconds, and always once more after the last call.
export function calmly(what, pause) {
  let last = 0, due = null;
  return () => {
    const wait = last + pause - performance.now();
    if (due !== null) return;
    if (wait <= 0) { last = performance.now(); what(); return; }
    due = setTimeout(() => { due = null; late.delete(what); last = performance.now(); what(); }, wait);
    late.add(what);
  };
}

let serial = 0;
export function unique(name) {
  serial += 1;
  return `embers-${name}-${serial}`;
}

// A label with its control below or beside it.
export function labelled(text, control, attributes = {}) {
  control.id ||= unique("field");
  return h("div", { class: "field", ...attributes }, h("label", { for: control.id, text }), control);
}

export function button(text, onclick, attributes = {}) {
  return h("button", { type: "button", onclick, ...attributes }, text);
}

export function select(options, value, onchange, attributes = {}) {
  const element = h("select", { onchange: () => onchange(element.value), ...attributes },
    options.map(([key, text]) => h("option", { value: key, text, selected: String(key) === String(value) })));
  return element;
}

export function tick(text, checked, onchange) {
  const box = h("input", { type: "checkbox", checked, onchange: () => onchange(box.checked) });
  return h("label", { class: "tick" }, box, text);
}
