// What may run out, and how near it is to that.

import {by_id, copy_query, h, set_text} from "./dom.js";
import {bytes, count, day, duration, kNone, many} from "./format.js";
import {metric, metric_by} from "./watch.js";

// Each row: {value, most} when there is a bound, so that there is a bar; `kind`: "good", "warn" or "bad".
const used = (share) => (share >= 0.95 ? "bad" : share >= 0.8 ? "warn" : "good");
const only = (text, kind = "good") => ({text, kind});

function connections({protocols, limits}) {
  const value = protocols.classic.connections + protocols.relay.connections;
  const most = limits.max_connections;
  if (!most) return only(`${count(value)}, no limit`);
  return {value, most, text: `${count(value)} of ${count(most)}`, kind: used(value / most)};
}

// It is kept in stock: little is bad.
function key_pool({key_pool: {ready, capacity, waiting, empty_for_s, keys}}) {
  if (!capacity) return only(keys === "shared" ? (ready ? "one, shared" : "one, not made yet") : "none kept");
  const empty = empty_for_s !== null || waiting > 0;
  const wait = empty ? `; ${many(waiting, "connection waits", "connections wait")}` : "";
  const kind = empty ? "bad" : ready / capacity < 0.2 ? "warn" : "good";
  return {value: ready, most: capacity, text: `${count(ready)} of ${count(capacity)}${wait}`, kind};
}

function certificate(status) {
  if (!status.certificate) return only("none: no relay/1");
  const {expires} = status.certificate;
  if (!expires) return only("self-signed, known by its pin");
  const left = (Date.parse(expires) - Date.now()) / 1000;
  const kind = left < 3 * 86400 ? "bad" : left < 21 * 86400 ? "warn" : "good";
  if (left <= 0) return only(`expired ${duration(-left)} ago`, kind);
  return only(`${duration(left)} left, until ${day(new Date(expires))}`, kind);
}

function workers({workers: {threads, queued, engine}}) {
  const kind = queued > 100 * threads ? "warn" : "good";
  return only(`${many(threads, "thread")}, ${count(queued)} queued, ${engine}`, kind);
}

function descriptors(status, metrics) {
  const value = metrics && metric(metrics, "process_open_fds");
  const most = metrics && metric(metrics, "process_max_fds");
  if (!value || !most) return only("not known");
  return {value, most, text: `${count(value)} of ${count(most)}`, kind: used(value / most)};
}

function refused(status, metrics) {
  if (!metrics) return only("not known");
  const reasons = metric_by(metrics, "parley_refused_total", "reason").filter(([, times]) => times > 0);
  if (!reasons.length) return only("nobody since the start");
  return only(reasons.map(([reason, times]) => `${reason} × ${count(times)}`).join(", "));
}

const kRows = [
  ["connections", connections, "sum(parley_connections)"],
  ["key pool", key_pool, "parley_key_pool_keys"],
  ["descriptors", descriptors, "process_open_fds / process_max_fds"],
  ["certificate", certificate, "parley_certificate_expiry_timestamp_seconds - time()"],
  ["held for clients", (status) => only(bytes(status.buffered_bytes)), "parley_buffered_bytes"],
  ["workers", workers, "parley_worker_queue"],
  ["refused", refused, "sum by (reason) (parley_refused_total)"],
];

function make_row(name, query) {
  const filled = h("span", {});
  const bar = h("span", {class: "bar", role: "meter", "aria-label": name, "aria-valuemin": 0, hidden: true}, filled);
  const detail = h("span", {class: "detail measured"}, kNone);
  const hint = "copies the query for Prometheus";
  const button = h("button", {type: "button", title: hint, onclick: () => copy_query(query)}, name);
  return {row: h("li", {}, button, bar, detail), filled, bar, detail};
}

function fill({filled, bar, detail}, {value, most, text, kind}) {
  bar.hidden = !most;
  detail.classList.toggle("alone", !most);
  bar.className = `bar ${kind}`;
  for (const one of ["good", "warn", "bad"]) detail.classList.toggle(one, one === kind);
  set_text(detail, text);
  if (!most) return;
  filled.style.width = `${(Math.min(1, value / most) * 100).toFixed(1)}%`;
  const values = {"aria-valuemax": most, "aria-valuenow": value, "aria-valuetext": text};
  for (const [name, given] of Object.entries(values)) bar.setAttribute(name, given);
}

export function make_shortage() {
  const rows = kRows.map(([name, of, query]) => ({...make_row(name, query), of}));
  by_id("shortage").replaceChildren(...rows.map(({row}) => row));

  return function draw({status, metrics}) {
    for (const row of rows) fill(row, row.of(status, metrics));
    set_text(by_id("pin"), status.certificate?.pin ?? kNone);
  };
}
