// Every parameter: searched by name or meaning, with value, unit, range, source; set now or at the next reset.

import { h } from "./dom.js";
import { evidence, keepingFocus } from "./fields.js";

const SHOWN = 8;
const ALSO = [["secretion", "secretes", "release", "releases", "production", "produces", "source"], ["death", "dies", "loss", "clearance", "decay", "lifetime", "lifespan"],
  ["division", "divide", "divides", "proliferation", "cycle", "growth"], ["speed", "motility", "migration"], ["awakening", "awaken", "wake"],
  ["dose", "inoculum"], ["macrophage", "macrophages"], ["neutrophil", "neutrophils"], ["drug", "antibody", "treatment"]]; // one word for another

// A text without what people write in different ways: "IL-6", "il 6" and "il6" are the same.
function plain(text) {
  return text.toLowerCase().replace(/[^a-z0-9]/g, "");
}

function fits(one, word) {
  const text = plain(`${one.name} ${one.meaning}`);
  const words = word.length > 2 ? ALSO.filter((group) => group.includes(word)).flat() : [];
  return [word, ...words].some((each) => text.includes(each));
}

// `put(name, text, now)`; `info()`: the arm whose values are shown; `fields`: what was typed.
export function parameterList(facts, put, info, fields) {
  const list = h("ul", { class: "parameters" }), count = h("p", { class: "quiet", role: "status" });
  const search = h("input", { type: "search", "aria-label": "Search parameters", placeholder: "e.g. awakening, cycle, IL-6", oninput: () => draw() });
  const element = h("div", { class: "part" }, search, count, list);

  function draw() {
    const wanted = search.value.trim().split(/\s+/).map(plain), usual = info()?.parameters ?? {};
    const found = facts.parameters.filter((one) => wanted.every((word) => fits(one, word)))
      .sort((one, other) => Object.hasOwn(usual, other.name) - Object.hasOwn(usual, one.name)); // what was changed stands first
    count.textContent = found.length > SHOWN ? `${found.length} of ${facts.parameters.length} fit; the first ${SHOWN} are shown` : `${found.length} fit`;
    const changed = info()?.parameters ?? {};
    keepingFocus(list, () => list.replaceChildren(...found.slice(0, SHOWN).map((one) => fields.row(
      { ...one, field: one.name, value: changed[one.name] ?? one.value, evidence: evidence(one) }, (text, now) => put(one.name, text, now)))));
  }

  draw();
  return { element, draw };
}
