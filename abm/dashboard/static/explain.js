// Terms that are explained where they stand: pointer, focus or a press shows the words of the glossary.

import { h, unique } from "./dom.js";

const GAP = 6; // px between a term and its explanation

let box = null, shown = null;

// A term as a button; `terms`: explanations by name (abm/dashboard/content/terms.py).
export function term(terms, name, text = name, attributes = {}) {
  const element = h("button", { type: "button", ...attributes, class: `term ${attributes.class ?? ""}`, "data-term": name,
    onpointerenter: () => show(element, terms[name], name), onpointerleave: hide, onfocus: () => show(element, terms[name], name), onblur: hide,
    onclick: (event) => { event.stopPropagation(); show(element, terms[name], name); } }, text);
  return element;
}

// A text in which the first of these terms that it contains is explained: [text, button, text].
export function withTerm(terms, text) {
  const name = Object.keys(terms).find((one) => text.includes(one));
  if (!name) return [text];
  const at = text.indexOf(name);
  return [text.slice(0, at), term(terms, name), text.slice(at + name.length)];
}

export function hide() {
  if (!shown) return;
  box.hidden = true;
  shown.removeAttribute("aria-describedby");
  shown = null;
}

function show(element, words, name) {
  hide();
  box ??= h("div", { class: "explained", role: "tooltip", id: unique("explained") });
  element.closest(".embers").append(box);
  box.replaceChildren(h("b", { text: name }), `: ${words}`);
  box.hidden = false;
  shown = element;
  element.setAttribute("aria-describedby", box.id);
  lie(element);
}

// Put the explanation above its term, or below where there is no room.
function lie(element) {
  const place = element.getBoundingClientRect(), { offsetWidth: wide, offsetHeight: high } = box;
  const above = place.top - high - GAP;
  box.style.left = `${Math.max(GAP, Math.min(place.left, window.innerWidth - wide - GAP))}px`;
  box.style.top = `${above > 0 ? above : place.bottom + GAP}px`;
}

document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
// A term that is reached by keyboard is often scrolled to.
document.addEventListener("scroll", () => { if (shown && shown === document.activeElement) lie(shown); else hide(); }, { passive: true, capture: true });
