// Who it is and how it is: the first line, the banner below it, and the title of the tab.

import {announce, by_id, h, set_text} from "./dom.js";
import {clock, count, duration, many, moment} from "./format.js";
import {all_sessions} from "./samples.js";

const kWords = {loading: "asking…", stale: "no answer", lost: "lost", refused: "not let in"};

const kAnnounced = {
  loading: "Asking the relay how it is.",
  lost: "The relay does not answer.",
  refused: "The relay wants a token, or lets nobody in.",
};

function state_of(watch) {
  if (watch.phase !== "live") return watch.phase === "stale" ? "lost" : watch.phase;
  if (watch.status.state !== "ready") return watch.status.state;
  return watch.ready.ok ? "ready" : "not-ready";
}

function word(watch, state) {
  if (watch.phase !== "live" && watch.answered) return `no answer for ${duration(watch.silence)}`;
  return kWords[watch.phase] ?? state.replace("-", " ");
}

export const sessions_now = (status) =>
  Object.values(status.protocols).reduce(
    (sum, {sessions}) => sum + sessions.active + sessions.held + sessions.closing,
    0,
  );

function until(deadline) {
  const left = (Date.parse(deadline) - Date.now()) / 1000;
  return left > 0 ? `in ${duration(left)}` : "now";
}

function draining(status) {
  const {since, deadline, for_good} = status.drain ?? {};
  const left = sessions_now(status);
  const who =
    left === 0
      ? "Nobody is left."
      : `${many(left, "session is", "sessions are")} left` +
        (deadline ? `; whoever is there ${until(deadline)} is sent away.` : ", and may stay: there is no deadline.");
  return (
    `Draining${since ? ` since ${moment(since)}` : ""}: nobody new is taken. ${who}` +
    (for_good ? " A signal has asked for it: the process ends with it." : "")
  );
}

// [kind, sentence]; null when all is well.
function banner(watch) {
  const {phase, status} = watch;
  if (phase === "loading") return ["info", "Asking the relay how it is…"];
  if (phase === "lost" && !watch.answered) return ["bad", "The relay does not answer. It is asked again every 2 s."];
  if (phase === "lost" || phase === "stale") {
    const shown = `What is shown is of ${clock(watch.answered)}`;
    return ["bad", `The relay does not answer. ${shown}; it is asked again every 2 s.`];
  }
  if (phase === "refused") return null;
  if (status.state === "draining") return ["warn", draining(status)];
  if (status.state === "starting") return ["info", "The relay is starting: nobody is taken yet."];
  if (status.state === "stopped") return ["bad", "The relay has stopped, and ends."];
  if (!watch.ready.ok) return ["bad", "Not ready: " + failed_checks(watch).join("; ")];
  return null;
}

const failed_checks = (watch) =>
  watch.ready.lines.filter((line) => line.startsWith("[-]")).map((line) => line.slice(4));

export function draw_header(watch, undrain) {
  const {status} = watch;
  const state = state_of(watch);
  const badge = by_id("state-badge");
  badge.className = `health ${state}`;
  set_text(badge.lastElementChild, word(watch, state));
  announce(kAnnounced[state] ?? `The relay is ${state.replace("-", " ")}.`);
  if (status) {
    set_text(
      by_id("which"),
      `${location.host} · ${status.version} (${status.commit}) · up ${duration(status.uptime_s)}`,
    );
    by_id("which").title = `since ${moment(status.started)}, ${status.openssl}, ${many(status.shards, "shard")}`;
  }
  document.title =
    watch.phase === "live"
      ? `${state === "ready" ? count(all_sessions(watch.samples.last())) : state} · parleyd`
      : `(${word(watch, state)}) parleyd`;
  const said = banner(watch);
  const element = by_id("banner");
  element.hidden = !said;
  if (!said) return;
  element.className = `banner ${said[0]}`;
  set_text(by_id("banner-text"), said[1]);
  const may_undrain = watch.phase === "live" && status.drain && !status.drain.for_good;
  const button = by_id("banner-action");
  button.hidden = !may_undrain;
  button.onclick = undrain;
}

// The lines of /readyz?verbose, with a mark and a word for each.
const kMarks = {"[+]": ["good", "✓", "well"], "[-]": ["bad", "✗", "failed"], "[!]": ["warn", "!", "runs short"]};
export function draw_checks(watch) {
  if (!watch.ready) return;
  by_id("checks").replaceChildren(
    ...watch.ready.lines.map((line) => {
      const [kind, mark, word] = kMarks[line.slice(0, 3)] ?? ["", "", ""];
      const [name, ...detail] = line.slice(4).split(": ");
      return h(
        "li",
        {},
        h("span", {class: `mark ${kind}`, role: "img", "aria-label": word}, mark),
        h("span", {class: "name"}, name),
        h("span", {class: "detail"}, detail.join(": ")),
      );
    }),
  );
}
