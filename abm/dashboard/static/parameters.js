// Every parameter: searched by name or meaning, with value, unit, range, source; set now or at the next reset.

import { h } from "./dom.js";
import { evidence, keepingFocus } from "./fields.js";

const SHOWN = 8;

// `put(name, text, now)`; `info()`: the arm whose values are shown; `fields`: what was typed.
export function parameterList(facts, put, info, fields) {
  const list = h("ul", { class: "parameters" }), count = h("p", { class: "quiet", role: "status" });
  const search = h("input", { type: "search", "aria-label": "Search parameters", placeholder: "e.g. awakening, cycle, IL-6", oninput: () => draw() });
  const element = h("div", { class: "part" }, search, count, list);

  function draw() {
    const wanted = search.value.trim().toLowerCase().split(/\s+/);
    const found = facts.parameters.filter((one) => wanted.every((word) => `${one.name} ${one.meaning}`.toLowerCase().includes(word)));
    count.textContent = found.length > SHOWN ? `${found.length} of ${facts.parameters.length} fit; the first ${SHOWN} are shown` : `${found.length} fit`;
    const changed = info()?.parameters ?? {};
    keepingFocus(list, () => list.replaceChildren(...found.slice(0, SHOWN).map((one) => fields.row(
      { ...one, field: one.name, value: changed[one.name] ?? one.value, evidence: evidence(one) }, (text, now) => put(one.name, text, now)))));
  }

  draw();
  return { element, draw };
}
