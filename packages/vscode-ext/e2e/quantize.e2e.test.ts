import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { byId, goTo, untilShown } from "./page.js";
import { useWorkbench } from "./suite.js";
import { PATIENCE } from "./until.js";

const workbench = useWorkbench();

describe("quantize from the editor", () => {
  it("runs to its end and opens the result in Compare", async () => {
    const output = join(inject("workspace"), "out", "tiny-4bit");
    await workbench().openModel("tiny/model.safetensors");
    await workbench().command("lowbit: Quantize Model…");
    const frame = await workbench().appFrame();
    await untilShown(frame, "quantize");
    await byId(frame, "quantize-output").fill(output);
    await expect.poll(() => byId(frame, "quantize-command").innerText(), { timeout: PATIENCE }).toContain("tiny-4bit");
    await byId(frame, "quantize-run").click();
    await workbench().page.locator(".tabs-container .tab.active", { hasText: "tiny-4bit" }).waitFor();
    const result = await workbench().appFrame();
    await untilShown(result, "compare");
    await byId(result, "compare-structure").waitFor();
    expect(readdirSync(output).some((name) => name.endsWith(".safetensors"))).toBe(true);
    expect(existsSync(`${output}.partial`)).toBe(false);
    const overview = await goTo(result, "overview");
    expect(await byId(overview, "overview-facts").innerText()).toMatch(/[45]\.\d+/);
  });

  it("leaves nothing behind when it is cancelled", async () => {
    const { page } = workbench();
    const output = join(inject("workspace"), "out", "large-4bit");
    const frame = await workbench().openModel("large/model.safetensors");
    await goTo(frame, "quantize");
    await byId(frame, "quantize-output").fill(output);
    await expect.poll(() => byId(frame, "quantize-command").innerText(), { timeout: PATIENCE }).toContain("large-4bit");
    await byId(frame, "quantize-run").click();
    const toast = page.locator(".notification-toast", { hasText: "Quantizing" });
    await toast.waitFor();
    await toast.hover();
    await toast.locator(".monaco-button", { hasText: "Cancel" }).click();
    await frame.locator('[data-testid="quantize-state"][data-phase="cancelled"]').waitFor();
    await expect
      .poll(() => readdirSync(join(inject("workspace"), "out")).filter((name) => name.startsWith("large")), {
        timeout: PATIENCE,
      })
      .toEqual([]);
  });
});
