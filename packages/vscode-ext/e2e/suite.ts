import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject } from "vitest";
import { launchBrowser } from "./launch-browser.js";
import { Workbench } from "./workbench.js";

export const ARTIFACTS: string = join(import.meta.dirname, "..", "artifacts");

/** One window of the workbench for the tests of a file. Answers with a function, since the window opens before the first test. */
export function useWorkbench(): () => Workbench {
  let browser: Browser | undefined;
  let workbench: Workbench | undefined;
  const current = (): Workbench => {
    if (workbench === undefined) throw new Error("the window is not open yet");
    return workbench;
  };
  beforeAll(async () => {
    mkdirSync(ARTIFACTS, { recursive: true });
    browser = await launchBrowser();
    workbench = await Workbench.open(browser, inject("url"), inject("workspace"));
  });
  afterEach(async (test) => {
    const failed = test.task.result?.state === "fail" || (test.task.result?.errors?.length ?? 0) > 0;
    const complaints = workbench?.complaints.splice(0) ?? [];
    if (failed) {
      const path = join(ARTIFACTS, `failed-${test.task.name.replace(/[^a-z0-9]+/gi, "-").slice(0, 60)}.png`);
      await workbench?.page.screenshot({ path }).catch(() => {});
      // A menu or dialog that stayed open would fail every test that follows.
      for (let times = 0; times < 3; times++) await workbench?.page.keyboard.press("Escape").catch(() => {});
      console.error(`screenshot of the failure: ${path}${complaints.map((text) => `\n  console: ${text}`).join("")}`);
    }
    expect(complaints, "errors on the console of the page").toEqual([]);
  });
  afterAll(async () => {
    await workbench?.close();
    await browser?.close();
  });
  return current;
}
