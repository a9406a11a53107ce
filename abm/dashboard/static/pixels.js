// Colors as numbers, and the kinds of sites over which fields lie (abm/rules/states.py).

export const SEPTUM = 0, INTERSTITIUM = 3;

export function packed([red, green, blue]) {
  return (255 << 24 | blue << 16 | green << 8 | red) >>> 0;
}

export function mixed(one, other, share) {
  return one.map((part, at) => Math.round(part * (1 - share) + other[at] * share));
}
