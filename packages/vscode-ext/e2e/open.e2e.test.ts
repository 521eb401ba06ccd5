import { describe, expect, it } from "vitest";
import { HOSTILE, HTML_NAME } from "./make-workspace.js";
import { byId, goTo, PAGES, untilShown } from "./page.js";
import { useWorkbench } from "./suite.js";

const workbench = useWorkbench();

describe("opening a model", () => {
  it("shows the bundled model, and every page of it by mouse", async () => {
    const frame = await workbench().openModel("tiny/model.safetensors");
    const overview = await untilShown(frame, "overview");
    const facts = await byId(overview, "overview-facts").innerText();
    expect(facts).toContain("LlamaForCausalLM");
    expect(facts).toMatch(/16(\.0+)? /);
    for (const page of PAGES) {
      await goTo(frame, page);
      expect(await byId(frame, `tab-${page}`).getAttribute("aria-selected")).toBe("true");
      expect(await byId(frame, "failure").count(), page).toBe(0);
    }
  });

  it("shows an index as one model", async () => {
    const frame = await workbench().openModel("sharded/model.safetensors.index.json");
    const overview = await untilShown(frame, "overview");
    expect(await overview.innerText()).toContain("model-00003-of-00003.safetensors");
    const layers = await goTo(frame, "layers");
    expect(await byId(layers, "layers-count").innerText()).toContain("56 of 56");
  });

  it("shows a directory as a model", async () => {
    await workbench().explorerMenu("tiny", "Open as Model");
    await workbench().page.locator(".tabs-container .tab.active", { hasText: "tiny" }).waitFor();
    const frame = await workbench().appFrame();
    await untilShown(frame, "overview");
    expect(await byId(frame, "overview-facts").innerText()).toContain("LlamaForCausalLM");
  });

  it("shows a quantized model as logical weights", async () => {
    const frame = await workbench().openModel("quantized/model.safetensors");
    await untilShown(frame, "overview");
    expect(await byId(frame, "overview-facts").innerText()).toMatch(/quantized/i);
    const layers = await goTo(frame, "layers");
    await byId(layers, "layers-filter").fill("down_proj");
    await layers.locator('[role="row"]', { hasText: "rtn" }).first().waitFor();
  });
});

describe("malformed files", () => {
  it.each(HOSTILE)("%s opens to a page with code, position and remedy", async (name) => {
    const frame = await workbench().openModel(`hostile/${name}.safetensors`);
    const problem = byId(frame, "problem").first();
    await problem.waitFor();
    expect(await byId(problem, "problem-code").innerText()).toMatch(/^safetensors\//);
    expect((await byId(problem, "problem-message").innerText()).length).toBeGreaterThan(10);
    expect((await byId(problem, "problem-remedy").innerText()).length).toBeGreaterThan(10);
  });

  it.each(["duplicate-tensor", "deep-nesting"])("%s names the byte", async (name) => {
    const frame = await workbench().openModel(`hostile/${name}.safetensors`);
    const offset = await byId(frame, "problem-offset").first().innerText();
    expect(offset).toMatch(/\d/);
  });

  it.each(["html", "html-broken"])("%s: names and metadata are text, no script runs", async (name) => {
    const frame = await workbench().openModel(`hostile/${name}.safetensors`);
    await untilShown(frame, "overview");
    expect(await frame.locator("body").innerText()).toContain(HTML_NAME.slice(0, 12));
    if (name === "html") {
      const layers = await goTo(frame, "layers");
      await layers.locator('[role="row"]', { hasText: "<img" }).first().waitFor();
      expect(await frame.locator("[role=treegrid] img, [role=treegrid] script").count()).toBe(0);
    }
    expect(await frame.title()).not.toBe("run");
    expect(await frame.locator('img[src="x"]').count()).toBe(0);
  });
});

describe("around the editor", () => {
  it("lists the models of the workspace", async () => {
    const { page } = workbench();
    await page.locator('.activitybar [aria-label="lowbit"]').first().click();
    const view = page.locator(".pane-body .monaco-list-row");
    await view.filter({ hasText: "quantized" }).first().waitFor();
    await view.filter({ hasText: "sharded" }).first().waitFor();
    await page.locator('.activitybar [aria-label^="Explorer"]').first().click();
  });

  it("tells size and bits per weight of the open model in the status bar", async () => {
    await workbench().openModel("tiny/model.safetensors");
    await workbench()
      .page.locator(".statusbar-item", { hasText: /10\.0 MiB.*16 bpw/ })
      .first()
      .waitFor();
  });
});
