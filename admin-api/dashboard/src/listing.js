// Which sessions the table shows, and where they come from. As the relay gives them, newest first, a page is asked for by
// its cursor. To search and to sort takes all of them: they are read page by page, up to a bound that is told.

import {get} from "./api.js";

export const kPage = 50;
const kRead = 1000;
const kMostRead = 20000;

const sum = (session, name) => session.legs.reduce((all, leg) => all + leg[name], 0);
const slowest = (session) => Math.max(...session.legs.map((leg) => leg.round_trip_s ?? -1));
export const kOrders = {
  started: (session) => session.started,
  idle: (session) => session.idle_s,
  carried: (session) => sum(session, "bytes_in"),
  held: (session) => sum(session, "buffered_bytes"),
  rtt: slowest,
};

const texts = (session) => [
  session.id,
  session.name,
  ...session.legs.flatMap((leg) => [leg.id, leg.address, leg.client]),
];
export const matches = (session, search) => texts(session).some((text) => text?.toLowerCase().includes(search));

// A leg that waits looks like a session of one.
const of_waiting = (leg) => ({
  id: leg.id,
  protocol: leg.protocol,
  name: null,
  state: leg.in_transit ? "moving" : "waiting",
  started: leg.connected,
  idle_s: null,
  resumptions: 0,
  legs: [leg],
});

export class Listing {
  protocol = "";
  state = "";
  search = "";
  order = "started";
  descending = true;
  page = 0;
  #cursors = [null]; // of each page that has been seen

  get plain() {
    return !this.search && this.order === "started" && this.descending && this.state !== "waiting";
  }

  choose(changes) {
    Object.assign(this, changes);
    this.page = 0;
    this.#cursors = [null];
  }

  // {rows, first, more, incomplete, of: how many match or null for "see the status", capped}
  async load() {
    if (this.state === "waiting") return this.#cut(await this.#waiting());
    return this.plain ? this.#one_page() : this.#cut(await this.#all());
  }

  async #one_page() {
    const page = await this.#get(kPage, this.#cursors[this.page]);
    if (page.next_cursor) this.#cursors[this.page + 1] = page.next_cursor;
    return {
      rows: page.sessions,
      first: this.page * kPage,
      more: page.next_cursor !== null,
      incomplete: page.incomplete,
      of: null,
      capped: false,
    };
  }

  async #all() {
    const sessions = [];
    let cursor = null,
      incomplete = false;
    do {
      const page = await this.#get(kRead, cursor);
      sessions.push(...page.sessions);
      incomplete ||= page.incomplete;
      cursor = page.next_cursor;
    } while (cursor !== null && sessions.length < kMostRead);
    return {sessions, incomplete, capped: cursor !== null};
  }

  async #waiting() {
    const lobby = await get("/api/v1/lobby");
    return {
      sessions: lobby.legs.filter((leg) => !this.protocol || leg.protocol === this.protocol).map(of_waiting),
      incomplete: lobby.incomplete,
      capped: false,
    };
  }

  #cut({sessions, incomplete, capped}) {
    const search = this.search.toLowerCase();
    const found = search ? sessions.filter((session) => matches(session, search)) : sessions;
    const key = kOrders[this.order];
    found.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0) * (this.descending ? -1 : 1));
    this.page = Math.min(this.page, Math.max(0, Math.ceil(found.length / kPage) - 1));
    const first = this.page * kPage;
    return {
      rows: found.slice(first, first + kPage),
      first,
      more: found.length > first + kPage,
      incomplete,
      of: found.length,
      capped,
    };
  }

  #get(limit, cursor) {
    const query = new URLSearchParams({limit});
    if (this.protocol) query.set("protocol", this.protocol);
    if (this.state) query.set("state", this.state);
    if (cursor) query.set("cursor", cursor);
    return get(`/api/v1/sessions?${query}`);
  }
}
