// Light, dark, or as the system has it; and colours for what is drawn on a canvas.

import {by_id, set_text} from "./dom.js";

const kName = "parley-theme";
const kNext = {auto: "light", light: "dark", dark: "auto"};
const kListeners = [];
let colours = new Map();

export function on_theme(listener) {
  kListeners.push(listener);
}

// `name`: a property of style.css, resolved for the theme that is.
export function colour(name) {
  if (!colours.has(name)) {
    const probe = by_id("probe");
    probe.style.color = `var(--${name})`;
    colours.set(name, getComputedStyle(probe).color);
  }
  return colours.get(name);
}

function apply(theme) {
  document.documentElement.dataset.theme = theme;
  set_text(by_id("theme"), `theme: ${theme}`);
  changed();
}

function changed() {
  colours = new Map();
  for (const listener of kListeners) listener();
}

export function start_theme() {
  apply(localStorage.getItem(kName) ?? "auto");
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  by_id("theme").addEventListener("click", () => {
    const next = kNext[document.documentElement.dataset.theme];
    localStorage.setItem(kName, next);
    apply(next);
  });
}
