// parleyd itself, with ports that the kernel picks, and clients of the classic protocol that meet.

import {spawn} from "node:child_process";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {createInterface} from "node:readline";

export const kBin = process.env.PARLEY_BIN_DIR;
const kPatience = 60000; // ms

export class RealRelay {
  constructor({token = null} = {}) {
    Object.assign(this, {token, clients: [], folder: mkdtempSync(join(tmpdir(), "parley-browser-"))});
  }

  async start() {
    const options = [
      "--classic-listen",
      "127.0.0.1:0",
      "--relay-listen",
      "none",
      "--admin-listen",
      "127.0.0.1:0",
      "--log-level",
      "warning",
    ];
    if (this.token) {
      writeFileSync(join(this.folder, "token"), this.token, {mode: 0o600});
      options.push("--admin-token-file", join(this.folder, "token"));
    }
    // What PARLEY_... says in the environment would be an option of its.
    const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("PARLEY_")));
    this.process = spawn(join(kBin, "parleyd"), options, {stdio: ["ignore", "pipe", "inherit"], env: environment});
    this.ports = {};
    for await (const line of createInterface({input: this.process.stdout})) {
      const found = line.match(/^(\w+) .*?(\d+)$/);
      if (found) this.ports[found[1]] = Number(found[2]);
      if (line === "ready") break;
    }
    this.url = `http://127.0.0.1:${this.ports.admin}`;
    await this.#until("ready", async () => (await this.#get("/readyz")).ok);
    return this;
  }

  #get(path) {
    return fetch(this.url + path, this.token ? {headers: {Authorization: `Bearer ${this.token}`}} : {});
  }

  async #until(what, holds) {
    for (const end = Date.now() + kPatience; !(await holds()); await new Promise((done) => setTimeout(done, 50)))
      if (Date.now() > end) throw new Error(`not in time: ${what}`);
  }

  // Two clients in one session.
  async pair() {
    for (let i = 0; i < 2; ++i)
      this.clients.push(
        spawn(join(kBin, "parley"), ["classic", `127.0.0.1:${this.ports.classic}`], {
          stdio: ["pipe", "ignore", "ignore"],
        }),
      );
    await this.#until("a session", async () => (await (await this.#get("/api/v1/sessions")).json()).sessions.length > 0);
  }

  async stop() {
    for (const client of this.clients) client.kill();
    const ended = new Promise((resolve) => this.process.on("exit", resolve));
    this.process.kill("SIGKILL");
    await ended;
    rmSync(this.folder, {recursive: true});
  }
}
