// node build.mjs [OUTPUT]: makes page.html, one file with all that the dashboard is, out of src/.
// The packages are looked for where ../../tests/lint installs them, so that nothing downloaded lies in the tree.

import {build} from "../../build/dashboard/node_modules/esbuild/lib/main.js";
import {createHash} from "node:crypto";
import {readFile, writeFile} from "node:fs/promises";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";
import {gzipSync} from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "../../build/dashboard/node_modules");
const kMostBytes = 150_000; // compressed

async function bundle(entry, stdin) {
  const options = stdin
    ? {stdin: {contents: stdin, loader: "css", resolveDir: here}}
    : {entryPoints: [join(here, entry)]};
  const {
    outputFiles: [file],
  } = await build({
    ...options,
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    charset: "ascii",
    legalComments: "none",
    nodePaths: [packages],
    absWorkingDir: here,
  });
  return file.text.trim();
}

const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const script = await bundle("src/main.js");
const style = await bundle(null, '@import "uplot/dist/uPlot.min.css"; @import "./src/style.css";');
const policy = [
  "default-src 'none'",
  `script-src ${hash(script)}`,
  `style-src ${hash(style)}`,
  "connect-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

// What uPlot's licence asks of copies.
const licence = (await readFile(join(packages, "uplot/LICENSE"), "utf8")).trim();
const notice = `<!--\nThe dashboard of parleyd: built by admin-api/dashboard/build.mjs, not to be edited.\nWith uPlot:\n${licence}\n-->\n`;

const parts = {POLICY: policy, STYLE: style, SCRIPT: script};
const template = await readFile(join(here, "src/page.html"), "utf8");
const page = template
  .replace("<html", () => `${notice}<html`)
  .replace(/@(POLICY|STYLE|SCRIPT)@/g, (_, name) => parts[name]);
// It becomes a raw string of C++.
if (page.includes(')page"') || page.includes("\r")) throw new Error("the page cannot be a raw string");
const compressed = gzipSync(page).length;
if (compressed > kMostBytes) throw new Error(`${compressed} bytes compressed: ${kMostBytes} is the end`);
await writeFile(process.argv[2] ?? join(here, "page.html"), page);
console.log(`${page.length} bytes, ${compressed} compressed`);
