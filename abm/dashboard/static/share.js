// A link that brings back what is shown, and what can be downloaded.

import { fullTitle } from "./arms.js";
import { button, day, h } from "./dom.js";
import { figureForm } from "./figure.js";
import { fileLink, save } from "./files.js";

// What an address asks for: {recipe, hour, options}. The server says what of the recipe is wrong.
export function wishOf(address, facts) {
  const asked = new URLSearchParams(address.search), recipe = {}, options = {};
  if (asked.has("arms")) recipe.arms = asked.get("arms").split(",").map((base) => ({ base }));
  if (asked.has("edits")) {
    try {
      JSON.parse(asked.get("edits")).forEach(([arm, edit]) => { (recipe.arms[arm].edits ??= []).push(edit); });
    } catch { recipe.arms = "the changes in the link"; }
  }
  if (asked.has("titles") && Array.isArray(recipe.arms)) {
    try {
      JSON.parse(asked.get("titles")).forEach((title, arm) => { recipe.arms[arm].title = title; });
    } catch { recipe.arms = "the titles in the link"; }
  }
  for (const name of ["seed", "side", "days"]) if (asked.has(name)) recipe[name] = asked.get(name);
  if (/^\w{1,50}$/.test(asked.get("overlay") ?? "")) options.overlay = asked.get("overlay");
  if (asked.get("level") === "1") options.level = true;
  if (["state", "clone", "cause"].includes(asked.get("color"))) options.colorBy = asked.get("color");
  if (asked.has("hide")) asked.get("hide").split(",").filter((name) => Object.hasOwn(facts.layers, name)).forEach((name) => { options[name] = false; });
  if (/^[0-3]$/.test(asked.get("difference") ?? "")) Object.assign(options, { difference: true, against: Number(asked.get("difference")) });
  if (/^[0-3]$/.test(asked.get("alone") ?? "")) options.alone = Number(asked.get("alone"));
  const hour = Number(asked.get("day")) * 24;
  return { recipe: asked.size ? recipe : null, hour: hour > 0 ? Math.round(hour * 6) / 6 : 0, options };
}

// The address of what is shown; `now`: with the day. None where a scenario or a map was uploaded.
export function linkOf(page, now = false) {
  const { recipe, masked } = page.arms;
  if (masked || recipe.arms.some((arm) => arm.text)) return null;
  const { options } = page, said = new URLSearchParams();
  said.set("arms", recipe.arms.map((arm) => arm.base).join(","));
  for (const name of ["seed", "side", "days"]) said.set(name, recipe[name]);
  const edits = recipe.arms.flatMap((arm, at) => arm.edits.map((edit) => [at, edit]));
  if (edits.length) said.set("edits", JSON.stringify(edits));
  if (recipe.arms.some((arm) => arm.title)) said.set("titles", JSON.stringify(recipe.arms.map((arm) => arm.title)));
  if (now && page.arms.hour) said.set("day", String(Number((page.arms.hour / 24).toFixed(4))));
  if (options.overlay) said.set("overlay", options.overlay);
  if (options.level) said.set("level", "1");
  if (options.colorBy !== "state") said.set("color", options.colorBy);
  const hidden = Object.keys(page.facts.layers).filter((name) => !options[name]);
  if (hidden.length) said.set("hide", hidden.join(","));
  if (options.difference) said.set("difference", options.against);
  if (options.alone !== null) said.set("alone", options.alone);
  return `${location.origin}${location.pathname}?${String(said).replaceAll("%2C", ",")}`;
}

// Buttons for all that can be taken home.
export function downloads(page) {
  const file = (text, path) => fileLink(page, text, path, { class: "button" });
  return h("div", { class: "downloads" },
    h("p", {}, button("Picture (PNG)", () => picture(page)), file("Curves (CSV)", "curves.csv"), file("Curves (Parquet)", "curves.parquet")),
    h("h3", { text: "Scenario as it was played, every change at its time" }),
    h("p", {}, page.arms.list.map((arm) => file(`${fullTitle(arm.info)} (TOML)`, `scenario/${arm.number}.toml`))),
    page.arms.masked ? h("p", {}, page.arms.list.map((arm) => file(`Map for ${fullTitle(arm.info)} (PNG)`, `scenario/${arm.number}.png`))) : null,
    figureForm(page),
    h("p", { class: "quiet", text: `The same run without the page: embers run FILE --seed ${page.arms.recipe.seed}` }));
}

// All views that are seen, with their titles, as one picture.
async function picture(page) {
  const views = page.views.views.filter((view) => !view.element.classList.contains("hidden"));
  const side = Math.max(...views.map((view) => view.canvas.width)), head = 64, gap = 12;
  const columns = Math.min(views.length, 2), rows = Math.ceil(views.length / columns);
  const canvas = h("canvas", { width: columns * (side + gap) + gap, height: rows * (side + head + gap) + 60 });
  const context = canvas.getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  views.forEach((view, at) => {
    const x = gap + (at % columns) * (side + gap), y = head + Math.floor(at / columns) * (side + head + gap);
    context.fillStyle = view.arm.info.color;
    context.fillRect(x, y - 49, 14, 14);
    context.fillStyle = "#221c28";
    context.font = "600 18px Roboto, sans-serif";
    const { info } = view.arm;
    const lines = wrapped(context, fullTitle(info) + (info.prediction ? " (prediction)" : ""), side - 22);
    lines.forEach((line, number) => context.fillText(line, x + 22, y - 36 + 22 * number, side - 22));
    context.drawImage(view.canvas, x, y);
  });
  context.font = "15px Roboto, sans-serif";
  const { recipe } = page.arms;
  context.fillText(`Embers · day ${day(page.arms.hour)} · seed ${recipe.seed} · ${recipe.side / 1000} mm · ${page.facts.disclaimer}`, gap, canvas.height - 18, canvas.width - 2 * gap);
  const blob = await new Promise((done) => { canvas.toBlob(done, "image/png"); });
  save(blob, `${pictureName(page, views)}.png`);
}

// A text in two lines of a width [px] where it needs them.
function wrapped(context, text, width) {
  const words = text.split(" ");
  let first = words.shift();
  while (words.length && context.measureText(`${first} ${words[0]}`).width <= width) first += ` ${words.shift()}`;
  return words.length ? [first, words.join(" ")] : [first];
}

// What a picture is called: the view in it, or how many there are, with seed and day.
function pictureName({ arms }, views) {
  const what = views.length === 1 ? views[0].arm.info.name : `${views.length}_views`;
  return `embers_${what}_seed_${arms.recipe.seed}_day_${day(arms.hour)}`;
}
