// Asks the relay how it is, every few seconds, for as long as the page is open; and notices when it does not answer.

import {get, get_text, Refused} from "./api.js";
import {Samples} from "./samples.js";

const kEvery = 5000;
const kWhenLost = 2000;
const kSlowEvery = 15000; // what seldom changes, or costs more to ask for
// When it has been asked, and has not answered for so long, what is shown is old, and then the relay lost.
const kStale = 2500;
const kLost = 8000;

export class Watch extends EventTarget {
  samples = new Samples();
  status = null;
  ready = null; // {ok, lines}
  metrics = null; // text
  log_level = null;
  refused = null; // Refused, when it answers and does not let us in
  #answered = null; // milliseconds
  #asked = null; // the first time since then; a browser asks seldom for a page that nobody sees
  #failures = 0;
  #slow_at = 0;
  #timer = null;
  #under_way = false;
  #again = false;

  // "loading", "live", "stale", "lost", "refused"
  get phase() {
    if (this.refused) return "refused";
    const waited = this.#asked === null ? 0 : Date.now() - this.#asked;
    if (this.#failures > 1 || waited >= kLost) return "lost";
    if (this.#answered === null) return "loading";
    return waited >= kStale ? "stale" : "live";
  }

  // Seconds since it answered.
  get silence() {
    return this.#answered === null ? 0 : (Date.now() - this.#answered) / 1000;
  }
  get answered() {
    return this.#answered === null ? null : new Date(this.#answered);
  }

  start() {
    document.addEventListener("visibilitychange", () => document.hidden || this.ask());
    this.ask();
  }

  // Now, and then on from there.
  async ask() {
    this.#again = this.#under_way;
    if (this.#under_way) return;
    this.#under_way = true;
    clearTimeout(this.#timer);
    this.#asked ??= Date.now();
    try {
      await this.#ask_all();
      this.#answered = Date.now();
      this.#asked = null;
      this.#failures = 0;
      this.refused = null;
    } catch (error) {
      if (error instanceof Refused && [401, 403].includes(error.status)) {
        this.refused = error;
        this.#answered = this.#asked = null;
        this.#failures = 0;
      } else {
        ++this.#failures;
      }
    }
    this.#under_way = false;
    this.#timer = setTimeout(() => this.ask(), this.#again ? 0 : this.#failures ? kWhenLost : kEvery);
    this.dispatchEvent(new Event("change"));
  }

  async #ask_all() {
    // First alone: the others cannot go well without it.
    const status = await get("/api/v1/status");
    const [ready, history] = await Promise.all([
      get_text("/readyz?verbose"),
      get(`/api/v1/history?minutes=${this.#missing()}`),
    ]);
    this.samples.merge(history);
    this.status = status;
    this.ready = {
      ok: ready.ok,
      lines: ready.text
        .trim()
        .split("\n")
        .filter((line) => line.startsWith("[")),
    };
    if (Date.now() < this.#slow_at) return;
    this.#slow_at = Date.now() + kSlowEvery;
    const [metrics, level] = await Promise.allSettled([get_text("/metrics"), get("/api/v1/log-level")]);
    this.metrics = metrics.value?.ok ? metrics.value.text : null;
    this.log_level = level.value ?? null;
  }

  // After a change, also what is asked for seldom.
  ask_everything() {
    this.#slow_at = 0;
    return this.ask();
  }

  #missing() {
    const newest = this.samples.newest();
    if (newest === null) return 60;
    return Math.min(60, Math.max(1, Math.ceil((Date.now() - newest) / 60000) + 1));
  }
}

// The sum of a metric's values in Prometheus' text format; null without any.
export function metric(text, name) {
  let sum = null;
  for (const [, labels] of text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, "gm")))
    sum = (sum ?? 0) + Number(labels);
  return sum;
}

// [[label's value, sum]], the largest first.
export function metric_by(text, name, label) {
  const sums = new Map();
  for (const [, labels, value] of text.matchAll(new RegExp(`^${name}\\{([^}]*)\\} (\\S+)`, "gm"))) {
    const key = labels.match(new RegExp(`(?:^|,)${label}="([^"]*)"`))?.[1];
    if (key !== undefined) sums.set(key, (sums.get(key) ?? 0) + Number(value));
  }
  return [...sums].sort((a, b) => b[1] - a[1]);
}
