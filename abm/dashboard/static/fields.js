// Numbers that can be set: a field with its unit, range and source, and beside it what was wrong with what was typed.
// What somebody types stays until the server has taken it.

import { button, cited, h, unique } from "./dom.js";

export class Fields {
  constructor() {
    this.typed = new Map(); // by field: text that is not taken yet
    this.sent = new Map(); // by field: the text under way to the server
    this.faults = new Map(); // by field: what the server says of it
  }

  // A row of a list. `told`: {field, name, unit, allowed, meaning, evidence, atStart, value}; `put(text, now)`.
  row(told, put) {
    const { field } = told, usual = String(Number(told.value.toPrecision(6)));
    const input = this.remember(field, h("input", { type: "text", inputmode: "decimal", size: 8, value: this.typed.get(field) ?? usual, id: unique("parameter") }));
    const about = h("p", { class: "quiet", id: unique("about") }, `${told.meaning}. ${told.allowed}. `, told.evidence);
    const fault = this.fault(field, input, about.id);
    const go = (now) => put(input.value.trim(), now);
    return h("li", {}, h("label", { for: input.id, text: told.label ?? told.name }), h("div", { class: "abreast" }, input, told.unit ? h("span", { text: told.unit }) : null,
      told.atStart ? null : button("Now", () => go(true), { class: "small", "aria-label": `Set ${told.name} now`, "data-key": `${field} now` }),
      button("On reset", () => go(false), { class: "small", "aria-label": `Set ${told.name} on reset`, "data-key": `${field} reset` })), fault, about);
  }

  // An input or text area whose text is kept.
  remember(field, input) {
    input.dataset.key = field;
    input.addEventListener("input", () => this.typed.set(field, input.value));
    return input;
  }

  // What is wrong with a field, announced and tied to it.
  fault(field, input, described = "") {
    const text = this.faults.get(field), element = h("pre", { class: "fault", id: unique("fault"), role: "alert", text: text ?? "", hidden: !text });
    input.setAttribute("aria-describedby", `${text ? element.id : ""} ${described}`.trim());
    if (text) input.setAttribute("aria-invalid", "true");
    return element;
  }

  refuse(field, text) { this.faults.set(field, text); }

  send(field) { this.sent.set(field, this.typed.get(field)); }

  // The server has taken what was sent; what was typed since stays.
  take(field) {
    if (this.typed.get(field) === this.sent.get(field)) this.typed.delete(field);
    this.sent.delete(field);
    this.faults.delete(field);
  }

  forget(field) {
    this.typed.delete(field);
    this.faults.delete(field);
  }
}

// A number with a decimal comma, with a point; three digits after a comma may be thousands and are left as they are.
export function withPoint(text) {
  return /^[+-]?(0?,\d+|\d+,(\d{1,2}|\d{4,}))$/.test(text) ? text.replace(",", ".") : text;
}

// A number with its unit, as in a scenario file. Text that is not a number is sent as typed; the server checks it.
export function quantity(typed, unit) {
  const text = withPoint(typed);
  if (!text || !Number.isFinite(Number(text))) return text;
  if (!unit) return Number(text);
  return unit.startsWith("-") ? `${text}${unit}` : `${text} ${unit}`;
}

// Confidence and source, with links.
export function evidence({ confidence, source, links }) {
  return h("span", {}, `${confidence}: `, cited(source, links));
}

// Redraw a list and return the focus and the text cursor to the field or button that had them.
export function keepingFocus(element, draw) {
  const before = element.contains(document.activeElement) ? document.activeElement : null;
  const key = before?.dataset.key, caret = before?.selectionStart;
  draw();
  const again = key ? element.querySelector(`[data-key="${CSS.escape(key)}"]`) : null;
  again?.focus({ preventScroll: true });
  if (again && typeof caret === "number") again.setSelectionRange(caret, caret);
}
