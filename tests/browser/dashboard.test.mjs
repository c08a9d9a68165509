// Each control of the dashboard does what it says: with the fake relay and, where PARLEY_BIN_DIR has a parleyd, with that.

import assert from "node:assert/strict";
import {after, before, describe, test} from "node:test";

import {is_live, open_page, start_browser} from "./browser.mjs";
import {FakeRelay} from "./fake_relay.mjs";
import {kBin, RealRelay} from "./real_relay.mjs";

const kRelays = {
  fake: (options) => new FakeRelay({sessions: 2, waiting: 0, ...options}).start(),
  parleyd: async (options) => {
    const relay = await new RealRelay(options).start();
    await relay.pair();
    return relay;
  },
};

let browser;
before(async () => (browser = await start_browser()));
after(() => browser.close());

const answer = (page, kind) => page.locator(`.answer.${kind}`).innerText();
async function decide(page, verb) {
  await page.locator("dialog").getByRole("button", {name: verb, exact: true}).click();
  return answer(page, "done");
}
const close = (page) => page.locator("dialog").getByRole("button", {name: "Close"}).click();

for (const [name, start] of Object.entries(kRelays)) {
  describe(name, {skip: name === "parleyd" && !kBin && "no PARLEY_BIN_DIR"}, () => {
    let relay, page;
    const api = async (path) => (await fetch(relay.url + path)).json();
    before(async () => {
      relay = await start({});
      page = await open_page(browser, relay);
      await is_live(page);
    });
    after(() => relay.stop());

    test("shows how the relay is, and asks nobody else for anything", async () => {
      assert.equal(await page.locator("#state-badge").innerText(), "ready");
      const {version} = await api("/api/v1/status");
      assert.match(await page.locator("#which").innerText(), new RegExp(version.replaceAll(".", "\\.")));
      assert.ok((await page.locator("#checks li").count()) >= 3);
      assert.equal(await page.locator("figure canvas").count(), 6);
      assert.deepEqual(page.complaints, []);
    });

    test("drains when told so, shows that, and takes clients again", async () => {
      await page.getByRole("button", {name: "drain…"}).click();
      await page.locator("dialog select").selectOption("3600");
      assert.match(await page.locator(".consequences").innerText(), /sessions? in 1 h/);
      assert.equal((await api("/api/v1/status")).drain, null, "asked first");
      assert.match(await decide(page, "Drain"), /It drains since .*, until/);
      await close(page);
      assert.equal((await api("/api/v1/status")).state, "draining");
      await page.locator("#state-badge.draining").waitFor();
      assert.match(await page.locator("#banner").innerText(), /^Draining since/);
      await page.getByRole("button", {name: "take clients again…"}).click();
      assert.match(await decide(page, "Take clients again"), /taken again/);
      await close(page);
      await page.locator("#state-badge.ready").waitFor();
      assert.equal((await api("/api/v1/status")).drain, null);
    });

    test("sets the log level for a time", async () => {
      await page.getByRole("button", {name: /^log/}).click();
      await page.locator("select[name=level]").selectOption("debug");
      assert.match(await page.locator(".consequences").innerText(), /“debug” for 10 min, and then go back to/);
      assert.match(await decide(page, "Set it"), /The level is debug until/);
      await close(page);
      const level = await api("/api/v1/log-level");
      assert.ok(level.level === "debug" && level.until);
    });

    test("makes keys anew, and reloads", async () => {
      await page.getByRole("button", {name: "new keys…"}).click();
      assert.match(await decide(page, "Make them anew"), /keys? dropped/);
      await close(page);
      await page.getByRole("button", {name: "reload…"}).click();
      assert.match(await decide(page, "Reload"), /changed/i);
      await close(page);
    });

    test("says what happened", async () => {
      for (const word of ["drain begun", "clients are taken again", "made anew", "reloaded"])
        await page.locator("#happened li", {hasText: word}).first().waitFor();
    });

    test("ends the session that is meant", async () => {
      await page.locator("#rows tr").first().waitFor();
      const {sessions} = await api("/api/v1/sessions");
      const id = sessions.at(-1).id;
      await page.getByRole("button", {name: `end session ${id}`}).click();
      await page.keyboard.press("Escape");
      assert.equal((await api("/api/v1/sessions")).sessions.length, sessions.length, "asked first");
      await page.getByRole("button", {name: `end session ${id}`}).click();
      assert.match(await page.locator("dialog h2").innerText(), new RegExp(id));
      assert.match(await decide(page, "End it"), /It ends/);
      await close(page);
      await page.waitForFunction((gone) => !document.querySelector("#rows").textContent.includes(gone.slice(8)), id);
      const left = (await api("/api/v1/sessions")).sessions;
      assert.ok(left.every((one) => one.id !== id) && left.length === sessions.length - 1);
    });

    test("shows the configuration", async () => {
      await page.locator("summary").click();
      await page.getByLabel("also what is as it was shipped").check();
      await page.locator("#settings tr", {hasText: "shards"}).waitFor();
      assert.deepEqual(page.complaints, []);
    });
  });

  test(
    `${name}: asks for a token, and keeps it for the tab alone`,
    {skip: name === "parleyd" && !kBin && "no PARLEY_BIN_DIR"},
    async () => {
      const relay = await start({token: "s3cret-s3cret-s3cret"});
      try {
        const page = await open_page(browser, relay);
        await page.locator("#gate").waitFor();
        assert.equal(await page.locator("#board").isVisible(), false);
        await page.locator("#gate-token").fill("another");
        await page.getByRole("button", {name: "Let me in"}).click();
        await page.locator("#gate-detail", {hasText: "this is not the admin token"}).waitFor();
        await page.locator("#gate-token").fill(relay.token);
        await page.keyboard.press("Enter");
        await is_live(page);
        await page.locator("#live.on").waitFor();
        assert.deepEqual(
          await page.evaluate(() => [
            sessionStorage.length,
            JSON.stringify(localStorage).includes("s3cret"),
            document.cookie,
          ]),
          [1, false, ""],
        );
        await page.reload();
        await is_live(page);
        const other = await page.context().newPage();
        await other.goto(relay.url);
        await other.locator("#gate").waitFor();
        assert.deepEqual(page.complaints, []);
      } finally {
        await relay.stop();
      }
    },
  );
}
