// Asks before anything changes, and shows the relay's own answer, also when it did not do it.

import {Refused} from "./api.js";
import {by_id, h} from "./dom.js";

export const is_asking = () => by_id("dialog").open;

function failure(error) {
  if (error instanceof Refused) return [`The relay refused (${error.status} ${error.title}):`, error.message];
  if (error.name === "TimeoutError") return ["No answer came in time. It may be done yet: look again."];
  return [`The relay was not reached, so it is not known whether it has been done: ${error.message}`];
}

// A dialog with one answer. `text`: lines that say what it will do to how many, or a function of the fields' values that
// does. `fields`: elements with names. `act(values)` does it, and returns lines that say what came of it.
export function ask({title, text, fields = [], verb, danger = false, act}) {
  const dialog = by_id("dialog");
  const consequences = h("div", {class: "consequences", id: "dialog-text"});
  const answer = h("div", {class: "answer", role: "status"});
  const cancel = h("button", {type: "button"}, "Cancel");
  const submit = h("button", {type: "submit", class: danger ? "danger" : "primary"}, verb);
  const form = h(
    "form",
    {},
    h("h2", {id: "dialog-title"}, title),
    consequences,
    fields,
    answer,
    h("div", {class: "buttons"}, cancel, submit),
  );
  const values = () => Object.fromEntries(new FormData(form));
  const show = () => {
    const lines = typeof text === "function" ? text(values()) : text;
    consequences.replaceChildren(...lines.map((line) => h("p", {}, line)));
  };
  const close = () => dialog.close();

  form.addEventListener("input", show);
  cancel.addEventListener("click", close);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = values();
    submit.disabled = true;
    answer.className = "answer";
    answer.replaceChildren(h("p", {}, "Asked; waiting for the answer…"));
    let lines,
      ok = true;
    try {
      lines = await act(given);
    } catch (error) {
      lines = failure(error);
      ok = false;
    }
    answer.className = `answer ${ok ? "done" : "failed"}`;
    answer.replaceChildren(...lines.map((line) => h("p", {}, line)));
    cancel.textContent = "Close";
    if (ok) submit.remove();
    else submit.disabled = false;
    cancel.focus();
  });
  dialog.replaceChildren(form);
  show();
  dialog.showModal();
  // Not what does it: a key pressed once too often must change nothing.
  (form.querySelector("input, select") ?? cancel).focus();
}

export function field(label, control) {
  return h("label", {class: "field"}, h("span", {}, label), control);
}
export function choice(name, options, chosen) {
  return h(
    "select",
    {name},
    options.map(([value, text]) => h("option", {value, selected: value === chosen}, text)),
  );
}
