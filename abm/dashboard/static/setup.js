// What belongs to the start: how many views, the size of the section, the length of the run, files of one's own.

import { button, h, labelled, select } from "./dom.js";
import { send } from "./files.js";

const SIDES = [600, 1000, 1400, 2000, 3000, 4000, 5000], DAYS = [7, 14, 28, 42, 60, 90, 120];
const MOST_BYTES = 100_000;

export function whole(facts, arms, act, steer) {
  const element = h("div", { class: "part" });
  const again = (recipe) => act.ask({ do: "recipe", recipe });

  function draw() {
    const { recipe, list } = arms;
    const sides = [...new Set([...SIDES, recipe.side])].sort((one, other) => one - other);
    const days = [...new Set([...DAYS, recipe.days])].sort((one, other) => one - other);
    const scenario = h("input", { type: "file", accept: ".toml", onchange: () => scenario.files[0] && steer.upload(scenario.files[0], steer.targets()[0] ?? 0).catch((error) => act.page.notices.refuse(error.message)) });
    const mask = h("input", { type: "file", accept: ".png,image/png", onchange: () => mask.files[0] && sendMask(mask.files[0], act) });
    element.replaceChildren(
      h("p", { class: "quiet", text: "Each of these restarts at day 0." }),
      h("div", { class: "abreast" }, labelled("Side of the section", select(sides.map((side) => [side, `${side / 1000} mm`]), recipe.side, (side) => again({ side: Number(side) }))),
        labelled("Length", select(days.map((one) => [one, `${one} days`]), recipe.days, (one) => again({ days: Number(one) })))),
      h("div", { class: "abreast" },
        list.length < facts.limits.arms ? button("Add a view", () => again({ arms: [...recipe.arms, { base: "influenza" }] })) : null,
        list.length > 1 ? button("Remove the last view", () => again({ arms: recipe.arms.slice(0, -1) })) : null,
        button("The usual four", () => again({ arms: facts.fourArms }))),
      labelled("Your scenario (.toml), into the first chosen view", scenario),
      labelled("Your map of the section (.png), for all views", mask));
  }

  return { element, draw };
}

// The text of a file; an error with a friendly message where it is too large.
export async function readFile(file) {
  if (file.size > MOST_BYTES) throw new Error(`${file.name} is larger than ${MOST_BYTES.toLocaleString("en-US")} bytes: a scenario is some hundred lines.`);
  return file.text();
}

async function sendMask(file, act) {
  const answer = await send(act.page, "mask", file);
  if (!answer.ok) act.page.notices.refuse(await answer.text());
}
