// node e2e/page-preview.mjs MODEL [--page layers] [--weight NAME] [--theme dark] [--size 1200x800] [--shot out.png] [--axe]
//
// A page of the extension without a workbench: bundles the webview from its sources, runs the engine (dist/engine.mjs) as a
// child process, and shows the page in headless Chromium with the theme variables of a real editor. Scripts use
// startPreview(). What the host would do (dialogs, clipboard, files) is recorded, or answered by `replies`.

import { fork } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { chromium } from "playwright-core";

const PACKAGE = dirname(import.meta.dirname);
const BROWSER_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const BODY_CLASS = {
  dark: "vscode-dark",
  light: "vscode-light",
  "high-contrast": "vscode-high-contrast",
  "high-contrast-light": "vscode-high-contrast-light vscode-high-contrast",
};
const SETTINGS = { outlierRule: { kind: "sigma", factor: 6 }, mapColors: "theme" };

/** JSON with typed arrays as base64, and with the numbers that JSON has not. */
const pack = (value) =>
  JSON.stringify(value, (_key, part) => {
    if (typeof part === "number" && !Number.isFinite(part)) return { $number: String(part) };
    if (!ArrayBuffer.isView(part)) return part;
    return {
      $typed: part.constructor.name === "Buffer" ? "Uint8Array" : part.constructor.name,
      base64: Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString("base64"),
    };
  });

/** Runs in the page before the bundle: the webview's API over POST and server-sent events. */
function fakeApi() {
  const unpack = (_key, part) => {
    if (part === null || typeof part !== "object") return part;
    if (typeof part.$number === "string") return Number(part.$number);
    if (typeof part.$typed !== "string") return part;
    const bytes = Uint8Array.from(atob(part.base64), (letter) => letter.charCodeAt(0));
    return new globalThis[part.$typed](bytes.buffer);
  };
  const source = new EventSource("/replies");
  source.onmessage = (event) => globalThis.postMessage(JSON.parse(event.data, unpack), "*");
  const connected = new Promise((done) => {
    source.onopen = done;
  });
  let order = connected;
  globalThis.acquireVsCodeApi = () => ({
    postMessage(message) {
      const body = JSON.stringify(message, (_key, part) =>
        ArrayBuffer.isView(part) ? { $bytes: part.byteLength } : part,
      );
      order = order.then(() => fetch("/post", { method: "POST", body }));
    },
    getState: () => JSON.parse(sessionStorage.getItem("state") ?? "null") ?? undefined,
    setState(state) {
      sessionStorage.setItem("state", JSON.stringify(state));
      return state;
    },
  });
}

function documentFor(theme, initial, reducedMotion) {
  const variables = JSON.parse(readFileSync(join(import.meta.dirname, "theme-variables.json"), "utf8"))[theme];
  const escaped = JSON.stringify(initial).replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  const style = Object.entries(variables)
    .map(([name, value]) => `${name}: ${value};`)
    .join(" ");
  const csp =
    "default-src 'none'; script-src 'nonce-preview'; style-src 'self' 'nonce-preview'; img-src 'self' blob: data:; font-src 'self'; connect-src 'self'";
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>preview</title>
<meta http-equiv="Content-Security-Policy" content="${csp}">
<meta name="lowbit-initial-state" content="${escaped}">
<style nonce="preview">:root { ${style} }</style>
<link rel="stylesheet" href="/webview.css">
<script nonce="preview">(${fakeApi})()</script>
</head><body class="${BODY_CLASS[theme]}${reducedMotion ? " vscode-reduce-motion" : ""}" data-vscode-theme-kind="${BODY_CLASS[theme].split(" ")[0]}">
<script type="module" nonce="preview" src="/webview.js"></script></body></html>`;
}

async function bundleWebview() {
  const { outputFiles } = await build({
    entryPoints: { webview: join(PACKAGE, "src/webview/main.ts") },
    outdir: "/preview",
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2023",
    sourcemap: "inline",
    loader: { ".ttf": "file" },
    logLevel: "warning",
  });
  return new Map(outputFiles.map((file) => [`/${basename(file.path)}`, file.contents]));
}

function startEngine(path, model, onMessage) {
  const engine = fork(path, [], {
    serialization: "advanced",
    execArgv: [],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  engine.on("message", (message) => {
    if (message.kind === "log") console.error(`engine ${message.level}: ${message.text}`);
    else if (message.kind !== "ready") onMessage(message);
  });
  engine.on("exit", (code) => {
    if (code) console.error(`engine ended with code ${code}`);
  });
  engine.send({
    kind: "configure",
    settings: { backend: "auto", memoryLimitBytes: 2 ** 31, outlierRule: SETTINGS.outlierRule },
  });
  engine.send({ kind: "model", model: 1, source: { kind: "path", path: resolve(model) } });
  return engine;
}

/**
 * @param {object} options
 * @param {string} options.model path of a file or directory
 * @param {"dark" | "light" | "high-contrast" | "high-contrast-light"} [options.theme]
 * @param {object} [options.place] where to begin: { page, weight, compareWith }
 * @param {Record<string, (params: any, progress: (value: any) => void, signal: AbortSignal) => any>} [options.replies]
 *   answers by request name, instead of engine and host; a thrown { code, message } is a failure
 * @returns {Promise<{ page: import("playwright-core").Page, asked: { name: string, params: any }[], errors: string[],
 *   send(event: object): void, close(): Promise<void>, ready(): Promise<void> }>}
 */
export async function startPreview({
  model,
  theme = "dark",
  place,
  replies = {},
  width = 1200,
  height = 800,
  reducedMotion = true,
  settings = SETTINGS,
  cannotQuantize,
  engine: enginePath = join(PACKAGE, "dist/engine.mjs"),
}) {
  const files = await bundleWebview();
  const streams = new Set();
  const asked = [];
  const running = new Map();
  const toPage = (message) => {
    for (const stream of streams) stream.write(`data: ${pack(message)}\n\n`);
  };
  const engine = model !== undefined && existsSync(enginePath) ? startEngine(enginePath, model, toPage) : undefined;

  async function answer({ id, name, params }) {
    const cancel = new AbortController();
    running.set(id, cancel);
    try {
      const result = await replies[name](
        params,
        (progress) => toPage({ kind: "progress", id, progress }),
        cancel.signal,
      );
      toPage({ kind: "result", id, result });
    } catch (error) {
      toPage({ kind: "failure", id, failure: { code: "preview/fault", ...error, message: error.message } });
    } finally {
      running.delete(id);
    }
  }

  function fromPage(message) {
    if (message.kind === "cancel") {
      if (running.has(message.id)) running.get(message.id).abort();
      else engine?.send(message);
      return;
    }
    asked.push({ name: message.name, params: message.params });
    if (replies[message.name] !== undefined) void answer(message);
    else if (message.name.startsWith("host/")) toPage({ kind: "result", id: message.id, result: {} });
    else if (engine?.connected) engine.send({ ...message, model: 1 });
    else
      toPage({
        kind: "failure",
        id: message.id,
        failure: { code: "preview/no-engine", message: `Nothing answers ${message.name}: no ${enginePath}.` },
      });
  }

  const html = documentFor(theme, { settings, place, cannotQuantize }, reducedMotion);
  const server = createServer((request, response) => {
    if (request.url === "/replies") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(": ready\n\n");
      streams.add(response);
      request.on("close", () => streams.delete(response));
    } else if (request.url === "/post") {
      const parts = [];
      request.on("data", (part) => parts.push(part));
      request.on("end", () => {
        response.end();
        fromPage(JSON.parse(Buffer.concat(parts).toString()));
      });
    } else if (request.url === "/") {
      response.writeHead(200, { "content-type": "text/html" });
      response.end(html);
    } else if (files.has(request.url)) {
      response.writeHead(200, { "content-type": request.url.endsWith(".css") ? "text/css" : "text/javascript" });
      response.end(files.get(request.url));
    } else {
      response.writeHead(request.url === "/favicon.ico" ? 204 : 404);
      response.end();
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const browser = await chromium.launch({
    executablePath: process.env["LOWBIT_CHROMIUM"] ?? "/usr/bin/chromium",
    args: BROWSER_FLAGS,
  });
  const page = await browser.newPage({ viewport: { width, height } });
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error.stack ?? error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) errors.push(message.text());
  });
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  return {
    page,
    asked,
    errors,
    /** A host event: { event: "settings-changed", settings } and so on. */
    send: (event) => toPage({ kind: "event", ...event }),
    /** Until the app is there and the page has shown everything. */
    ready: async () => {
      await page.locator('[data-testid="app"]:not([data-state="loading"])').waitFor({ timeout: 30_000 });
      await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null, null, {
        timeout: 30_000,
      });
    },
    close: async () => {
      await browser.close();
      engine?.kill();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Violations of axe-core in the page, as lines. */
export async function axeViolations(page) {
  // Not addScriptTag: the page's content security policy forbids it, as it should.
  await page.evaluate(readFileSync(join(PACKAGE, "node_modules/axe-core/axe.min.js"), "utf8"));
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  return violations.map(
    ({ id, impact, help, nodes }) =>
      `${impact} ${id}: ${help} (${nodes.length}) ${nodes
        .slice(0, 4)
        .map((node) => `${node.target.join(" ")} ${node.failureSummary?.replaceAll("\n", " ") ?? ""}`)
        .join(" | ")}`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      page: { type: "string", default: "overview" },
      weight: { type: "string" },
      "compare-with": { type: "string" },
      theme: { type: "string", default: "dark" },
      size: { type: "string", default: "1200x800" },
      shot: { type: "string" },
      axe: { type: "boolean", default: false },
    },
  });
  const [width, height] = values.size.split("x").map(Number);
  const preview = await startPreview({
    model: positionals[0],
    theme: values.theme,
    width,
    height,
    place: { page: values.page, weight: values.weight, compareWith: values["compare-with"] },
  });
  try {
    await preview.ready();
    if (values.shot) await preview.page.screenshot({ path: values.shot });
    if (values.axe) console.log((await axeViolations(preview.page)).join("\n") || "axe: no violations");
    else if (!values.shot) console.log(await preview.page.locator("body").ariaSnapshot());
  } finally {
    for (const error of preview.errors) console.error(error);
    await preview.close();
  }
}
