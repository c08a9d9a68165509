// The dashboard put together.

import {token} from "./api.js";
import {make_charts} from "./charts.js";
import {by_id, say, set_text} from "./dom.js";
import {duration} from "./format.js";
import {Happened} from "./happened.js";
import {draw_checks, draw_header} from "./header.js";
import {start_configuration, start_operating, undrain} from "./operate.js";
import {make_shortage} from "./shortage.js";
import {Table} from "./table.js";
import {start_theme} from "./theme.js";
import {make_tiles} from "./tiles.js";
import {Watch} from "./watch.js";

start_theme();
const watch = new Watch();
const happened = new Happened();
const table = new Table(watch);
const draw_tiles = make_tiles((state) => table.show(state));
const draw_charts = make_charts();
const draw_shortage = make_shortage();
const draw_operating = start_operating(watch);
start_configuration();

// What changes by the mere passing of time, too.
function draw_phase() {
  const {phase} = watch;
  document.body.dataset.phase = phase;
  draw_header(watch, () => undrain(watch));
  draw_operating();
  by_id("board").hidden = phase === "refused";
  by_id("gate").hidden = phase !== "refused";
  by_id("board").setAttribute("aria-busy", String(phase === "loading"));
}

function draw_gate() {
  if (!watch.refused) return;
  const unknown = watch.refused.status === 401;
  set_text(by_id("gate-text"), unknown ? "This relay wants its admin token." : "This relay lets nobody in from here.");
  set_text(by_id("gate-detail"), `${watch.refused.status} ${watch.refused.title}: ${watch.refused.message}`);
  by_id("gate-form").hidden = !unknown;
  if (unknown && document.activeElement === document.body) by_id("gate-token").focus();
}

watch.addEventListener("change", () => {
  draw_phase();
  draw_gate();
  if (watch.phase === "refused") happened.stop();
  if (watch.phase !== "live") return;
  draw_checks(watch);
  draw_tiles(watch);
  draw_charts(watch);
  draw_shortage(watch);
  table.refresh();
  happened.follow();
});

// Said once it is over: that it is lost is a banner.
let lost_since = null;
watch.addEventListener("change", () => {
  if (watch.phase === "lost") lost_since ??= watch.answered ?? new Date();
  if (watch.phase !== "live") return;
  if (lost_since) say(`The relay answers again, after ${duration((Date.now() - lost_since) / 1000)}.`);
  lost_since = null;
});

by_id("gate-form").addEventListener("submit", (event) => {
  event.preventDefault();
  token.set(by_id("gate-token").value.trim());
  by_id("gate-token").value = "";
  watch.ask_everything();
});

// Without an answer the curves go on, too: with nothing in them.
setInterval(() => {
  draw_phase();
  if (watch.phase === "lost" || watch.phase === "stale") draw_charts(watch);
}, 1000);
draw_phase();
watch.start();
