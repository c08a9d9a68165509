// The parts of the dashboard that need no browser.

import assert from "node:assert/strict";
import {test} from "node:test";

import * as format from "../../admin-api/dashboard/src/format.js";
import {matches} from "../../admin-api/dashboard/src/listing.js";
import {all_sessions, Samples, total, worst} from "../../admin-api/dashboard/src/samples.js";
import {events} from "../../admin-api/dashboard/src/stream.js";
import {metric, metric_by} from "../../admin-api/dashboard/src/watch.js";

test("numbers as an operator reads them", () => {
  const cases = [
    [format.count(4812), "4,812"],
    [format.count(null), "–"],
    [format.compact(56123), "56.1k"],
    [format.compact(0.25), "0.25"],
    [format.compact(999.6), "1k"],
    [format.bytes(41234567), "41.2 MB"],
    [format.bytes(0), "0 B"],
    [format.latency(0.0009), "900 µs"],
    [format.latency(0.0123), "12.3 ms"],
    [format.latency(2.5), "2.5 s"],
    [format.latency(undefined), "–"],
    [format.duration(59.9), "59 s"],
    [format.duration(61), "1 min 1 s"],
    [format.duration(3600), "1 h"],
    [format.duration(90061), "1 d 1 h"],
    [format.duration(86400 * 23.5), "23 d"],
    [format.many(1, "session"), "1 session"],
    [format.many(0, "session"), "0 sessions"],
  ];
  for (const [given, wanted] of cases) assert.equal(given, wanted);
});

const at = (seconds) => new Date(1.8e12 + seconds * 1000).toISOString();
const history = (seconds, values) => ({
  every_s: 5,
  time: seconds.map(at),
  classic: {waiting: values},
  relay: {waiting: values.map(() => null)},
  worker_queue: values,
});

test("samples are gone on with, each once, and what is missing is a gap", () => {
  const samples = new Samples();
  samples.merge(history([0, 5, 10], [1, 2, 3]));
  samples.merge(history([5, 10, 60], [9, 9, 4]));
  const {times, rows} = samples.since(0);
  assert.deepEqual(
    rows.map((row) => row["classic.waiting"]),
    [1, 2, 3, undefined, 4],
  );
  assert.equal(times.length, 5);
  assert.equal(total(samples.last(), "waiting"), 4);
  assert.equal(total({}, "waiting"), null);
  assert.equal(worst({"classic.x": 1, "relay.x": 3}, "x"), 3);
  assert.equal(all_sessions({}), null);
  samples.merge(history([4000], [5]));
  assert.equal(samples.since(0).rows.length, 1, "an hour is kept");
});

const in_parts = (...parts) =>
  new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(new TextEncoder().encode(part));
      controller.close();
    },
  });

test("events arrive whole, however they were cut", async () => {
  const text = 'retry: 2000\n\nevent: drained\ndata: {"time": "ü"}\n\n:\n\nevent: a\r\ndata: 1\r\ndata: 2\r\n\r\n';
  const wanted = [{name: "drained", data: '{"time": "ü"}'}, null, {name: "a", data: "1\n2"}];
  const bytes = new TextEncoder().encode(text);
  for (let cut = 0; cut <= bytes.length; ++cut) {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(bytes.slice(0, cut));
        controller.enqueue(bytes.slice(cut));
        controller.close();
      },
    });
    assert.deepEqual(await collect(events(body)), wanted, `cut at ${cut}`);
  }
  assert.deepEqual(await collect(events(in_parts("data: x"))), [], "half an event is none");
});

async function collect(generator) {
  const all = [];
  for await (const one of generator) all.push(one);
  return all;
}

test("metrics are read out of Prometheus' text", () => {
  const text =
    'process_open_fds 12\nx_total{protocol="relay",reason="a"} 1\nx_total{protocol="classic",reason="b"} 5\nx_total{protocol="classic",reason="a"} 2\n';
  assert.equal(metric(text, "process_open_fds"), 12);
  assert.equal(metric(text, "x_total"), 8);
  assert.equal(metric(text, "y"), null);
  assert.deepEqual(metric_by(text, "x_total", "reason"), [
    ["b", 5],
    ["a", 3],
  ]);
});

test("a search looks at ids, names, addresses and clients", () => {
  const session = {
    id: "00ff",
    name: "Room",
    legs: [
      {id: "01", address: "192.0.2.7:1", client: "parley 1.4"},
      {id: "02", address: "[::1]:2", client: null},
    ],
  };
  for (const search of ["0ff", "room", "2.7", "[::1]", "parley"]) assert.ok(matches(session, search), search);
  assert.ok(!matches(session, "classic"));
});
