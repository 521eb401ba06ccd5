import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Frame } from "playwright-core";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { seriousViolations } from "./axe.js";
import { byId, goTo, PAGES, type PageName, pickWeight } from "./page.js";
import { ARTIFACTS, useWorkbench } from "./suite.js";
import { until } from "./until.js";

const WEIGHT = "model.layers.2.mlp.down_proj.weight";
const SCREENSHOTS = join(import.meta.dirname, "..", "media", "screenshots");
/** They are part of the package. */
const MOST_BYTES = 150_000;

const THEMES = [
  { label: "Light Modern", name: "light", shell: ".monaco-workbench.vs" },
  { label: "Dark Modern", name: "dark", shell: ".monaco-workbench.vs-dark" },
  { label: "Dark High Contrast", name: "high-contrast-dark", shell: ".monaco-workbench.hc-black" },
  { label: "Light High Contrast", name: "high-contrast-light", shell: ".monaco-workbench.hc-light" },
] as const;

const workbench = useWorkbench();

async function open(): Promise<Frame> {
  return workbench().openModel("tiny/model.safetensors");
}

/** Waits for what a page shows on top of its own figures. */
async function complete(frame: Frame, page: PageName): Promise<void> {
  await goTo(frame, page);
  if (page === "tensor") await frame.locator('[data-testid="outlier-map"][data-state="complete"]').waitFor();
  if (page === "compare") await byId(frame, "compare-overall").waitFor();
  if (page === "quantize") await byId(frame, "quantize-command").waitFor();
}

/** For the README and the walkthrough. A whole matrix is noise to an encoder: the tensor is shown zoomed in. */
async function keepScreenshot(frame: Frame, page: PageName): Promise<void> {
  const path = join(SCREENSHOTS, `${page}.jpg`);
  if (page === "tensor") {
    await byId(frame, "map-quantity").selectOption("sigma");
    for (let step = 0; step < 4; step++) await byId(frame, "map-zoom-in").click();
    await frame.locator('[data-testid="outlier-map"][data-state="complete"]').waitFor();
  }
  await workbench().page.locator(".part.editor").screenshot({ path, type: "jpeg", quality: 75 });
  if (page === "tensor") await byId(frame, "map-whole").click();
  expect(statSync(path).size, path).toBeLessThanOrEqual(MOST_BYTES);
}

beforeAll(async () => {
  for (const folder of [ARTIFACTS, SCREENSHOTS]) mkdirSync(folder, { recursive: true });
  const frame = await open();
  await goTo(frame, "tensor");
  await pickWeight(frame, WEIGHT, "tensor-pick");
  await goTo(frame, "compare");
  await byId(frame, "compare-pick").first().click();
  const input = workbench().page.locator(".quick-input-widget:visible input");
  await input.fill(join(inject("workspace"), "quantized"));
  await workbench().page.locator(".quick-input-list .monaco-list-row").first().waitFor();
  await workbench().page.keyboard.press("Enter");
  // Measuring begins by itself.
  await byId(frame, "compare-overall").waitFor();
  await goTo(frame, "try");
  await byId(frame, "try-run").click();
  await byId(frame, "try-sqnr").first().waitFor();
});

describe.each(THEMES)("in the theme $label", ({ label, name, shell }) => {
  beforeAll(async () => {
    await workbench().openPalette("Preferences: Color Theme");
    await workbench()
      .page.locator(".quick-input-list .monaco-list-row", { hasText: "Preferences: Color Theme" })
      .first()
      .click();
    const input = workbench().page.locator(".quick-input-widget:visible input");
    // The list of themes has replaced the list of commands when the field is empty.
    await until("the list of themes", async () => (await input.inputValue()) === "");
    await input.fill(label);
    await workbench().page.locator(".quick-input-list .monaco-list-row", { hasText: label }).first().click();
    await workbench().page.locator(shell).waitFor();
  });

  it.each(PAGES)("%s has no serious accessibility violation", async (page) => {
    const frame = await open();
    await complete(frame, page);
    await workbench().page.mouse.move(600, 826);
    const path = join(ARTIFACTS, `${page}-${name}.png`);
    await workbench().page.screenshot({ path });
    if (name === "dark" && process.env["LOWBIT_UPDATE_SCREENSHOTS"]) await keepScreenshot(frame, page);
    expect(await seriousViolations(frame), path).toEqual([]);
  });

  it("the page of a malformed file has none either", async () => {
    const frame = await workbench().openModel("hostile/duplicate-tensor.safetensors");
    await byId(frame, "problem").first().waitFor();
    const path = join(ARTIFACTS, `malformed-${name}.png`);
    await workbench().page.screenshot({ path });
    expect(await seriousViolations(frame), path).toEqual([]);
  });
});
