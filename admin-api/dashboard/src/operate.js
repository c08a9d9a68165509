// What an operator may change. Each asks first, and says what it will do to how many.

import {call, get, token} from "./api.js";
import {ask, choice, field} from "./dialog.js";
import {by_id, h, say, set_text} from "./dom.js";
import {count, day, duration, many, moment} from "./format.js";
import {sessions_now} from "./header.js";

// What was asked of the relay may wait for its threads.
const kPatience = 15000;
const kLevels = ["trace", "debug", "info", "warning", "error", "critical", "off"];

function seconds_of(values, usual) {
  if (values.deadline === "usual") return usual;
  return values.deadline === "none" ? null : Number(values.deadline);
}

function drain_text(status, values) {
  const {classic, relay} = status.protocols;
  const relay_sessions = relay.sessions.active + relay.sessions.held + relay.sessions.closing;
  const left = sessions_now(status);
  const deadline = seconds_of(values, status.deadlines.drain_s);
  const delay = status.deadlines.drain_delay_s;
  return [
    `Takes nobody new${delay ? ` from ${duration(delay)} on` : ""}, and sends ${many(classic.lobby_legs + relay.lobby_legs, "waiting client")} away.`,
    relay_sessions
      ? `The clients of ${many(relay_sessions, "session")} of relay/1 are told to come back elsewhere.`
      : "No session of relay/1 is there.",
    deadline === null
      ? `Nobody is sent away by force: ${many(left, "session")} may go on for as long as they like.`
      : `Ends what is left of ${many(left, "session")} in ${duration(deadline)}.`,
    "The process goes on, and can be made to take clients again.",
  ];
}

export function drain(watch) {
  const {status} = watch;
  const usual = status.deadlines.drain_s;
  ask({
    title: status.drain ? "Drain with another deadline?" : "Drain this relay?",
    text: (values) => drain_text(status, values),
    fields: [
      field(
        "deadline",
        choice(
          "deadline",
          [
            ["usual", `as configured (${usual === null ? "none" : duration(usual)})`],
            ["0", "at once"],
            ["30", "30 s"],
            ["300", "5 min"],
            ["3600", "1 h"],
            ["none", "none"],
          ],
          "usual",
        ),
      ),
    ],
    verb: "Drain",
    danger: true,
    act: async (values) => {
      const body = values.deadline === "usual" ? {} : {deadline_s: seconds_of(values)};
      const answer = await call("POST", "/api/v1/drain", body, kPatience);
      watch.ask_everything();
      return [
        `It drains since ${moment(answer.since)}, ${answer.deadline ? `until ${moment(answer.deadline)}` : "without a deadline"}.`,
      ];
    },
  });
}

export function undrain(watch) {
  ask({
    title: "Take clients again?",
    text: ["Ends the drain. Who has been told to go goes; who comes is taken, and may wait and meet as before."],
    verb: "Take clients again",
    act: async () => {
      await call("DELETE", "/api/v1/drain", undefined, kPatience);
      watch.ask_everything();
      return ["Clients are taken again (204)."];
    },
  });
}

const named = (certificate) =>
  `${certificate.fingerprint.slice(0, 16)}…${certificate.expires ? `, until ${day(new Date(certificate.expires))}` : ""}`;

function reload(watch) {
  const sessions = sessions_now(watch.status);
  ask({
    title: "Reload the configuration?",
    text: [
      "Reads the configuration again, and the files that it names: certificates, keys, the access file, limits.",
      `${many(sessions, "session goes", "sessions go")} on. When anything is wrong, nothing changes.`,
    ],
    verb: "Reload",
    act: async () => {
      const {changed, needs_restart, certificate} = await call("POST", "/api/v1/reload", {}, kPatience);
      watch.ask_everything();
      const {before, after} = certificate;
      return [
        changed.length ? `Changed: ${changed.join(", ")}.` : "Nothing has changed.",
        needs_restart.length && `Only with a restart: ${needs_restart.join(", ")}.`,
        after &&
          (before?.fingerprint === after.fingerprint
            ? `The certificate is the same: ${named(after)}.`
            : `The certificate was ${before ? named(before) : "none"}, and is ${named(after)}.`),
      ].filter(Boolean);
    },
  });
}

function rotate(watch) {
  const {key_pool} = watch.status;
  ask({
    title: "Make classic's keys anew?",
    text: [
      key_pool.keys === "shared"
        ? "The key that all classic clients share is replaced, once there is another."
        : `${many(key_pool.ready, "key")} that nobody has been given ${key_pool.ready === 1 ? "is" : "are"} dropped, and as many are made. Until then who comes may wait.`,
      `${many(watch.status.protocols.classic.sessions.active, "classic session keeps", "classic sessions keep")} the keys that they have.`,
    ],
    verb: "Make them anew",
    act: async () => {
      const {keys, dropped} = await call("POST", "/api/v1/keys/rotate", {}, kPatience);
      watch.ask_everything();
      return [
        keys === "shared"
          ? "A new shared key is being made."
          : `${many(dropped, "key")} dropped; as many are being made.`,
      ];
    },
  });
}

const in_words = ({level, configured, until}) =>
  level === configured && !until
    ? `The level is ${level}, as configured.`
    : `The level is ${level} ${until ? `until ${moment(until)}, then ${configured}` : `; configured is ${configured}`}.`;

async function log_level(watch) {
  let now;
  try {
    now = await get("/api/v1/log-level");
  } catch (error) {
    return say(`The log level was not read: ${error.message}`);
  }
  // What is wanted mostly: to see more for a time, and then that no longer.
  const other = now.level === now.configured ? "debug" : now.configured;
  ask({
    title: "Another log level?",
    text: ({level, time}) => [
      in_words(now),
      `The relay will log at “${level}” ${time ? `for ${duration(Number(time))}, and then go back to “${now.configured}”` : "until a reload changes it, or it ends"}. ` +
        (["trace", "debug"].includes(level)
          ? `With ${many(sessions_now(watch.status), "session")} that may be many lines.`
          : "Nobody who is connected notices."),
    ],
    fields: [
      field(
        "level",
        choice(
          "level",
          kLevels.map((level) => [level, level]),
          other,
        ),
      ),
      field(
        "for",
        choice(
          "time",
          [
            ["600", "10 min"],
            ["3600", "1 h"],
            ["86400", "1 d"],
            ["", "until a reload"],
          ],
          "600",
        ),
      ),
    ],
    verb: "Set it",
    act: async ({level, time}) => {
      const answer = await call("PUT", "/api/v1/log-level", {level, for_s: time ? Number(time) : null}, kPatience);
      watch.ask_everything();
      return [in_words(answer)];
    },
  });
}

function change_token(watch) {
  const input = h("input", {type: "password", name: "token", autocomplete: "off", spellcheck: "false"});
  ask({
    title: "The admin token",
    text: [
      token.get()
        ? "This tab has one. Another replaces it; none forgets it."
        : "What --admin-token-file holds. It is kept for this tab alone, and sent to this relay only.",
    ],
    fields: [field("token", input)],
    verb: token.get() ? "Replace or forget" : "Keep it",
    act: async ({token: given}) => {
      token.set(given.trim());
      watch.ask_everything();
      return [given.trim() ? "This tab has a token." : "This tab has no token."];
    },
  });
}

export function start_operating(watch) {
  const buttons = {
    drain: () => drain(watch),
    reload: () => reload(watch),
    rotate: () => rotate(watch),
    "log-level": () => log_level(watch),
  };
  for (const [id, act] of Object.entries(buttons)) by_id(id).addEventListener("click", () => watch.status && act());
  by_id("token").addEventListener("click", () => change_token(watch));

  return function draw() {
    const live = watch.phase === "live";
    for (const id of Object.keys(buttons)) by_id(id).disabled = !live;
    if (live) by_id("drain").disabled = Boolean(watch.status.drain?.for_good);
    const level = watch.log_level;
    set_text(
      by_id("log-level"),
      level ? `log: ${level.level}${level.until ? ` until ${moment(level.until)}` : ""}…` : "log level…",
    );
  };
}

// --- the configuration

export function start_configuration() {
  const details = by_id("configuration");
  const draw = async () => {
    if (!details.open) return;
    try {
      const {settings} = await get("/api/v1/config");
      const wanted = by_id("all-settings").checked ? settings : settings.filter(({source}) => source !== "default");
      by_id("settings").replaceChildren(
        ...wanted.map(({name, values, source, where}) =>
          h(
            "tr",
            {},
            h("th", {scope: "row", class: "mono"}, name),
            h("td", {class: "mono"}, values.join(", ")),
            h("td", {}, where ? `${source}: ${where}` : source),
          ),
        ),
      );
      set_text(
        by_id("settings-note"),
        `${count(wanted.length)} of ${many(settings.length, "option")}; secrets are shown as the file that they are in.`,
      );
    } catch (error) {
      set_text(by_id("settings-note"), `Not read: ${error.message}`);
    }
  };
  details.addEventListener("toggle", draw);
  by_id("all-settings").addEventListener("change", draw);
}
