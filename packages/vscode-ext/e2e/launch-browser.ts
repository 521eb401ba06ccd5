import { spawnSync } from "node:child_process";
import { type Browser, type BrowserContext, chromium } from "playwright-core";

const PROGRAMS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** LOWBIT_CHROMIUM, or the first of the known programs that is installed. */
function findBrowser(): string {
  const named = process.env["LOWBIT_CHROMIUM"];
  if (named) return named;
  for (const program of PROGRAMS) {
    const found = spawnSync("which", [program], { encoding: "utf8" });
    if (found.status === 0) return found.stdout.trim();
  }
  throw new Error(`none of ${PROGRAMS.join(", ")} is installed; run: npm run setup -- --test`);
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findBrowser(), args: FLAGS });
}

/** A window without memory of earlier ones, in which nothing but this machine can be reached. */
export async function newWindow(browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 840 }, acceptDownloads: true });
  await context.route(
    (url) =>
      (url.protocol === "http:" || url.protocol === "https:") &&
      url.hostname !== "127.0.0.1" &&
      url.hostname !== "localhost",
    (route) => route.abort(),
  );
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  return context;
}
