// Elements without HTML text: nothing that a client says of itself can become markup.

// h("a", {class: "x", href: "#", onclick: f}, "text", child): `false`, null and undefined are left out.
export function h(tag, attributes = {}, ...children) {
  const svg = tag === "svg" || tag === "path";
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const by_id = (id) => document.getElementById(id);

// Touches the tree only where it differs, so that a screen reader is not told the same again.
export function set_text(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// To a screen reader alone, and once: what is seen changes every second.
export const announce = (text) => set_text(by_id("announcement"), text);

// Says something once, and takes it away again.
export function say(text) {
  const note = h("p", {}, text);
  by_id("notes").append(note);
  setTimeout(() => note.remove(), 8000);
}

// What a number is made of, to be asked of Prometheus.
export async function copy_query(query) {
  try {
    await navigator.clipboard.writeText(query);
    say(`Copied, for Prometheus: ${query}`);
  } catch {
    // A page that came without TLS from another host may not.
    say(`In Prometheus: ${query}`);
  }
}
