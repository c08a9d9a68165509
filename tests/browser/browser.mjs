// Debian's Chromium, and what every test wants of a page. The packages are looked for where tests/browser/run installs
// them, so that nothing downloaded lies in the tree.

import {readFileSync} from "node:fs";
import {createRequire} from "node:module";

const require = createRequire(new URL("../../build/browser/package.json", import.meta.url));
const {chromium} = require("playwright-core");
const kAxe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const kArguments = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const start_browser = () =>
  chromium.launch({executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: kArguments});

// A page of the relay's own; `page.complaints` are what its console says and what it asks of anybody else.
export async function open_page(browser, relay, {width = 1440, height = 900, theme = "light", token = null} = {}) {
  const context = await browser.newContext({
    viewport: {width, height},
    colorScheme: theme,
    reducedMotion: "reduce",
    timezoneId: "UTC",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60000);
  page.complaints = [];
  // Answers that are no success are said there, too: those are the relay's.
  page.on(
    "console",
    (message) =>
      ["error", "warning"].includes(message.type()) &&
      !message.text().startsWith("Failed to load resource") &&
      page.complaints.push(message.text()),
  );
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  page.on(
    "request",
    (request) =>
      /^(data:|blob:)/.test(request.url()) ||
      new URL(request.url()).origin === relay.url ||
      page.complaints.push(`asked for ${request.url()}`),
  );
  if (token) await page.addInitScript((value) => sessionStorage.setItem("parley-admin-token", value), token);
  await page.goto(relay.url);
  return page;
}

// What axe-core finds, a line each; scripts by the page's own policy do not hinder it, as it comes by the debugger.
export async function violations(page) {
  await page.evaluate(kAxe);
  const {violations: found} = await page.evaluate(() => globalThis.axe.run(document, {resultTypes: ["violations"]}));
  return found.flatMap(({id, nodes}) =>
    nodes.map(({html, failureSummary}) => `${id}: ${html.slice(0, 200)}: ${failureSummary.replaceAll("\n", " ")}`),
  );
}

export const is_live = (page) => page.waitForSelector('body[data-phase="live"]');
