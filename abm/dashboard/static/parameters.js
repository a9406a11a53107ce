// Every parameter: searched by name or meaning, with value, unit, range, source; set now or at the next reset.

import { button, cited, h, unique } from "./dom.js";

const SHOWN = 8;

// `put(name, value, now)`; `info()`: the arm whose values are shown.
export function parameterList(facts, put, info) {
  const list = h("ul", { class: "parameters" }), count = h("p", { class: "quiet", role: "status" });
  const search = h("input", { type: "search", "aria-label": "Search parameters", placeholder: "e.g. awakening, cycle, IL-6", oninput: () => draw() });
  const element = h("div", { class: "part" }, search, count, list);

  function draw() {
    if (element.contains(document.activeElement) && document.activeElement !== search) return; // somebody types
    const wanted = search.value.trim().toLowerCase().split(/\s+/);
    const found = facts.parameters.filter((one) => wanted.every((word) => `${one.name} ${one.meaning}`.toLowerCase().includes(word)));
    count.textContent = found.length > SHOWN ? `${found.length} of ${facts.parameters.length} fit; the first ${SHOWN} are shown` : `${found.length} fit`;
    const changed = info()?.parameters ?? {};
    list.replaceChildren(...found.slice(0, SHOWN).map((one) => row(one, changed[one.name] ?? one.value)));
  }

  function row(one, value) {
    const input = h("input", { type: "text", inputmode: "decimal", size: 8, value: Number(value.toPrecision(6)), id: unique("parameter"), "aria-describedby": unique("about") });
    const about = h("p", { class: "quiet", id: input.getAttribute("aria-describedby") },
      `${one.meaning}. ${one.low} to ${one.high} ${one.unit}. ${one.confidence}: `, cited(one.source, one.links));
    const go = (now) => { document.activeElement?.blur(); put(one.name, input.value.trim(), now); };
    return h("li", {}, h("label", { for: input.id, text: one.name }), h("div", { class: "abreast" }, input, h("span", { text: one.unit }),
      one.atStart ? null : button("Now", () => go(true), { class: "small", "aria-label": `Set ${one.name} now` }),
      button("On reset", () => go(false), { class: "small", "aria-label": `Set ${one.name} on reset` })), about);
  }

  draw();
  return { element, draw };
}
