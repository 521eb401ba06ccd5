import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { safetensorsFile } from "./make-workspace.js";
import { byId, goTo, pickWeight, untilShown } from "./page.js";
import { useWorkbench } from "./suite.js";
import { PATIENCE } from "./until.js";

const MODEL = "tiny/model.safetensors";
const WEIGHT = "model.layers.2.mlp.down_proj.weight";
/** Text of the row of the last weight, and of that row once its statistics stand in it. */
const LAST = /^\s*norm\.weight/;
const MEASURED = /^\s*norm\.weight[\s\S]*\d\.\d\d/;
const workbench = useWorkbench();

describe("what a page remembers", () => {
  it("finds page and weight again after a reload of the window", async () => {
    const frame = await workbench().openModel(MODEL);
    await goTo(frame, "tensor");
    await pickWeight(frame, WEIGHT, "tensor-pick");
    await frame.locator('[data-testid="outlier-map"][data-state="complete"]').waitFor();
    await workbench().untilStateSaved(WEIGHT);
    await workbench().reload();
    const again = await workbench().appFrame();
    await untilShown(again, "tensor");
    expect(await byId(again, "tensor-name").innerText()).toContain(WEIGHT);
  });

  it("finds the scroll position again in a tab that was hidden", async () => {
    const frame = await workbench().openModel(MODEL);
    const layers = await goTo(frame, "layers");
    const last = layers.locator('[role="row"]', { hasText: LAST });
    const grid = byId(layers, "layers-grid");
    await byId(layers, "layers-fold-equal").uncheck();
    await layers.locator('[role="row"]', { hasText: "embed_tokens" }).waitFor();
    expect(await last.count()).toBe(0);
    await grid.hover();
    await workbench().page.mouse.wheel(0, 5000);
    await last.first().waitFor();
    await workbench().openModel("hostile/empty-file.safetensors");
    const again = await workbench().openModel(MODEL);
    await untilShown(again, "layers");
    await again.locator('[data-testid="layers-grid"] [role="row"]', { hasText: LAST }).first().waitFor();
  });
});

describe("documents", () => {
  it("notices that the file changed on disk", async () => {
    const folder = join(inject("workspace"), "changing");
    mkdirSync(folder);
    const file = (name: string): Uint8Array =>
      safetensorsFile({ [name]: { dtype: "F32", shape: [2, 2], data_offsets: [0, 16] } }, new Uint8Array(16));
    writeFileSync(join(folder, "changing.safetensors"), file("before"));
    const frame = await workbench().openModel("changing/changing.safetensors");
    const layers = await goTo(frame, "layers");
    await layers.locator('[role="row"]', { hasText: "before" }).first().waitFor();
    writeFileSync(join(folder, "changing.safetensors"), file("afterwards"));
    await frame.locator('[role="row"]', { hasText: "afterwards" }).first().waitFor();
  });

  it("is shared by two editors of one file", async () => {
    const { page } = workbench();
    cpSync(join(inject("workspace"), MODEL), join(inject("workspace"), "changing", "split.safetensors"));
    const frame = await workbench().openModel("changing/split.safetensors");
    const layers = await goTo(frame, "layers");
    await byId(layers, "layers-measure").click();
    await layers.locator('[role="row"]', { hasText: MEASURED }).waitFor();
    await workbench().command("View: Split Editor Right");
    await expect.poll(() => page.locator("iframe.webview:visible").count(), { timeout: PATIENCE }).toBe(2);
    const second = await workbench().appFrame();
    await goTo(second, "layers");
    // What the first editor measured is known to the second one, without asking.
    await second.locator('[role="row"]', { hasText: MEASURED }).waitFor();
    await page.keyboard.press("Control+W");
  });
});
