// The table of sessions: search, filters, sorting, pages, and ending one.

import {call} from "./api.js";
import {ask, is_asking} from "./dialog.js";
import {announce, by_id, h, set_text} from "./dom.js";
import {bytes, count, duration, kNone, latency, many, moment} from "./format.js";
import {Listing} from "./listing.js";

const kTyping = 250;
// All sessions are read seldom: they may be thousands.
const kReadAllEvery = 15000;

// A state or protocol of all, by the status: what a page does not tell.
function count_of(status, {protocol, state}) {
  const protocols = protocol ? [status.protocols[protocol]] : Object.values(status.protocols);
  const of = ({sessions}) => (state ? sessions[state] : sessions.active + sessions.held + sessions.closing);
  return protocols.reduce((sum, one) => sum + of(one), 0);
}

function client(leg) {
  if (!leg) return kNone;
  const what = leg.rsa_bits ? `RSA ${leg.rsa_bits}` : leg.client;
  return h(
    "span",
    {class: "leg"},
    h("span", {class: "mono"}, leg.address),
    what && h("span", {class: "what"}, what),
    leg.lost && h("span", {class: "what warn"}, "lost"),
  );
}

const way = (arrow, label, leg) =>
  h(
    "span",
    {class: "way"},
    h("span", {role: "img", "aria-label": label}, arrow),
    ` ${count(leg.messages_in)} · ${bytes(leg.bytes_in)}`,
  );
const held = (session) => session.legs.reduce((sum, leg) => sum + leg.buffered_bytes, 0);

function cells(session) {
  const [first, second] = session.legs;
  return {
    id: h(
      "span",
      {class: "id", title: session.name ? `${session.id}, ${session.name}` : session.id},
      h("span", {class: "mono"}, h("span", {class: "dim"}, session.id.slice(0, 8)), session.id.slice(8)),
      session.name && h("span", {class: "what"}, session.name),
    ),
    protocol: session.protocol,
    state: h(
      "span",
      {class: `pill ${session.state}`},
      session.state + (session.resumptions ? ` ↻${session.resumptions}` : ""),
    ),
    since: moment(session.started),
    first: client(first),
    second: client(second),
    carried: second ? h("span", {}, way("→", "from the first", first), way("←", "from the second", second)) : kNone,
    held: held(session) ? bytes(held(session)) : kNone,
    idle: session.idle_s === null ? kNone : duration(session.idle_s),
    rtt: session.legs.map((leg) => latency(leg.round_trip_s)).join(" / "),
  };
}

const kNames = {
  id: "id",
  protocol: "protocol",
  state: "state",
  since: "since",
  first: "first",
  second: "second",
  carried: "messages",
  held: "held",
  idle: "idle",
  rtt: "rtt",
};

function end(session, reload) {
  const [first, second] = session.legs;
  ask({
    title: `End session ${session.id}?`,
    text: [
      `${session.protocol}, since ${moment(session.started)}: ${first.address} and ${second.address}.`,
      "Both clients are given what is queued for them" +
        (held(session) ? ` (${bytes(held(session))})` : "") +
        (session.protocol === "relay"
          ? ", and told that an operator has ended it; they cannot resume it."
          : ", and then cut off."),
    ],
    verb: "End it",
    danger: true,
    act: async () => {
      await call("DELETE", `/api/v1/sessions/${session.id}`);
      reload();
      return ["It ends (204)."];
    },
  });
}

export class Table {
  #listing = new Listing();
  #rows = new Map(); // by id: {row, session}
  #newest_load = 0;
  #loading = 0;
  #loaded = 0; // milliseconds
  #chosen = false; // by somebody, who wants to hear what came of it
  #watch;

  constructor(watch) {
    this.#watch = watch;
    let typing;
    by_id("search").addEventListener("input", ({target}) => {
      clearTimeout(typing);
      typing = setTimeout(() => this.choose({search: target.value.trim()}), kTyping);
    });
    for (const name of ["protocol", "state"])
      by_id(name).addEventListener("change", ({target}) => this.choose({[name]: target.value}));
    for (const button of document.querySelectorAll("th button"))
      button.addEventListener("click", () => this.#sort(button.dataset.order));
    by_id("before").addEventListener("click", () => this.#turn(-1));
    by_id("after").addEventListener("click", () => this.#turn(1));
  }

  choose(changes) {
    this.#listing.choose(changes);
    for (const name of ["protocol", "state"]) by_id(name).value = this.#listing[name];
    const {order, descending} = this.#listing;
    for (const header of document.querySelectorAll("th[aria-sort]")) {
      const mine = header.querySelector("button").dataset.order === order;
      header.setAttribute("aria-sort", mine ? (descending ? "descending" : "ascending") : "none");
    }
    this.#chosen = true;
    return this.load();
  }

  show(state) {
    by_id("search").value = "";
    this.choose({state, protocol: "", search: "", order: "started", descending: true});
    by_id("sessions").scrollIntoView({behavior: "smooth"});
    by_id("state").focus({preventScroll: true});
  }

  // Again, unless somebody is deciding on what it shows, or nobody looks.
  refresh() {
    const due = this.#listing.plain || Date.now() >= this.#loaded + kReadAllEvery;
    if (due && !this.#loading && !is_asking() && !document.hidden) this.load();
  }

  async load() {
    const number = ++this.#newest_load;
    ++this.#loading;
    try {
      const listed = await this.#listing.load();
      if (number !== this.#newest_load) return;
      // Those of the last page have ended.
      if (!listed.rows.length && this.#listing.page > 0) return this.#turn(-1);
      this.#draw(listed);
      if (this.#chosen) announce(by_id("range").textContent + " sessions");
      this.#chosen = false;
    } catch (error) {
      if (number === this.#newest_load) set_text(by_id("range"), `not read: ${error.message}`);
    } finally {
      --this.#loading;
      this.#loaded = Date.now();
    }
  }

  #sort(order) {
    const descending = this.#listing.order === order ? !this.#listing.descending : true;
    this.choose({order, descending});
  }

  #turn(by) {
    this.#listing.page += by;
    this.#chosen = true;
    this.load();
  }

  #draw(listed) {
    const body = by_id("rows");
    const next = new Map();
    for (const session of listed.rows)
      next.set(session.id, {session, row: this.#rows.get(session.id)?.row ?? this.#make_row(session.id)});
    this.#rows = next;
    for (const {row, session} of next.values()) this.#fill(row, session);
    // Moves only what has to be moved: a row that has the focus keeps it.
    for (const row of [...body.children]) if (!next.has(row.dataset.id)) row.remove();
    let place = body.firstElementChild;
    for (const {row} of next.values()) {
      if (row === place) place = place.nextElementSibling;
      else body.insertBefore(row, place);
    }
    this.#draw_frame(listed);
  }

  #make_row(id) {
    const row = h(
      "tr",
      {role: "row", "data-id": id},
      Object.entries(kNames).map(([name, label]) => h("td", {role: "cell", class: name, "data-label": label})),
    );
    const button = h(
      "button",
      {
        type: "button",
        class: "end",
        "aria-label": `end session ${id}`,
        onclick: () => end(this.#rows.get(id).session, () => this.load()),
      },
      "end…",
    );
    row.append(h("td", {role: "cell", class: "do"}, button));
    return row;
  }

  #fill(row, session) {
    const made = cells(session);
    Object.keys(kNames).forEach((name, i) => {
      const fresh = typeof made[name] === "string" ? document.createTextNode(made[name]) : made[name];
      // What somebody has selected stays selected.
      if (!row.children[i].firstChild?.isEqualNode(fresh)) row.children[i].replaceChildren(fresh);
    });
    row.lastElementChild.firstElementChild.hidden = session.legs.length < 2;
  }

  #draw_frame({rows, first, more, of, incomplete, capped}) {
    const {status} = this.#watch;
    const all = of ?? (status ? Math.max(count_of(status, this.#listing), first + rows.length) : null);
    const notes = [
      capped && "of the newest 20,000 only",
      incomplete && "a thread has not answered: some are missing",
    ].filter(Boolean);
    set_text(
      by_id("range"),
      (rows.length ? `${count(first + 1)}–${count(first + rows.length)} of ${count(all)}` : "none") +
        (notes.length ? ` (${notes.join("; ")})` : ""),
    );
    by_id("before").disabled = this.#listing.page === 0;
    by_id("after").disabled = !more;
    const empty = by_id("no-rows");
    empty.hidden = rows.length > 0;
    by_id("listed").hidden = rows.length === 0;
    if (!rows.length) set_text(empty, this.#nothing());
  }

  #nothing() {
    const {search, protocol, state} = this.#listing;
    if (search)
      return `Nothing matches “${search}”. The search looks at addresses, ids, names and what clients say that they are.`;
    if (state === "waiting") return "Nobody waits for a partner.";
    const total = this.#watch.status ? count_of(this.#watch.status, {protocol: "", state: ""}) : 0;
    if ((protocol || state) && total)
      return `No session is like this; there ${total === 1 ? "is" : "are"} ${many(total, "other")}.`;
    return "There are no sessions. When two clients meet, they are listed here.";
  }
}
