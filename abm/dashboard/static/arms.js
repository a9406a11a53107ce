// What is known of the views: the recipe, the last frame, the curves, the news. Everything draws from here.

const CHANGING = ["states", "mx", "my", "mk", "cx", "cy", "cs", "cc", "cn", "awoke"];

export class Arms {
  constructor(facts) {
    this.places = new Map(facts.measures.map((one, at) => [one.name, at])); // of measures in a point
    this.list = []; // {info, kind, mosaic, rows, columns, states, ..., points}
    this.recipe = null;
    this.pending = [];
    this.hour = 0;
    this.end = 28 * 24;
    this.playing = this.ended = false;
    this.news = [];
    this.picked = [];
    this.overlay = "";
    this.frames = this.scenes = 0;
  }

  takeRecipe(said) {
    this.recipe = said.recipe;
    this.masked = said.masked;
    this.pending = said.pending;
    this.infos = said.arms;
    this.list.forEach((arm, at) => { arm.info = said.arms[at] ?? arm.info; });
  }

  takeFrame(frame) {
    const count = frame.points.length;
    if (frame.sections) {
      this.scenes += 1;
      const before = this.list;
      this.list = frame.sections.map((own, at) => {
        const { data, shape } = frame.arrays[`${own}.kind`];
        return {
          number: at, info: this.infos?.[at], kind: data, mosaic: frame.arrays[`${own}.mosaic`].data,
          rows: shape[0], columns: shape[1], points: before[at]?.points ?? [], secreted: before[at]?.secreted ?? [],
        };
      });
    }
    for (let at = 0; at < count; at += 1) {
      const arm = this.list[at];
      for (const name of CHANGING) arm[name] = frame.arrays[`${at}.${name}`].data;
      arm.haze = frame.arrays[`${at}.haze`];
      arm.field = frame.arrays[`${at}.field`] ?? null;
      arm.source = frame.arrays[`${at}.source`] ?? null;
      arm.secreted_now = frame.arrays[`${at}.secreted`] ?? null;
      arm.level = frame.arrays[`${at}.level`]?.data ?? null;
      arm.levelEnds = frame.arrays[`${at}.level_ends`]?.data ?? null;
      if (arm.secreted.length > frame.secretedFrom) arm.secreted.length = frame.secretedFrom;
      arm.secreted.push(...frame.secreted[at]);
      if (arm.points.length > frame.from) arm.points.length = frame.from;
      arm.points.push(...frame.points[at]);
    }
    this.hour = frame.hour;
    this.end = frame.end;
    this.playing = frame.playing;
    this.ended = frame.ended;
    this.overlay = frame.overlay;
    this.speed = frame.speed;
    this.picked = frame.picked;
    if (frame.news) this.news = frame.news.map(([arm, hour, mark, text]) => ({ arm, hour, mark, text }));
    this.frames += 1;
  }

  // A measure at each of these points; `arm`: whose they are, for curves that only its scenario has.
  values(points, measure, arm) {
    const at = this.place(measure, arm);
    return points.map((point) => point[at]);
  }

  // Where a measure stands in the points of an arm; negative where they lack it.
  place(measure, arm) {
    if (this.places.has(measure)) return this.places.get(measure);
    const own = arm?.info?.own.curves.findIndex((one) => one.name === measure) ?? -1;
    return own < 0 ? own : this.places.size + own;
  }

  // Curves that scenarios of the arms declare of their own: {name: title} for the chart of this title.
  ownCurves(chart) {
    const found = this.list.flatMap((arm) => arm.info?.own.curves ?? []).filter((one) => one.chart === chart);
    return Object.fromEntries(found.map((one) => [one.name, one.title]));
  }

  // Fields that can be shown: those of the facts, and those of substances that scenarios of the arms declare.
  overlays(facts) {
    return Object.assign(Object.create(null), facts.overlays, facts.sourceOverlays, ...this.list.map((arm) => arm.info?.own.overlays ?? {}));
  }

  // Types of cells that scenarios of the arms declare: {slot, title}, each once. In arms that differ, one slot has several.
  ownCells() {
    const all = this.list.flatMap((arm) => (arm.info?.own.cells ?? []).map((title, slot) => ({ slot, title })));
    return all.filter((one, at) => all.findIndex((other) => other.slot === one.slot && other.title === one.title) === at);
  }

  // A measure of an arm now.
  latest(arm, measure) {
    return arm.points.at(-1)[this.places.get(measure)];
  }

  // How many clones of an arm have awakened.
  awakened(arm) {
    return arm.awoke.reduce((sum, hour) => sum + Number.isFinite(hour), 0);
  }

  // How each clone of an arm differs from its twin in another: 0 neither awoke, 1 only there, 2 both, 3 only here.
  classes(arm, other) {
    const own = arm.awoke, theirs = this.list[other].awoke;
    return Uint8Array.from(own, (hour, clone) => {
      const here = Number.isFinite(hour), there = Number.isFinite(theirs[clone] ?? Infinity);
      return here ? (there ? 2 : 3) : (there ? 1 : 0);
    });
  }
}

// A view by its letter and its title, which no other view has.
export function fullTitle(info) {
  return `${info.letter} ${info.title}`;
}

// When something was done to an arm, for the time axis: [{hour, text}].
export function marksOf(info) {
  const marks = info.infections.map((one) => ({ hour: one.time, text: `${one.virus}${one.dose === 1 ? "" : `, dose × ${one.dose}`}` }));
  info.changes.forEach((one) => marks.push({ hour: one.time, text: `${one.parameter} = ${one.value}` }));
  for (const one of info.treatments) {
    const name = treatmentName(one);
    if (one.start !== undefined) marks.push({ hour: one.start, text: `${name} starts` });
    if (one.stop) marks.push({ hour: one.stop, text: `${name} stops` });
  }
  return marks;
}

export function treatmentName(one) {
  if (one.drug) return `${one.type} (${one.drug})`;
  return one.cells ? `${one.type} of ${one.cells}` : one.type;
}
