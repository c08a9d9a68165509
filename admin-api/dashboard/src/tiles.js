// Six numbers, each with its last five minutes, and each a way to what it is made of.

import {by_id, copy_query, h, set_text} from "./dom.js";
import {bytes, compact, count, kNone, latency} from "./format.js";
import {all_sessions, per_minute, total, worst} from "./samples.js";

const kSpan = 5 * 60 * 1000;
const kWidth = 100,
  kHeight = 28;

const kTiles = [
  {name: "sessions", of: all_sessions, text: count, filter: ""},
  {name: "waiting", of: (row) => total(row, "waiting"), text: count, filter: "waiting"},
  {
    name: "messages/s",
    of: (row) => total(row, "messages_per_s"),
    text: compact,
    query: "sum(rate(parley_messages_total[1m]))",
  },
  {
    name: "received/s",
    of: (row) => total(row, "received_bytes_per_s"),
    text: bytes,
    query: 'sum(rate(parley_bytes_total{direction="in"}[1m]))',
  },
  {
    name: "p99 relay",
    of: (row) => worst(row, "relay_p99_s"),
    text: latency,
    query: "histogram_quantile(0.99, sum by (le, protocol) (rate(parley_relay_seconds_bucket[1m])))",
  },
  {
    name: "refused/min",
    of: (row) => per_minute(total(row, "refused_per_s")),
    text: compact,
    query: "sum(rate(parley_refused_total[1m])) * 60",
  },
];

// A path with a gap wherever nothing was measured.
export function line(times, values, from, to) {
  const most = Math.max(...values.filter((value) => value !== null), 0) || 1;
  let path = "",
    pen = "M";
  values.forEach((value, i) => {
    if (value === null) {
      pen = "M";
      return;
    }
    const x = ((times[i] - from) / (to - from)) * kWidth;
    const y = kHeight - 1 - (value / most) * (kHeight - 3);
    path += `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = "L";
  });
  return path;
}

export function make_tiles(show_sessions) {
  const tiles = kTiles.map((tile) => {
    const curve = h("path", {});
    const value = h("span", {class: "value measured"}, kNone);
    const hint = tile.query ? "copies the query for Prometheus" : "shows them in the table";
    const button = h(
      "button",
      {
        type: "button",
        class: "tile",
        title: hint,
        onclick: () => (tile.query ? copy_query(tile.query) : show_sessions(tile.filter)),
      },
      h("span", {class: "name"}, tile.name),
      value,
      h("svg", {viewBox: `0 0 ${kWidth} ${kHeight}`, preserveAspectRatio: "none", "aria-hidden": "true"}, curve),
      h("span", {class: "unseen"}, `, ${hint}`),
    );
    return {...tile, curve, value, button};
  });
  by_id("tiles").replaceChildren(...tiles.map(({button}) => h("li", {}, button)));

  return function draw({samples}) {
    const now = Date.now();
    const {times, rows} = samples.since(now - kSpan);
    const last = samples.last();
    for (const tile of tiles) {
      const values = rows.map((row) => tile.of(row) ?? null);
      tile.curve.setAttribute(
        "d",
        line(
          times.map((time) => time * 1000),
          values,
          now - kSpan,
          now,
        ),
      );
      set_text(tile.value, tile.text(tile.of(last)));
    }
  };
}
