import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Frame } from "playwright-core";
import { describe, expect, inject, it } from "vitest";
import { tabTo } from "./keyboard.js";
import { bf16At } from "./make-workspace.js";
import { byId, goTo, PAGES, pickWeight, untilShown } from "./page.js";
import { useWorkbench } from "./suite.js";
import { PATIENCE } from "./until.js";

const MODEL = "tiny/model.safetensors";
const WEIGHT = "model.layers.2.mlp.down_proj.weight";
const workbench = useWorkbench();

function open(): Promise<Frame> {
  return workbench().openModel(MODEL);
}

/** [row, rows, column, columns] of what the map shows. */
async function mapWindow(frame: Frame): Promise<number[]> {
  return (await byId(frame, "outlier-map").getAttribute("data-window"))?.split(",").map(Number) ?? [];
}

describe("by keyboard alone", () => {
  it("opens the model and goes through all pages", async () => {
    const { page } = workbench();
    await open();
    for (const [index, name] of PAGES.entries()) {
      await page.keyboard.press("Control+K");
      await page.keyboard.press(String(index + 1));
      const frame = await workbench().appFrame();
      await untilShown(frame, name);
      expect(await byId(frame, `tab-${name}`).getAttribute("aria-selected")).toBe("true");
    }
  });

  it("goes from the tabs to a line of the layers and into its tensor", async () => {
    const { page } = workbench();
    const frame = await open();
    await goTo(frame, "overview");
    await tabTo(page, frame, '[role="tab"]', "Shift+Tab");
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await untilShown(frame, "layers");
    await tabTo(
      page,
      frame,
      '[role="treegrid"] [role="row"], [role="treegrid"] [role="gridcell"], [role="treegrid"] [role="rowheader"]',
    );
    for (let step = 0; step < 4; step++) await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Home");
    await page.keyboard.press("Control+End");
    await page.keyboard.press("Enter");
    await untilShown(frame, "tensor");
    expect(await byId(frame, "tensor-name").innerText()).toContain("norm");
  });

  it("zooms the map and reads a value", async () => {
    const { page } = workbench();
    const frame = await open();
    await goTo(frame, "tensor");
    await pickWeight(frame, WEIGHT, "tensor-pick");
    const map = frame.locator('[data-testid="outlier-map"][data-state="complete"]');
    await map.waitFor();
    await tabTo(page, frame, '[data-testid="outlier-map"]');
    const before = await mapWindow(frame);
    await page.keyboard.press("+");
    await expect.poll(async () => (await mapWindow(frame))[1], { timeout: PATIENCE }).toBeLessThan(before[1] ?? 0);
    await page.keyboard.press("ArrowRight");
    await expect
      .poll(() => byId(frame, "map-readout").innerText(), { timeout: PATIENCE })
      .toMatch(/row \d+, column \d+/i);
    await page.keyboard.press("0");
    await expect.poll(() => mapWindow(frame), { timeout: PATIENCE }).toEqual(before);
  });
});

describe("the document", () => {
  it("never scrolls, whatever is focused or brought into view: only the page does", async () => {
    const frame = await open();
    await goTo(frame, "tensor");
    await pickWeight(frame, WEIGHT, "tensor-pick");
    for (const name of PAGES) {
      await goTo(frame, name);
      const moved = await frame.evaluate(() => {
        const root = document.scrollingElement as HTMLElement;
        const frames = [root, document.body, ...document.querySelectorAll(".app, .app-main, .app-panel")];
        // What takes the focus, and what is only for screen readers: both are brought into view by browsers.
        const reached = "button, input, select, summary, [tabindex], .visually-hidden";
        return [...document.querySelectorAll<HTMLElement>(reached)].slice(0, 200).flatMap((element) => {
          element.focus();
          element.scrollIntoView({ block: "start" });
          if (frames.every(({ scrollTop, scrollLeft }) => scrollTop === 0 && scrollLeft === 0)) return [];
          return `${element.tagName}.${element.className}`;
        });
      });
      expect(moved, `what scrolled the document of ${name}`).toEqual([]);
    }
  });
});

describe("the outlier map", () => {
  it("zooms down to single values, and shows the value of the file", async () => {
    const frame = await open();
    await goTo(frame, "tensor");
    await pickWeight(frame, WEIGHT, "tensor-pick");
    await frame.locator('[data-testid="outlier-map"][data-state="complete"]').waitFor();
    for (let step = 0; step < 12 && ((await mapWindow(frame))[3] ?? 0) > 20; step++) {
      const [, , , columns] = await mapWindow(frame);
      await byId(frame, "map-zoom-in").click();
      await expect.poll(async () => (await mapWindow(frame))[3], { timeout: PATIENCE }).toBeLessThan(columns ?? 0);
    }
    await frame.locator('[data-testid="outlier-map"][data-state="complete"]').waitFor();
    await byId(frame, "outlier-map").hover();
    const readout = byId(frame, "map-readout");
    await expect.poll(() => readout.innerText(), { timeout: PATIENCE }).toMatch(/row \d+, column \d+: /i);
    const found = /row (\d+), column (\d+): ([-−0-9.e]+)/i.exec(await readout.innerText());
    const [row, column, shown] = [Number(found?.[1]), Number(found?.[2]), Number(found?.[3]?.replaceAll("−", "-"))];
    const value = bf16At(join(inject("workspace"), MODEL), WEIGHT, row, column);
    expect(Math.abs(shown - value)).toBeLessThanOrEqual(Math.abs(value) * 5e-3);
    await byId(frame, "map-whole").click();
  });

  it("follows the setting of the outlier rule", async () => {
    const frame = await open();
    await goTo(frame, "tensor");
    await pickWeight(frame, WEIGHT, "tensor-pick");
    const text = (): Promise<string> => byId(frame, "distribution").innerText();
    await expect.poll(text, { timeout: PATIENCE }).toMatch(/outliers/i);
    const before = await text();
    const settings = join(inject("workspace"), ".vscode", "settings.json");
    mkdirSync(dirname(settings), { recursive: true });
    writeFileSync(settings, '{ "lowbit.outlierRule": "2 sigma" }');
    await expect.poll(text, { timeout: PATIENCE }).not.toBe(before);
    rmSync(settings);
    await expect.poll(text, { timeout: PATIENCE }).toBe(before);
  });
});

describe("try a quantization", () => {
  it("shows two settings side by side", async () => {
    const frame = await open();
    await goTo(frame, "try");
    const results = byId(frame, "try-result");
    await byId(frame, "try-run").click();
    await expect.poll(() => results.locator('[data-testid="try-sqnr"]').count(), { timeout: PATIENCE }).toBe(1);
    await byId(frame, "try-pin").first().click();
    await byId(frame, "try-option-bits").fill("2");
    await byId(frame, "try-run").click();
    await expect.poll(() => results.locator('[data-testid="try-sqnr"]').count(), { timeout: PATIENCE }).toBe(2);
    const sqnr = (await byId(frame, "try-sqnr").allInnerTexts())
      .map((text) => Number.parseFloat(text))
      .sort((a, b) => a - b);
    expect(sqnr[1]! - sqnr[0]!).toBeGreaterThan(6);
    await byId(frame, "try-quantize").click();
    await untilShown(frame, "quantize");
    await expect.poll(() => byId(frame, "quantize-option-bits").inputValue(), { timeout: PATIENCE }).toBe("2");
  });
});

describe("exports", () => {
  it.each([
    ["csv", /^"?name/i],
    ["json", /^[[{]/],
  ])("writes the layers as %s", async (format, begin) => {
    const frame = await open();
    await goTo(frame, "layers");
    const path = join(inject("workspace"), "out", `layers.${format}`);
    await byId(frame, `layers-export-${format}`).click();
    await workbench().answerPath(path);
    await expect.poll(() => existsSync(path), { timeout: PATIENCE }).toBe(true);
    const text = readFileSync(path, "utf8");
    expect(text).toMatch(begin);
    expect(text).toContain(WEIGHT);
  });

  it("writes the map as PNG", async () => {
    const frame = await open();
    await goTo(frame, "tensor");
    await pickWeight(frame, WEIGHT, "tensor-pick");
    await frame.locator('[data-testid="outlier-map"][data-state="complete"]').waitFor();
    const path = join(inject("workspace"), "out", "map.png");
    await byId(frame, "map-export").click();
    await workbench().answerPath(path);
    await expect.poll(() => existsSync(path), { timeout: PATIENCE }).toBe(true);
    expect([...readFileSync(path).subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
  });
});
