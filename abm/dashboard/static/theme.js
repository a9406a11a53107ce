// Light or dark: as the system has it, or as it was chosen.

const KEY = "embers-theme";

export function toggleTheme() {
  const dark = document.documentElement.dataset.theme === "dark";
  localStorage.setItem(KEY, dark ? "light" : "dark");
  apply();
}

function apply() {
  const chosen = localStorage.getItem(KEY);
  const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", apply);
apply();
