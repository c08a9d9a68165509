// What the dashboard shows of a relay that is lost, busy, empty or refuses; that it can be used by keyboard, by a screen
// reader and on a narrow screen.

import assert from "node:assert/strict";
import {after, before, test} from "node:test";

import {is_live, open_page, start_browser, violations} from "./browser.mjs";
import {FakeRelay} from "./fake_relay.mjs";

let browser;
before(async () => (browser = await start_browser()));
after(() => browser.close());

async function with_relay(options, use, page_options) {
  const relay = await new FakeRelay(options).start();
  const page = await open_page(browser, relay, {token: options.token, ...page_options});
  try {
    await use(page, relay);
    assert.deepEqual(
      page.complaints.filter((text) => !relay.lost || !text.includes("ERR_")),
      [],
    );
  } finally {
    await page.context().close();
    await relay.stop();
  }
}

const ids = (page) => page.locator("#rows td.id .mono").allInnerTexts();
const first_id = (sessions) => sessions[0].id;

test("a relay that does not answer is said to be lost, greyed, and found again", () =>
  with_relay({}, async (page, relay) => {
    await is_live(page);
    relay.silent = relay.lost = true;
    await page.locator("#banner.bad", {hasText: "does not answer"}).waitFor({timeout: 60000});
    assert.match(await page.locator("#state-badge").innerText(), /no answer for \d+ s/);
    assert.ok(await page.getByRole("button", {name: "drain…"}).isDisabled());
    await page.locator('body[data-phase="lost"]').waitFor({timeout: 60000});
    const muted = await page.evaluate(() =>
      [...document.querySelectorAll(".value")].map((one) => getComputedStyle(one).color),
    );
    relay.silent = false;
    await is_live(page);
    await page.locator(".notes", {hasText: "The relay answers again"}).waitFor();
    assert.notEqual(await page.evaluate(() => getComputedStyle(document.querySelector(".value")).color), muted[0]);
    assert.ok(await page.locator("#banner").isHidden());
    await page.locator("#live.on").waitFor();
  }));

test("where nothing was measured there is a gap", () =>
  with_relay({quiet_s: 120}, async (page) => {
    await is_live(page);
    const paths = await page.locator(".tile path").evaluateAll((all) => all.map((one) => one.getAttribute("d")));
    for (const path of paths) assert.equal(path.match(/M/g).length, 2, path);
  }));

test("a relay that begins anew is gone on with", () =>
  with_relay({}, async (page, relay) => {
    await is_live(page);
    relay.lost = true;
    await relay.stop();
    await page.locator('body[data-phase="lost"]').waitFor({timeout: 60000});
    relay.started = Date.now();
    await relay.start(relay.port);
    await is_live(page);
    assert.match(await page.locator("#which").innerText(), /up \d+ s/);
  }));

test("searches, sorts, filters and turns the pages of thousands", () =>
  with_relay({sessions: 4812, waiting: 3}, async (page, relay) => {
    await page.locator("#range", {hasText: "1–50 of 4,812"}).waitFor();
    assert.equal((await ids(page))[0], first_id(relay.sessions));
    await page.getByRole("button", {name: "next page"}).click();
    await page.locator("#range", {hasText: "51–100 of 4,812"}).waitFor();
    assert.equal((await ids(page))[0], relay.sessions[50].id);
    await page.getByRole("button", {name: "page before"}).click();
    await page.getByLabel("search sessions").fill(relay.sessions[4000].legs[1].address);
    await page.locator("#range", {hasText: /^1–\d+ of \d$/}).waitFor();
    assert.ok((await ids(page)).includes(relay.sessions[4000].id));
    await page.getByLabel("search sessions").fill("nobody");
    await page.locator("#no-rows", {hasText: "Nothing matches “nobody”"}).waitFor();
    await page.getByLabel("search sessions").fill("");
    await page.getByRole("button", {name: "idle"}).click();
    const most = relay.sessions.reduce((a, b) => (b.idle_s > a.idle_s ? b : a));
    await page.waitForFunction(
      (idle) => [...document.querySelectorAll("#rows td.idle")].every((one) => one.textContent.startsWith(idle)),
      "1 min",
    );
    assert.equal(await page.locator("th[aria-sort=descending]").innerText(), "idle");
    assert.ok(most.idle_s > 60);
    await page.getByRole("button", {name: "since"}).click();
    await page.locator("#protocol").selectOption("classic");
    await page.locator("#state").selectOption("closing");
    await page.waitForFunction(() =>
      [...document.querySelectorAll("#rows td.state")].every((one) => one.textContent.startsWith("closing")),
    );
    await page.locator(".tile", {hasText: "waiting"}).click();
    await page.locator("#range", {hasText: "1–3 of 3"}).waitFor();
    assert.equal(await page.locator("#rows .end:visible").count(), 0);
  }));

test("shows the relay's own words when it does not do it", () =>
  with_relay({}, async (page, relay) => {
    await is_live(page);
    relay.failure = [422, "Unprocessable Content", "parley.toml:3: idle-timeout: not a duration: soon"];
    await page.getByRole("button", {name: "reload…"}).click();
    await page.locator("dialog").getByRole("button", {name: "Reload"}).click();
    assert.match(
      await page.locator(".answer.failed").innerText(),
      /422 Unprocessable Content[^]*parley\.toml:3: idle-timeout: not a duration: soon/,
    );
    relay.failure = null;
    await page.keyboard.press("Escape");
    assert.deepEqual(
      relay.calls.map(({call}) => call),
      ["POST /api/v1/reload"],
    );
  }));

test("one who is not let in is told why", () =>
  with_relay({}, async (page, relay) => {
    await is_live(page);
    relay.closed = true;
    await page.locator("#gate-detail", {hasText: "start parleyd with --admin-token-file"}).waitFor();
    assert.ok(await page.locator("#gate-form").isHidden());
  }));

test("events come live, can be filtered, and wait while paused", () =>
  with_relay({}, async (page, relay) => {
    await page.locator("#live.on").waitFor();
    relay.tell("refused", {protocol: "relay", reasons: {"rate-limited": 14}});
    relay.tell("session-started", {
      session: "5f3a9c1200000777",
      protocol: "classic",
      first: "192.0.2.1:1",
      second: "192.0.2.2:2",
    });
    await page.locator("#happened li.refusals", {hasText: "rate-limited × 14"}).waitFor();
    await page.getByLabel("refusals").uncheck();
    assert.equal(await page.locator("#happened li.refusals").count(), 0);
    assert.equal(await page.locator("#happened li.sessions").count(), 1);
    await page.getByRole("button", {name: "pause"}).click();
    relay.tell("keys-rotated", {dropped: 64});
    await page.locator("#live", {hasText: "paused, 1 event since"}).waitFor();
    assert.equal(await page.locator("#happened li.operation").count(), 0);
    await page.getByRole("button", {name: "pause"}).click();
    await page.locator("#happened li.operation", {hasText: "64 keys dropped"}).waitFor();
  }));

test("what clients say of themselves is text", () =>
  with_relay({}, async (page, relay) => {
    relay.sessions[1].legs[0].client = "<img src=x onerror=alert(1)>";
    await page.locator("#rows td.first", {hasText: "<img src=x"}).waitFor();
    assert.equal(await page.locator("#rows img").count(), 0);
  }));

test("the moment pointed at is one in all curves, by keyboard too", () =>
  with_relay({}, async (page) => {
    await is_live(page);
    await page.locator("#moment").focus();
    for (let i = 0; i < 10; ++i) await page.keyboard.press("ArrowLeft");
    assert.match(await page.locator("#moment-text").innerText(), /^\d\d:\d\d:\d\d$/);
    await page.locator(".u-over").first().hover();
    const shown = await page.locator(".u-cursor-x").evaluateAll((all) => all.map((one) => one.style.transform));
    assert.equal(new Set(shown).size, 1);
  }));

test("a key pressed once too often changes nothing", () =>
  with_relay({}, async (page, relay) => {
    await is_live(page);
    await page.getByRole("button", {name: "new keys…"}).focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    await page.locator("dialog").waitFor({state: "hidden"});
    assert.equal(await page.evaluate(() => document.activeElement.id), "rotate");
    assert.deepEqual(relay.calls, []);
  }));

test("the theme is the system's until another is chosen", () =>
  with_relay(
    {},
    async (page) => {
      await is_live(page);
      const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const dark = await ground();
      await page.getByRole("button", {name: "theme: auto"}).click();
      assert.notEqual(await ground(), dark);
      await page.reload();
      await page.getByRole("button", {name: "theme: light"}).click();
      assert.equal(await ground(), dark);
    },
    {theme: "dark"},
  ));

const kStates = {
  live: async (page) => is_live(page),
  empty: async (page) => page.locator("#no-rows", {hasText: "There are no sessions"}).waitFor(),
  draining: async (page, relay) => {
    relay.state = "draining";
    relay.drain = {
      since: new Date().toISOString(),
      deadline: new Date(Date.now() + 300e3).toISOString(),
      for_good: false,
    };
    await page.locator("#state-badge.draining").waitFor();
  },
  lost: async (page, relay) => {
    await is_live(page);
    relay.silent = relay.lost = true;
    await page.locator('body[data-phase="lost"]').waitFor({timeout: 60000});
  },
  unauthorized: async (page, relay) => {
    relay.token = "another";
    await page.locator("#gate").waitFor();
  },
  asking: async (page) => {
    await is_live(page);
    await page.getByRole("button", {name: "drain…"}).click();
  },
};
for (const [state, reach] of Object.entries(kStates)) {
  test(`${state}: axe finds nothing, nothing sticks out, light and dark, at 360 and 1440 px`, () =>
    with_relay({sessions: state === "empty" ? 0 : 24}, async (page, relay) => {
      await reach(page, relay);
      for (const colorScheme of ["light", "dark"]) {
        for (const width of [360, 1440]) {
          await page.emulateMedia({colorScheme});
          await page.setViewportSize({width, height: 800});
          assert.deepEqual(await violations(page), [], `${colorScheme}, ${width} px`);
          const needed = await page.evaluate(() => document.scrollingElement.scrollWidth);
          assert.ok(needed <= width, `${colorScheme}, ${width} px: ${needed} px`);
        }
      }
    }));
}
