// node screenshots.mjs FOLDER [STATE...]: the dashboard in each of its states, at three widths, light and dark, to be
// looked at.

import {mkdirSync} from "node:fs";
import {join} from "node:path";

import {is_live, open_page, start_browser} from "./browser.mjs";
import {FakeRelay} from "./fake_relay.mjs";

const kTallest = 1700;
const kStates = {
  live: {sessions: 4812, waiting: 12, quiet_s: 240},
  empty: {sessions: 0, waiting: 0, minutes: 2},
  loading: {sessions: 24},
  unauthorized: {token: "s3cret"},
  draining: {sessions: 812},
  lost: {sessions: 4812, waiting: 12},
  asking: {sessions: 4812, waiting: 12},
  refused: {sessions: 24},
};

async function reach(state, page, relay) {
  if (state === "loading") return page.waitForTimeout(600);
  if (state === "unauthorized") return page.locator("#gate").waitFor();
  await is_live(page);
  await page.locator("#live.on").waitFor();
  for (let i = 0; i < 6; ++i)
    relay.tell(i % 2 ? "session-ended" : "session-started", {
      session: `5f3a9c12000012c${i}`,
      protocol: "relay",
      first: "192.0.2.7:50007",
      second: "[2001:db8::7]:50008",
      reason: "peer-closed",
      by: "first",
      lasted_s: 754,
    });
  relay.tell("refused", {protocol: "relay", reasons: {"rate-limited": 14, "address-limit": 2}});
  relay.tell("reloaded", {changed: "cert, key", needs_restart: "", certificate: "00ff"});
  await page.waitForTimeout(700);
  if (state === "lost") {
    relay.silent = true;
    await page.locator('body[data-phase="lost"]').waitFor({timeout: 40000});
    await page.waitForTimeout(6000);
  }
  if (state === "asking" || state === "refused")
    await page.getByRole("button", {name: state === "asking" ? "drain…" : "reload…"}).click();
  if (state === "refused") {
    relay.failure = [422, "Unprocessable Content", "parley.toml:3: idle-timeout: not a duration: soon"];
    await page.locator("dialog").getByRole("button", {name: "Reload"}).click();
    await page.locator(".answer.failed").waitFor();
  }
}

const [folder, ...chosen] = process.argv.slice(2);
mkdirSync(folder, {recursive: true});
const browser = await start_browser();
for (const [state, options] of Object.entries(kStates)) {
  if (chosen.length && !chosen.includes(state)) continue;
  for (const theme of ["light", "dark"]) {
    for (const width of [360, 768, 1440]) {
      const relay = await new FakeRelay(options).start();
      if (state === "draining")
        Object.assign(relay, {
          state: "draining",
          drain: {
            since: new Date(Date.now() - 6000).toISOString(),
            deadline: new Date(Date.now() + 24e3).toISOString(),
            for_good: false,
          },
        });
      relay.silent = state === "loading";
      const page = await open_page(browser, relay, {width, theme, height: width === 360 ? 740 : 900});
      await reach(state, page, relay);
      await page.screenshot({
        path: join(folder, `${state}-${width}-${theme}.png`),
        fullPage: !["asking", "refused"].includes(state),
        clip: ["asking", "refused"].includes(state) ? undefined : {x: 0, y: 0, width, height: kTallest},
      });
      await page.context().close();
      await relay.stop();
    }
  }
}
await browser.close();
