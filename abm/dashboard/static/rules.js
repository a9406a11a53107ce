// The rules of the chosen views: each in words, on or off, with its numbers; and the text that declares them.

import { fullTitle } from "./arms.js";
import { button, h, labelled } from "./dom.js";
import { fileLink } from "./files.js";
import { evidence, keepingFocus, quantity } from "./fields.js";

export class Rules {
  // `steer`: {arms, act, facts, fields, chosenArms()}
  constructor(steer) {
    this.steer = steer;
    this.element = h("div", { class: "part rules" });
    this.open = new Set(); // details that somebody has opened
  }

  draw() {
    keepingFocus(this.element, () => this.element.replaceChildren(...this.groups().map((group) => this.group(group))));
  }

  show(at) {
    const group = [...this.element.children].find((one) => one.dataset.arms.split(",").includes(String(at)));
    group.scrollIntoView({ block: "start" });
    group.querySelector("summary").focus({ preventScroll: true });
  }

  // The chosen arms, those together whose rules, substances and cells are the same.
  groups() {
    const found = new Map();
    for (const arm of this.steer.chosenArms()) {
      const key = JSON.stringify(arm.info.declared);
      found.set(key, [...(found.get(key) ?? []), arm]);
    }
    return [...found.values()];
  }

  group(arms) {
    const { rules } = arms[0].info.declared, key = arms.map((arm) => arm.number).join();
    const heads = arms.map((arm) => h("span", {}, h("i", { class: "swatch", style: `--arm: ${arm.info.color}` }), fullTitle(arm.info)));
    return h("section", { class: "group", "data-arms": key, "aria-label": `Rules of ${arms.map((arm) => fullTitle(arm.info)).join(", ")}` },
      h("h3", { class: "heads" }, heads),
      rules.length ? h("ol", { class: "sentences" }, rules.map((rule, at) => this.rule(rule, at, arms, key)))
        : h("p", { class: "quiet", text: "No rules of its own: only the built-in laws act." }),
      this.text(arms, key));
  }

  ask(arms, edit, field) {
    this.steer.fields.send(field);
    this.steer.act.ask({ do: "edit", arms: arms.map((arm) => arm.number), edits: [edit], field });
  }

  get waits() { return this.steer.arms.hour > 0 ? " (on reset)" : ""; }

  rule(rule, at, arms, key) {
    const put = (name, value, field) => this.ask(arms, { op: "put", list: "rule", at, key: name, value }, field);
    const change = (number, text, field) => this.ask(arms, { op: "add", list: "change",
      entry: { time: `${this.steer.arms.hour} h`, parameter: number.name, value: quantity(text, number.parameterUnit) } }, field);
    const row = (number) => {
      const field = `${number.name} ${key}`;
      return this.steer.fields.row({ ...number, label: number.key, field, evidence: "" },
        (text, now) => (now ? change(number, text, field) : put(number.key, quantity(text, number.unit), field)));
    };
    const field = `${rule.name} on ${key}`, turn = h("div", { class: "abreast" },
      button(`${rule.on ? "Switch off" : "Switch on"}${this.waits}`, () => put("on", !rule.on, field), { class: "small", "aria-label": `${rule.on ? "Switch off" : "Switch on"} ${rule.name}${this.waits}`, "data-key": field }));
    return h("li", { class: rule.on ? "" : "off" },
      rule.sentences.map((text) => h("p", { text })),
      rule.whyNot ? h("p", {}, h("span", { class: "badge", text: rule.on ? "does not act" : "off" }), rule.on ? rule.whyNot : "") : null,
      h("p", { class: "quiet" }, h("b", { text: rule.name }), " · ", evidence(rule), rule.on && rule.replaces ? ` · replaces the built-in law ${rule.replaces}` : ""),
      turn, this.steer.fields.fault(field, turn.firstChild),
      this.details(`numbers ${rule.name} ${key}`, `Numbers of ${rule.name}`, h("ul", { class: "parameters" }, rule.numbers.map(row))));
  }

  // The text of a scenario file with all of it: to edit, to paste, to copy.
  text(arms, key) {
    const { fields, facts, act } = this.steer, { text } = arms[0].info.declared, field = `text ${key}`;
    const area = fields.remember(field, h("textarea", { rows: 14, spellcheck: "false", wrap: "off", maxlength: facts.limits.ownText }));
    area.value = fields.typed.get(field) ?? text;
    const again = (given) => { fields.forget(field); if (given !== text) fields.typed.set(field, given); this.draw(); };
    return this.details(`text ${key}`, text ? "Edit as text, add, save" : "Add rules as text",
      labelled("Substances, cells and rules, as in a scenario file", area), fields.fault(field, area),
      h("div", { class: "abreast" },
        button(`Apply${this.waits}`, () => this.ask(arms, { op: "own", text: area.value }, field), { class: "main-action", "data-key": `${field} apply` }),
        fields.typed.has(field) ? button("Discard", () => again(text), { "data-key": `${field} discard` }) : null,
        text || !facts.ownExample ? null : button("Insert an example", () => again(facts.ownExample), { "data-key": `${field} example` })),
      h("p", { class: "quiet" }, "What a rule can say: docs/hypotheses.md. Save as scenario: ",
        arms.flatMap((arm, at) => [at ? ", " : "", fileLink(act.page, fullTitle(arm.info), `scenario/${arm.number}.toml`)])));
  }

  // Details that stay open when they are drawn anew.
  details(name, title, ...content) {
    return h("details", { open: this.open.has(name), ontoggle: (event) => this.open[event.target.open ? "add" : "delete"](name) },
      h("summary", { text: title, "data-key": `${name} summary` }), content);
  }
}
