// What happened: /api/v1/events, the newest first.

import {open_stream, Refused} from "./api.js";
import {by_id, h, set_text} from "./dom.js";
import {clock, count, duration, many, moment} from "./format.js";
import {events} from "./stream.js";

const kKept = 200;
const kDrawn = 60;
const kDrawEvery = 400;
// The relay says something every 15 s.
const kSilence = 40000;
const kAgain = 2000;
const kWhenFull = 30000;

const list = (text) => (text ? text : "nothing");
const kSentences = {
  "session-started": (data) => `session ${data.session} started: ${data.protocol}, ${data.first} and ${data.second}`,
  "session-ended": (data) =>
    `session ${data.session} ended after ${duration(data.lasted_s)}: ${data.reason}, by the ${data.by === "relay" ? "relay" : `${data.by} client`}`,
  refused: (data) =>
    `refused (${data.protocol}): ` +
    Object.entries(data.reasons)
      .map(([reason, times]) => `${reason} × ${count(times)}`)
      .join(", "),
  "drain-begun": (data) =>
    `drain begun${data.deadline ? `, until ${moment(data.deadline)}` : ", without a deadline"}${data.for_good ? "; the process ends with it" : ""}`,
  drained: () => "drained: nobody is left",
  "drain-ended": () => "clients are taken again",
  reloaded: (data) =>
    `reloaded: ${list(data.changed)} changed` +
    (data.needs_restart ? `; ${data.needs_restart} only with a restart` : ""),
  "reload-failed": (data) => `reload failed, all that runs stays: ${data.error}`,
  "keys-rotated": (data) => `classic's keys made anew, ${many(data.dropped, "key")} dropped`,
  "events-lost": (data) => `${many(data.events, "event")} missed: there were more than could be sent`,
};
const kKinds = {
  "session-started": "sessions",
  "session-ended": "sessions",
  refused: "refusals",
  "events-lost": "sessions",
};
const kind_of = (name) => kKinds[name] ?? "operation";

export const sentence = (name, data) => kSentences[name]?.(data) ?? `${name}: ${JSON.stringify(data)}`;

export class Happened {
  #news = [];
  #paused = false;
  #kept_back = 0;
  #draw_due = null;
  #following = null; // AbortController

  constructor() {
    by_id("pause").addEventListener("click", () => this.#pause(!this.#paused));
    by_id("kinds").addEventListener("change", () => this.#draw());
    this.#draw();
  }

  // For as long as the relay lets us in; begins anew by itself.
  follow() {
    if (this.#following) return;
    this.#following = new AbortController();
    this.#run(this.#following.signal);
  }

  stop() {
    this.#following?.abort();
    this.#following = null;
    this.#say("not connected");
  }

  async #run(signal) {
    while (!signal.aborted) {
      let pause = kAgain;
      try {
        await this.#read(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Refused && error.status === 503) {
          this.#say(error.message + "; asking again");
          pause = kWhenFull;
        }
      }
      if (pause === kAgain) this.#say("not connected");
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  async #read(signal) {
    const silent = new AbortController();
    let alarm;
    const heard = () => {
      clearTimeout(alarm);
      alarm = setTimeout(() => silent.abort(), kSilence);
    };
    heard();
    try {
      const body = await open_stream("/api/v1/events", AbortSignal.any([signal, silent.signal]));
      this.#say("live");
      for await (const event of events(body)) {
        heard();
        if (event) this.#add(event.name, JSON.parse(event.data));
      }
    } finally {
      clearTimeout(alarm);
    }
  }

  #say(text) {
    set_text(by_id("live"), this.#paused ? `paused, ${many(this.#kept_back, "event")} since` : text);
    by_id("live").className = `live ${text === "live" && !this.#paused ? "on" : "off"}`;
    this.said = text;
  }

  #pause(paused) {
    this.#paused = paused;
    this.#kept_back = 0;
    by_id("pause").setAttribute("aria-pressed", String(paused));
    this.#say(this.said);
    if (!paused) this.#draw();
  }

  #add(name, data) {
    this.#news.unshift({name, data, at: data.time ? new Date(data.time) : new Date()});
    this.#news.length = Math.min(this.#news.length, kKept);
    if (this.#paused) {
      ++this.#kept_back;
      this.#say(this.said);
      return;
    }
    this.#draw_due ??= setTimeout(() => {
      this.#draw_due = null;
      if (!this.#paused) this.#draw();
    }, kDrawEvery);
  }

  #draw() {
    const wanted = new Set([...document.querySelectorAll("#kinds input:checked")].map(({value}) => value));
    const shown = this.#news.filter(({name}) => wanted.has(kind_of(name))).slice(0, kDrawn);
    by_id("happened").replaceChildren(
      ...shown.map(({name, data, at}) =>
        h(
          "li",
          {class: kind_of(name)},
          h("time", {datetime: at.toISOString()}, clock(at)),
          " ",
          h("span", {}, sentence(name, data)),
        ),
      ),
    );
    by_id("nothing-happened").hidden = shown.length > 0;
  }
}
