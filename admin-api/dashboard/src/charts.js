// Curves of the last minutes. A moment that is pointed at in one is shown in all.

import uPlot from "uplot";

import {by_id, h, set_text} from "./dom.js";
import {bytes, clock, compact, count, kNone, latency} from "./format.js";
import {per_minute, total} from "./samples.js";
import {colour, on_theme} from "./theme.js";

const kHeight = 150;
const of = (name) => (row) => row[name];

// `least`: how high a chart without anything in it is.
const kCharts = [
  {
    title: "sessions",
    least: 4,
    text: count,
    lines: [
      {label: "classic", colour: "curve-1", of: of("classic.sessions_active")},
      {label: "relay", colour: "curve-2", of: of("relay.sessions_active")},
      {label: "held", colour: "curve-3", dash: [5, 3], of: (row) => total(row, "sessions_held")},
      {label: "closing", colour: "curve-4", dash: [2, 3], of: (row) => total(row, "sessions_closing")},
    ],
  },
  {
    title: "messages a second",
    least: 1,
    text: compact,
    lines: [
      {label: "classic", colour: "curve-1", of: of("classic.messages_per_s")},
      {label: "relay", colour: "curve-2", of: of("relay.messages_per_s")},
    ],
  },
  {
    title: "bytes a second",
    least: 1000,
    text: bytes,
    lines: [
      {label: "received", colour: "curve-1", of: (row) => total(row, "received_bytes_per_s")},
      {label: "sent", colour: "curve-2", dash: [5, 3], of: (row) => total(row, "sent_bytes_per_s")},
    ],
  },
  {
    title: "time through the relay",
    least: 0.001,
    text: latency,
    lines: [
      {label: "classic p50", colour: "curve-1", dash: [5, 3], of: of("classic.relay_p50_s")},
      {label: "classic p99", colour: "curve-1", of: of("classic.relay_p99_s")},
      {label: "relay p50", colour: "curve-2", dash: [5, 3], of: of("relay.relay_p50_s")},
      {label: "relay p99", colour: "curve-2", of: of("relay.relay_p99_s")},
    ],
  },
  {
    title: "refused a minute",
    least: 1,
    text: compact,
    lines: [
      {label: "classic", colour: "curve-1", of: (row) => per_minute(row["classic.refused_per_s"])},
      {label: "relay", colour: "curve-2", of: (row) => per_minute(row["relay.refused_per_s"])},
    ],
  },
  {
    title: "what lags",
    least: 1,
    text: compact,
    lines: [
      {
        label: "slowest loop, ms",
        colour: "curve-3",
        of: (row) => (row.loop_lag_s === undefined ? null : row.loop_lag_s * 1000),
      },
      {label: "work queued", colour: "curve-4", dash: [5, 3], of: of("worker_queue")},
    ],
  },
];

class Chart {
  #legend;
  #plot;
  #chosen = null; // an index into the times

  constructor(chart, span) {
    this.chart = chart;
    this.#legend = chart.lines.map((line) => h("span", {class: "of measured"}, kNone));
    this.canvas = h("div", {class: "curves", role: "img"});
    this.element = h(
      "figure",
      {},
      h(
        "figcaption",
        {},
        h("strong", {}, chart.title),
        chart.lines.map((line, i) =>
          h(
            "span",
            {class: "line"},
            h("i", {class: `key ${line.colour}${line.dash ? " dashed" : ""}`, "aria-hidden": "true"}),
            line.label + " ",
            this.#legend[i],
          ),
        ),
      ),
      this.canvas,
    );
    this.#plot = new uPlot(this.#options(span), [[], ...chart.lines.map(() => [])], this.canvas);
    new ResizeObserver(([entry]) =>
      this.#plot.setSize({width: Math.floor(entry.contentRect.width), height: kHeight}),
    ).observe(this.canvas);
  }

  #options(span) {
    const {chart} = this;
    const axis = {
      stroke: () => colour("muted"),
      grid: {stroke: () => colour("grid"), width: 1},
      ticks: {show: false},
      font: "11px system-ui, sans-serif",
    };
    return {
      width: 300,
      height: kHeight,
      legend: {show: false},
      cursor: {sync: {key: "parley"}, drag: {x: false, y: false}, points: {size: 6}},
      scales: {
        x: {range: () => [Date.now() / 1000 - span() * 60, Date.now() / 1000]},
        y: {range: (plot, least, most) => [0, most > 0 ? most * 1.1 : chart.least]},
      },
      axes: [
        {
          ...axis,
          size: 24,
          space: 60,
          values: (plot, ticks) => ticks.map((tick) => clock(new Date(tick * 1000), false)),
        },
        {...axis, size: 54, space: 32, values: (plot, ticks) => ticks.map((tick) => chart.text(tick))},
      ],
      series: [
        {},
        ...chart.lines.map((line) => ({
          stroke: () => colour(line.colour),
          width: 1.5,
          dash: line.dash,
          points: {show: false},
        })),
      ],
      hooks: {setCursor: [(plot) => this.#choose(plot.cursor.idx)]},
    };
  }

  #choose(index) {
    const given = index ?? null;
    if (given === this.#chosen) return;
    this.#chosen = given;
    this.#show_values();
    this.on_choice?.(given);
  }

  #show_values() {
    const [times, ...columns] = this.#plot.data;
    const at = this.#chosen ?? times.length - 1;
    columns.forEach((column, i) => set_text(this.#legend[i], this.chart.text(column[at])));
  }

  draw(times, rows) {
    const columns = this.chart.lines.map((line) => rows.map((row) => line.of(row) ?? null));
    this.#plot.setData([times, ...columns]);
    this.#show_values();
    const text = this.chart.lines.map((line, i) => {
      const known = columns[i].filter((value) => value !== null);
      return known.length
        ? `${line.label} ${this.chart.text(known.at(-1))}, at most ${this.chart.text(Math.max(...known))}`
        : `${line.label} not measured`;
    });
    this.canvas.setAttribute("aria-label", `${this.chart.title}: ${text.join("; ")}`);
  }

  // null: nowhere.
  point_at(time) {
    const left = time === null ? -10 : this.#plot.valToPos(time, "x");
    this.#plot.setCursor({left, top: time === null ? -10 : 10});
  }

  redraw() {
    this.#plot.redraw();
  }
}

export function make_charts() {
  const span = () => Number(document.querySelector("input[name=span]:checked").value);
  const charts = kCharts.map((chart) => new Chart(chart, span));
  by_id("charts").replaceChildren(...charts.map(({element}) => element));
  const slider = by_id("moment");
  let times = [];
  let redraw = () => {};

  const name_moment = (index) => {
    const text = index === null || !times[index] ? "now" : clock(new Date(times[index] * 1000));
    set_text(by_id("moment-text"), text);
    slider.setAttribute("aria-valuetext", text);
  };
  charts[0].on_choice = name_moment;
  let held = null; // the moment that the slider is at, in seconds; null: now
  const hold = () => {
    const index =
      held === null
        ? times.length - 1
        : Math.max(
            0,
            times.findLastIndex((time) => time <= held),
          );
    slider.value = String(Math.max(index, 0));
    for (const chart of charts) chart.point_at(held === null ? null : times[index]);
    name_moment(held === null ? null : index);
  };
  slider.addEventListener("input", () => {
    const index = Number(slider.value);
    held = index < times.length - 1 ? times[index] : null;
    hold();
  });
  slider.addEventListener("blur", () => {
    held = null;
    hold();
  });
  on_theme(() => charts.forEach((chart) => chart.redraw()));
  by_id("spans").addEventListener("change", () => redraw());

  return function draw(watch) {
    redraw = () => draw(watch);
    const window = watch.samples.since(Date.now() - span() * 60 * 1000);
    times = window.times;
    slider.max = String(Math.max(times.length - 1, 0));
    for (const chart of charts) chart.draw(times, window.rows);
    if (held !== null || document.activeElement === slider) hold();
    else slider.value = slider.max;
  };
}
