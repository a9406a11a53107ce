// The keyboard: everything that the buttons of the time bar do, and looking around.

export const KEYS = [
  ["Space", "play or pause"], ["→", "step an hour"], ["←", "back an hour"], ["Shift + → or ←", "a day on or back"],
  ["R", "reset, same seed"], ["N", "new seed"], ["1 – 4", "enlarge a view"], ["0", "all views"],
  ["+ and −", "zoom in, zoom out"], ["F", "the whole section"], ["D", "difference on or off"], ["S", "steer"], ["M", "mechanism and numbers"], ["L", "line of the awakening level"], ["Enter on a view", "the story of its next cancer cell"],
  ["P", "present: full screen, large type"], ["T", "light or dark"], ["?", "this list"], ["Esc", "close what is open"],
];

const KEPT = "embers-single-keys";

// Whether single letters, digits and signs act; those who speak to their computer or often hit one by chance switch them off.
export function singleKeys() {
  return localStorage.getItem(KEPT) !== "off";
}

export function setSingleKeys(on) {
  localStorage.setItem(KEPT, on ? "on" : "off");
}

// What the keys do on a page.
export function listenToKeys(page) {
  const step = (hours) => page.act.ask({ do: "step", hours });
  const press = {
    " ": () => page.bar.toggle(),
    ArrowRight: (event) => step(event.shiftKey ? 24 : 1),
    ArrowLeft: (event) => step(event.shiftKey ? -24 : -1),
    r: () => page.bar.reset(),
    n: () => page.bar.anySeed(),
    0: () => page.look({ alone: null }),
    "+": () => page.act.zoom(1.35), "=": () => page.act.zoom(1.35), "-": () => page.act.zoom(1 / 1.35),
    f: () => page.act.fit(),
    d: () => page.look({ difference: !page.options.difference }),
    s: () => page.steer.toggle(),
    m: () => page.mechanism.toggle(),
    l: () => page.act.level_line(!page.options.level),
    p: () => { page.opening.close(); return page.present.leave() || page.present.enter(); },
    t: () => page.theme(),
    "?": () => page.notices.keys(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { page.escape(); return; }
    if (event.ctrlKey || event.altKey || event.metaKey || page.lessons.open || document.querySelector("dialog[open]")) return;
    const at = event.target;
    if (at.matches("input:not([type=checkbox]), select, textarea")) return;
    if (event.key === " " && at.matches("button, summary, input, a")) return; // it presses that
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (name.length === 1 && name !== " " && !singleKeys()) return;
    if (/^[1-4]$/.test(name)) {
      if (page.present.on) page.present.choose(Number(name) - 1);
      else if (Number(name) <= page.arms.list.length) page.look({ alone: page.options.alone === Number(name) - 1 ? null : Number(name) - 1 });
    } else if (press[name]) press[name](event);
    else return;
    event.preventDefault();
  });
}
