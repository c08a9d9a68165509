// A relay's admin API as a test says that it is: for what a real one is in seldom, or after thousands of clients. That it
// answers as a real one is seen by dashboard.test.mjs, which runs with both.

import {readFileSync} from "node:fs";
import {createServer} from "node:http";

const kPage = new URL("../../admin-api/dashboard/page.html", import.meta.url);
const kEvery = 5000;

const id_of = (number) => "5f3a9c12" + number.toString(16).padStart(8, "0");
// The same at every run: screenshots are compared by eye.
function* numbers(seed) {
  for (let x = seed; ;) yield (x = (x * 48271) % 2147483647) / 2147483647;
}

function leg(number, random, relay, connected) {
  const next = () => random.next().value;
  return {
    id: id_of(2 * number),
    address:
      next() < 0.8
        ? `192.0.2.${1 + Math.floor(next() * 250)}:${50000 + (number % 9999)}`
        : `[2001:db8::${(number % 65535).toString(16)}]:50007`,
    connected,
    messages_in: Math.floor(next() * 4000),
    messages_out: Math.floor(next() * 4000),
    bytes_in: Math.floor(next() ** 4 * 4e8),
    bytes_out: Math.floor(next() ** 4 * 4e8),
    buffered_bytes: next() < 0.1 ? Math.floor(next() * 65536) : 0,
    rsa_bits: relay ? 0 : [512, 1024, 2048][number % 3],
    client: relay ? "parley 1.4.0" : null,
    lost: false,
    round_trip_s: next() < 0.05 ? null : 0.0002 + next() ** 3 * 0.2,
  };
}

function session(number, random) {
  const relay = number % 3 !== 0;
  const started = new Date(Date.now() - (5000 - number) * 7000).toISOString();
  const legs = [leg(2 * number, random, relay, started), leg(2 * number + 1, random, relay, started)];
  const state = relay && number % 17 === 0 ? "held" : number % 41 === 0 ? "closing" : "active";
  if (state === "held") legs[1].lost = true;
  return {
    id: id_of(number),
    protocol: relay ? "relay" : "classic",
    name: relay ? `s-${number.toString(36)}` : null,
    state,
    started,
    idle_s: Math.floor(random.next().value * 900) / 10,
    resumptions: relay && number % 29 === 0 ? 2 : 0,
    legs,
  };
}

const of_protocol = () => ({
  connections: 0,
  connections_total: 9120,
  lobby_legs: 0,
  sessions: {active: 0, held: 0, closing: 0},
  sessions_total: 4810,
  messages_total: 91234,
  bytes_in_total: 1e9,
  bytes_out_total: 1e9,
});

export class FakeRelay {
  // `sessions`: how many. `token`: what it wants. `quiet_s`: how long ago it stood still for a minute and a half.
  constructor({sessions = 24, token = null, quiet_s = null, waiting = 3, minutes = 60} = {}) {
    Object.assign(this, {
      token,
      quiet_s,
      minutes,
      silent: false,
      failure: null,
      calls: [],
      state: "ready",
      drain: null,
      ready: null,
    });
    const random = numbers(7);
    this.sessions = Array.from({length: sessions}, (_, i) => session(sessions - i, random));
    this.waiting = Array.from({length: waiting}, (_, i) => ({
      ...leg(90000 + i, random, i % 2 === 1, new Date(Date.now() - 40000 * (i + 1)).toISOString()),
      protocol: i % 2 ? "relay" : "classic",
      in_transit: false,
    }));
    this.level = {level: "info", configured: "info", until: null};
    this.started = Date.now() - 12.4 * 86400e3;
    this.watchers = new Set();
    this.certificate_days = 23;
  }

  async start(port = 0) {
    this.server = createServer((request, response) => this.#answer(request, response));
    await new Promise((resolve) => this.server.listen(port, "127.0.0.1", resolve));
    this.port = this.server.address().port;
    this.url = `http://127.0.0.1:${this.port}`;
    return this;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  tell(name, data = {}) {
    for (const watcher of this.watchers)
      watcher.write(`event: ${name}\ndata: ${JSON.stringify({time: new Date().toISOString(), ...data})}\n\n`);
  }

  status() {
    const protocols = {classic: of_protocol(), relay: of_protocol()};
    for (const {protocol, state} of this.sessions) {
      ++protocols[protocol].sessions[state];
      protocols[protocol].connections += 2;
    }
    for (const {protocol} of this.waiting) ++protocols[protocol].lobby_legs;
    const most = Math.max(1000, Math.ceil((2 * this.sessions.length) / 0.81));
    return {
      version: "1.4.0",
      commit: "3f2a9c1",
      openssl: "OpenSSL 3.0.17",
      state: this.state,
      started: new Date(this.started).toISOString(),
      uptime_s: (Date.now() - this.started) / 1000,
      listeners: {classic: ["0.0.0.0:10000"], relay: ["0.0.0.0:10443"]},
      certificate: {
        pin: "sha256:" + "Qm9".repeat(14) + "x",
        fingerprint: "00ff".repeat(16),
        expires:
          this.certificate_days === null ? null : new Date(Date.now() + this.certificate_days * 86400e3).toISOString(),
      },
      drain: this.drain,
      shards: 2,
      protocols,
      buffered_bytes: 812345,
      limits: {
        max_connections: most,
        max_connections_per_address: 100,
        connection_rate_per_address: 10,
        max_rooms_per_address: 100,
        buffer_limit_bytes: 65536,
        message_rate_per_connection: null,
        byte_rate_per_connection: null,
      },
      deadlines: {
        handshake_s: 10,
        wait_s: 600,
        idle_s: null,
        write_s: 30,
        drain_s: 30,
        drain_delay_s: 0,
        resume_grace_s: 60,
      },
      key_pool: {keys: "per-connection", ready: 61, capacity: 64, waiting: 0, empty_for_s: null},
      workers: {engine: "openssl", engine_detail: "", threads: 2, queued: 3},
    };
  }

  history(minutes) {
    const size = Math.min(minutes, this.minutes) * 12;
    const newest = Math.floor(Date.now() / kEvery) * kEvery;
    const times = Array.from({length: size}, (_, i) => newest - (size - 1 - i) * kEvery).filter(
      (at) => this.quiet_s === null || Math.abs(newest - at - this.quiet_s * 1000) > 45000,
    );
    // Each ends at what the status says.
    const wave = (at, scale, period, size = 0.2) =>
      scale *
      (1 + size * (Math.sin(at / period) - Math.sin(newest / period)) + (size / 4) * Math.sin((newest - at) / 7919));
    const {protocols} = this.status();
    const of = (protocol, slow) => {
      const {connections, lobby_legs, sessions} = protocols[protocol];
      const column = (scale, period, size) => times.map((at) => Math.max(0, wave(at, scale, period, size)));
      const whole = (...given) => column(...given).map(Math.round);
      return {
        connections: whole(connections, 6e5),
        waiting: whole(lobby_legs, 1e5, 0.4),
        sessions_active: whole(sessions.active, 6e5),
        sessions_held: whole(sessions.held, 9e4),
        sessions_closing: whole(sessions.closing, 5e4),
        messages_per_s: column(11 * sessions.active, 3e5, 0.3),
        received_bytes_per_s: column(8500 * sessions.active, 3e5, 0.3),
        sent_bytes_per_s: column(8300 * sessions.active, 3e5, 0.3),
        refused_per_s: times.map((at) => ((newest - at) % 1300000 < 60000 ? 0.4 * slow : 0)),
        relay_p50_s: sessions.active ? column(0.00021 * slow, 2e5) : times.map(() => null),
        relay_p99_s: sessions.active ? column(0.0009 * slow, 2e5, 0.3) : times.map(() => null),
      };
    };
    return {
      every_s: 5,
      time: times.map((at) => new Date(at).toISOString()),
      classic: of("classic", 1),
      relay: of("relay", 1.6),
      buffered_bytes: times.map(() => 812345),
      keys_ready: times.map(() => 61),
      worker_queue: times.map((at) => Math.round(wave(at, 5, 4e4, 0.5))),
      loop_lag_s: times.map((at) => wave(at, 0.0004, 8e4, 0.4)),
    };
  }

  #answer(request, response) {
    const url = new URL(request.url, "http://relay");
    if (this.silent && url.pathname !== "/") return; // takes the question, and says nothing
    let body = "";
    request.on("data", (part) => (body += part));
    request.on("end", () => {
      const json = (value, status = 200) =>
        response.writeHead(status, {"Content-Type": "application/json"}).end(JSON.stringify(value));
      const problem = (status, title, detail) =>
        response
          .writeHead(status, {"Content-Type": "application/problem+json"})
          .end(JSON.stringify({type: "about:blank", title, status, detail}));
      if (url.pathname.startsWith("/api") && this.token && request.headers.authorization !== `Bearer ${this.token}`)
        return problem(
          401,
          "Unauthorized",
          request.headers.authorization
            ? "this is not the admin token"
            : "send the admin token as Authorization: Bearer",
        );
      if (url.pathname.startsWith("/api") && this.closed)
        return problem(
          403,
          "Forbidden",
          "this listener is not on loopback and no token is set; start parleyd with --admin-token-file",
        );
      if (request.method !== "GET") {
        this.calls.push({call: `${request.method} ${url.pathname}`, body: body ? JSON.parse(body) : null});
        if (this.failure) return problem(...this.failure);
      }
      this.#route(request.method, url, body ? JSON.parse(body) : {}, {response, json, problem});
    });
  }

  #route(method, url, body, {response, json, problem}) {
    const text = (value, status = 200) =>
      response.writeHead(status, {"Content-Type": "text/plain; charset=utf-8"}).end(value);
    const done = () => response.writeHead(204).end();
    const one = url.pathname.match(/^\/api\/v1\/sessions\/(.+)$/)?.[1];
    switch (one ? `${method} one` : `${method} ${url.pathname}`) {
      case "GET /":
        return this.#page(response);
      case "GET /readyz":
        return text(this.#checks(), this.ready || this.state !== "ready" ? 503 : 200);
      case "GET /metrics":
        return text(
          `process_open_fds ${2 * this.sessions.length + 40}\nprocess_max_fds 20000\nparley_refused_total{protocol="relay",reason="rate-limited"} 14\nparley_refused_total{protocol="classic",reason="overloaded"} 3\n`,
        );
      case "GET /api/v1/status":
        return json(this.status());
      case "GET /api/v1/history":
        return json(this.history(Number(url.searchParams.get("minutes") ?? 60)));
      case "GET /api/v1/sessions":
        return json(this.#page_of_sessions(url.searchParams));
      case "GET /api/v1/lobby":
        return json({legs: this.waiting, incomplete: false});
      case "GET /api/v1/log-level":
        return json(this.level);
      case "GET /api/v1/config":
        return json({
          settings: [
            {name: "shards", values: ["2"], source: "default", where: null},
            {name: "idle-timeout", values: ["2h"], source: "file", where: "parley.toml:3"},
          ],
        });
      case "GET /api/v1/events":
        return this.#events(response);
      case "DELETE one": {
        if (!this.sessions.some(({id}) => id === one))
          return problem(404, "Not Found", "there is no session of this id; it may have ended");
        this.sessions = this.sessions.filter(({id}) => id !== one);
        this.tell("session-ended", {
          session: one,
          protocol: "classic",
          reason: "ended-by-operator",
          by: "relay",
          lasted_s: 12.5,
        });
        return done();
      }
      case "POST /api/v1/drain":
        this.drain = {
          since: new Date().toISOString(),
          deadline:
            body.deadline_s === null ? null : new Date(Date.now() + (body.deadline_s ?? 30) * 1000).toISOString(),
          for_good: false,
        };
        this.state = "draining";
        this.tell("drain-begun", {deadline: this.drain.deadline ?? "", for_good: false});
        return json(this.drain, 202);
      case "DELETE /api/v1/drain":
        Object.assign(this, {drain: null, state: "ready"});
        this.tell("drain-ended");
        return done();
      case "POST /api/v1/reload":
        this.tell("reloaded", {changed: "cert, idle-timeout", needs_restart: "shards", certificate: "00ff"});
        return json({
          changed: ["cert", "idle-timeout"],
          needs_restart: ["shards"],
          certificate: {
            before: {...this.status().certificate, fingerprint: "11ee".repeat(16)},
            after: this.status().certificate,
          },
        });
      case "POST /api/v1/keys/rotate":
        this.tell("keys-rotated", {dropped: 61});
        return json({keys: "per-connection", dropped: 61});
      case "PUT /api/v1/log-level":
        this.level = {
          level: body.level,
          configured: "info",
          until: body.for_s ? new Date(Date.now() + body.for_s * 1000).toISOString() : null,
        };
        return json(this.level);
      default:
        return problem(404, "Not Found", "there is nothing at this path");
    }
  }

  #page(response) {
    const page = readFileSync(kPage, "utf8");
    const policy = page.match(/"Content-Security-Policy" content="([^"]+)"/)[1] + "; frame-ancestors 'none'";
    response
      .writeHead(200, {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy,
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
      })
      .end(page);
  }

  #checks() {
    const bad = this.ready ?? (this.state === "ready" ? null : this.state);
    return (
      `${bad ? "[-]" : "[+]"} state: ${bad ?? "ready"}\n[+] listeners: classic 1, relay 1\n[+] shard 0: last tick 0 s ago\n[+] shard 1: last tick 0 s ago\n` +
      `[+] connections: ${2 * this.sessions.length}\n[!] classic key pool: empty for 2 s, 0 keys ready, 1 connection waits\n${bad ? "not ready" : "ready"}\n`
    );
  }

  #page_of_sessions(query) {
    const limit = Number(query.get("limit") ?? 100);
    const found = this.sessions.filter(
      ({id, protocol, state}) =>
        (!query.get("protocol") || protocol === query.get("protocol")) &&
        (!query.get("state") || state === query.get("state")) &&
        (!query.get("cursor") || id < query.get("cursor")),
    );
    const sessions = found.slice(0, limit);
    return {sessions, next_cursor: found.length > limit ? sessions.at(-1).id : null, incomplete: false};
  }

  #events(response) {
    if (this.watchers.size >= 8)
      return response
        .writeHead(503, {"Content-Type": "application/problem+json"})
        .end(
          JSON.stringify({
            type: "about:blank",
            title: "Service Unavailable",
            status: 503,
            detail: "as many watch as may: 8",
          }),
        );
    response.writeHead(200, {"Content-Type": "text/event-stream"});
    response.write("retry: 2000\n\n");
    this.watchers.add(response);
    response.on("close", () => this.watchers.delete(response));
  }
}
