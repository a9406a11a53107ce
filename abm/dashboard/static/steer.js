// Steering: which views, what is done to them, now or at the next reset; all of it is recorded.

import { fullTitle, treatmentName } from "./arms.js";
import { button, day, h, labelled, select, tick } from "./dom.js";
import { fileLink } from "./files.js";
import { Fields, keepingFocus, quantity, withPoint } from "./fields.js";
import { parameterList } from "./parameters.js";
import { Rules } from "./rules.js";
import { readFile, whole } from "./setup.js";

const OWN_DRUG = "drug"; // type of treatment with a drug of a rule
const DOSE = "dose of infection"; // a field

export class Steer {
  constructor(facts, arms, act) {
    Object.assign(this, { facts, arms, act });
    this.chosen = null; // numbers of the views to change, once somebody has opened this or chosen
    this.typed = new Map(); // what was typed into the form of a treatment and not given yet
    this.opener = button("Steer", () => this.toggle(), { "aria-expanded": "false", "aria-controls": "embers-steer" });
    this.which = h("fieldset", { class: "which" }, h("legend", { text: "Change these views" }));
    this.waiting = h("div", { class: "waiting", role: "status" });
    this.virus = h("div", { class: "part" });
    this.treatments = h("div", { class: "part" });
    this.record = h("div", { class: "part" });
    this.fields = new Fields();
    this.parameters = parameterList(facts, (name, text, now) => this.setParameter(name, text, now), () => this.info(), this.fields);
    this.rules = new Rules(this);
    this.rulesPart = part("Rules", this.rules.element);
    this.whole = whole(facts, arms, act, this);
    this.element = h("aside", { id: "embers-steer", class: "steer", hidden: true, "aria-label": "Steer" },
      h("div", { class: "line" }, h("h2", { text: "Steer" }), button("Close", () => this.toggle(false), { class: "small" })),
      this.which, this.waiting,
      part("Virus", this.virus, true), part("Treatments", this.treatments, true), this.rulesPart, part("Any parameter", this.parameters.element),
      part("Views, size, length, own files", this.whole.element), part("What was changed, save", this.record));
  }

  toggle(open = this.element.hidden) {
    const had = this.element.contains(document.activeElement);
    this.element.hidden = !open;
    this.opener.setAttribute("aria-expanded", String(open));
    if (open) {
      this.draw();
      this.which.querySelector("input")?.focus();
    } else if (had) this.opener.focus();
    this.act.page.views.resize();
  }

  // The rules of one arm, which is then among those that are changed.
  showRules(at) {
    this.choice.add(at);
    this.rulesPart.open = true;
    this.toggle(true);
    this.rules.show(at);
  }

  // At first those that are infected: what is done to a control would make it none.
  get choice() {
    if (this.chosen) return this.chosen;
    const infected = this.arms.list.filter((arm) => arm.info?.infections.length).map((arm) => arm.number);
    this.chosen = new Set(infected.length ? infected : this.arms.list.map((arm) => arm.number));
    return this.chosen;
  }

  // The arms that are to be changed, and the first of them, whose state the forms show.
  targets() {
    return this.chosenArms().map((arm) => arm.number);
  }

  info() {
    return (this.chosenArms()[0] ?? this.arms.list[0])?.info;
  }

  chosenArms() {
    return this.arms.list.filter((arm) => this.choice.has(arm.number));
  }

  // `field`: of the page, which the answer then names.
  edit(edit, field) {
    const arms = this.targets();
    if (!arms.length) { this.act.page.notices.refuse("Choose at least one view to change."); return; }
    this.fields.send(field);
    this.act.ask({ do: "edit", arms, edits: [edit], field });
  }

  // What the server says of an order that came from a field: whether it is shown beside it.
  answer({ field, text }) {
    if (text === undefined) this.fields.take(field);
    else this.fields.refuse(field, text);
    this.draw();
    return text !== undefined && this.element.querySelector(`[data-key="${CSS.escape(field)}"]`)?.offsetParent != null;
  }

  draw() {
    if (this.element.hidden || !this.arms.infos) return;
    keepingFocus(this.which, () => this.which.replaceChildren(h("legend", { text: "Change these views" }), ...this.arms.list.map((arm) => {
      const box = tick(arm.info.title, this.choice.has(arm.number), (on) => { this.choice[on ? "add" : "delete"](arm.number); this.draw(); });
      box.querySelector("input").dataset.key = `which ${arm.number}`;
      box.insertBefore(h("b", { class: "letter", style: `--arm: ${arm.info.color}`, text: arm.info.letter }), box.lastChild);
      return box;
    })));
    this.drawWaiting();
    const info = this.info();
    keepingFocus(this.virus, () => this.drawVirus(info));
    keepingFocus(this.treatments, () => this.drawTreatments(info));
    this.drawRules();
    this.parameters.draw();
    this.whole.draw();
    this.drawRecord();
  }

  // Once the run has begun, and when it is back at its start, changes of rules act at another time.
  follow() {
    const begun = this.arms.hour > 0;
    if (begun === this.begun || this.element.hidden || !this.arms.infos) return;
    this.begun = begun;
    this.rules.draw();
  }

  // Open at first where there are rules to see.
  drawRules() {
    const count = this.chosenArms().reduce((most, arm) => Math.max(most, arm.info.declared.rules.length), 0);
    this.rulesPart.firstChild.textContent = count ? `Rules (${count})` : "Rules";
    if (count && !this.seen) this.seen = this.rulesPart.open = true;
    this.rules.draw();
  }

  drawWaiting() {
    const { pending, list } = this.arms;
    this.waiting.hidden = !pending.length;
    this.waiting.replaceChildren(h("p", {}, h("b", { text: "On reset: " }), pending.map(([arm, edit]) => `${editText(edit)} (${list[arm] ? fullTitle(list[arm].info) : ""})`).join("; ")),
      h("p", {}, button("Reset now", () => this.act.ask({ do: "reset" }), { class: "main-action" }), " ", button("Forget", () => this.act.ask({ do: "forget" }))));
  }

  drawVirus(info) {
    const viruses = [...new Set(["influenza", "SARS-CoV-2", "RSV", info.virus])];
    const dose = this.fields.remember(DOSE, h("input", { type: "text", inputmode: "decimal", value: this.fields.typed.get(DOSE) ?? "1", size: 4 }));
    const first = info.infections[0];
    this.virus.replaceChildren(
      labelled("Virus (on reset)", select(viruses.map((name) => [name, name]), info.virus, (name) => this.edit({ op: "set", key: "virus", value: name }))),
      h("p", { class: "quiet", text: info.infections.length ? `Inoculated: ${info.infections.map((one) => `${one.virus === info.virus ? "" : `${one.virus}, `}day ${day(one.time)}, dose × ${one.dose}`).join("; ")}` : "This lung is not infected." }),
      h("div", { class: "abreast" }, labelled("Dose ×", dose, { title: `${this.facts.forms.infection.dose.meaning}; ${this.facts.forms.infection.dose.low} to ${this.facts.forms.infection.dose.high}` }),
        button("Infect now", () => this.edit({ op: "add", list: "infection", entry: { time: hours(this.arms.hour), dose: quantity(dose.value.trim(), "") } })),
        first ? button("Set first dose (on reset)", () => this.edit({ op: "put", list: "infection", at: 0, key: "dose", value: quantity(dose.value.trim(), "") })) : null));
  }

  drawTreatments(info) {
    const now = this.arms.hour;
    const listed = info.treatments.map((one, at) => {
      const ended = one.stop !== undefined && one.stop !== null && one.stop <= now;
      const begun = one.start === undefined || one.start < now;
      return h("li", {}, h("span", { text: treatmentText(one) }),
        one.start !== undefined && "stop" in one && begun && !ended ? button("Stop now", () => this.act.ask({ do: "edit", arms: this.sameTreatment(at), edits: [{ op: "put", list: "treatment", at, key: "stop", value: hours(now) }] }), { class: "small" }) : null,
        button(begun ? "Remove (on reset)" : "Remove", () => this.act.ask({ do: "edit", arms: this.sameTreatment(at), edits: [{ op: "drop", list: "treatment", at }] }), { class: "small" }));
    });
    this.treatments.replaceChildren(
      listed.length ? h("ul", { class: "listed", "aria-label": `Treatments in ${fullTitle(info)}` }, listed) : h("p", { class: "quiet", text: `No treatment in ${fullTitle(info)}.` }),
      h("h3", { text: "Give" }), this.form(info));
  }

  // Of the chosen arms, those with the same treatment at this place as the one that is shown.
  sameTreatment(at) {
    const shown = JSON.stringify(this.info().treatments[at]);
    return this.targets().filter((arm) => JSON.stringify(this.arms.list[arm].info.treatments[at]) === shown);
  }

  form(info) {
    const { treatments } = this.facts.forms, box = h("div", { class: "form" }), fields = {};
    const drugsFor = (type) => Object.entries(treatments[type].drugs).filter(([, drug]) => drug.host === info.host && (!drug.virus || drug.virus === info.virus || info.infections.some((one) => one.virus === drug.virus)));
    const own = info.own.drugs; // which rules respond to
    const possible = Object.keys(treatments).filter((type) => (type === OWN_DRUG ? own.length : !Object.keys(treatments[type].drugs).length || drugsFor(type).length));
    this.kind = possible.includes(this.kind) ? this.kind : "anti-IL-6";
    const fill = () => {
      const form = treatments[this.kind], drugs = drugsFor(this.kind);
      Object.keys(fields).forEach((name) => delete fields[name]);
      const parts = [];
      if (this.kind === OWN_DRUG) parts.push(labelled("Drug", fields.drug = select(own.map((name) => [name, name]), own[0], () => {})));
      if (drugs.length) parts.push(labelled("Drug", fields.drug = select(drugs.map(([name]) => [name, name]), drugs[0][0], usual)));
      if (form.cells.length) parts.push(labelled("Cells", fields.cells = select(form.cells.map((name) => [name, name]), form.cells[0], () => {})));
      for (const [name, told] of Object.entries(form.fields)) parts.push(this.field(name, told, fields));
      box.replaceChildren(labelled("Treatment", select(possible.map((name) => [name, name]), this.kind, (name) => { this.kind = name; fill(); })), ...parts,
        button(form.fields.start ? "Give it" : "Give it (on reset)", () => this.give(form, fields), { class: "main-action" }));
      usual();
    };
    const usual = () => {
      const drug = treatments[this.kind].drugs[fields.drug?.value];
      if (drug) { fields.dose.value = drug.dose; fields.every.value = drug.every / 24; }
      for (const [name, input] of Object.entries(fields)) { // what was typed stays until it is given
        const key = `${this.kind} ${name}`;
        if (this.typed.has(key)) input.value = this.typed.get(key);
        input.dataset.key = `form ${key}`;
        input.oninput = () => this.typed.set(key, input.value);
      }
    };
    fill();
    return box;
  }

  field(name, told, fields) {
    const days = told.unit === "h", unit = days ? "days" : told.unit;
    const scale = days ? 24 : 1, usual = { start: "now", stop: "", before: "28", efficacy: "0.95", density: "50" }[name] ?? "";
    const input = h("input", { type: "text", value: usual, size: 7, placeholder: name === "stop" ? "never" : "" });
    fields[name] = input;
    const title = `${told.meaning}; ${told.low / scale} to ${told.high >= 1e6 ? "…" : told.high / scale} ${unit}; ${told.source}`;
    return labelled(`${words(name)} (${unit || "share"})`, input, { title });
  }

  give(form, fields) {
    const entry = { type: this.kind };
    for (const [name, input] of Object.entries(fields)) {
      const text = withPoint(input.value.trim()), told = form.fields[name];
      if (!told) entry[name] = text;
      else if (text === "now" || (name === "start" && !text)) entry[name] = hours(this.arms.hour);
      else if (text && told.unit === "h") entry[name] = `${text} d`;
      else if (text) entry[name] = quantity(text, told.unit);
    }
    Object.keys(fields).forEach((name) => this.typed.delete(`${this.kind} ${name}`));
    this.edit({ op: "add", list: "treatment", entry });
  }

  setParameter(name, text, now) {
    const value = quantity(text, this.facts.parameters.find((one) => one.name === name).unit);
    this.edit(now ? { op: "add", list: "change", entry: { time: hours(this.arms.hour), parameter: name, value } }
      : { op: "set", key: `parameters.${name}`, value }, name);
  }

  drawRecord() {
    const changed = this.arms.recipe.arms.map((arm, at) => [at, arm.edits]).filter(([, edits]) => edits.length);
    this.record.replaceChildren(
      changed.length ? h("ul", { class: "listed" }, changed.flatMap(([at, edits]) => edits.map((edit) => h("li", {},
        h("b", { class: "letter", style: `--arm: ${this.arms.list[at]?.info.color}`, text: this.arms.list[at]?.info.letter }), editText(edit))))) : h("p", { class: "quiet", text: "No changes so far." }),
      h("h3", { text: "Save as scenario: replays this exactly" }),
      h("p", { class: "abreast" }, this.arms.list.map((arm) => fileLink(this.act.page, fullTitle(arm.info), `scenario/${arm.number}.toml`, { class: "button" }))),
      h("p", { class: "quiet" }, `embers run FILE.toml --seed ${this.arms.recipe.seed}`));
  }

  async upload(file, at) {
    const text = await readFile(file);
    const arms = this.arms.recipe.arms.map((arm, number) => (number === at ? { base: file.name, text } : arm));
    this.act.ask({ do: "recipe", recipe: { arms } });
  }
}

function part(title, content, open = false) {
  return h("details", { open }, h("summary", { text: title }), content);
}

export function hours(hour) {
  return `${hour} h`;
}

function words(name) {
  return name[0].toUpperCase() + name.slice(1);
}

function treatmentText(one) {
  const parts = [treatmentName(one)];
  if (one.start !== undefined) parts.push(`from day ${day(one.start)}`);
  if (one.stop) parts.push(`to day ${day(one.stop)}`);
  if (one.dose !== undefined) parts.push(`${one.dose} mg every ${(one.every / 24).toFixed(1)} d`);
  return parts.join(", ");
}

// An edit in words.
export function editText(edit) {
  const when = (value) => (/ h$/.test(value) ? `day ${day(parseFloat(value))}` : String(value ?? ""));
  if (edit.op === "set") return `${edit.key.replace("parameters.", "")} = ${edit.value}`;
  if (edit.op === "own") return "rules, substances and cells as text";
  if (edit.list === "rule" && edit.key === "on") return `rule ${edit.at + 1} ${edit.value ? "on" : "off"}`;
  if (edit.op === "drop") return `${edit.list} ${edit.at + 1} removed`;
  if (edit.op === "put") return `${edit.list} ${edit.at + 1}: ${edit.key} = ${when(edit.value)}`;
  const { entry } = edit;
  if (edit.list === "change") return `${when(entry.time)}: ${entry.parameter} = ${entry.value}`;
  if (edit.list === "infection") return `${when(entry.time)}: infection, dose × ${entry.dose}`;
  return `${entry.start ? `${when(entry.start)}: ` : ""}${treatmentName(entry)}${entry.dose ? `, ${entry.dose}` : ""}`;
}
