// tests/browser/watch.mjs URL: has the dashboard at URL open until standard input ends. For each line of that, says on a
// line of JSON what the page holds, once its garbage has been collected: bytes of script's heap, nodes, listeners.

import {createInterface} from "node:readline";

import {is_live, open_page, start_browser} from "./browser.mjs";

const browser = await start_browser();
const page = await open_page(browser, {url: process.argv[2]});
await is_live(page);
const inspector = await page.context().newCDPSession(page);
await inspector.send("Performance.enable");
for await (const _ of createInterface({input: process.stdin})) {
  await inspector.send("HeapProfiler.collectGarbage");
  const {metrics} = await inspector.send("Performance.getMetrics");
  const {JSHeapUsedSize, Nodes, JSEventListeners} = Object.fromEntries(metrics.map(({name, value}) => [name, value]));
  const shown = await page.locator("body").getAttribute("data-phase");
  console.log(
    JSON.stringify({heap: JSHeapUsedSize, nodes: Nodes, listeners: JSEventListeners, phase: shown, complaints: page.complaints}),
  );
}
await browser.close();
