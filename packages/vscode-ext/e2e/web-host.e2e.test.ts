import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Frame } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { launchBrowser } from "./launch-browser.js";
import { writeZeros } from "./make-workspace.js";
import { byId, goTo, pickWeight, untilShown } from "./page.js";
import { type RangeServer, serveRanges } from "./serve-ranges.js";
import { type CodeServer, startCodeServer } from "./start-code-server.js";
import { Workbench } from "./workbench.js";

const SETTINGS = {
  // The same package, in the extension host of the browser: its entry point is "browser" of package.json.
  "remote.extensionKind": { "lowbit.lowbit-vscode": ["web"] },
  "lowbit.maximumVirtualFileSize": 64,
};
const WEIGHT = "model.layers.0.mlp.down_proj.weight";
/** Of a weight of the model on the server. */
const WEIGHT_BYTES = 2 * 1024 * 1024;
const WEIGHTS = 16;

let home: string;
let server: CodeServer;
let ranges: RangeServer;
let browser: Browser;
let workbench: Workbench;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "lowbit-web-host-"));
  for (const folder of ["models/small", "models/large", "served"]) mkdirSync(join(home, folder), { recursive: true });
  for (const file of ["config.json", "model.safetensors"])
    cpSync(join(inject("workspace"), "tiny", file), join(home, "models", "small", file));
  writeZeros(join(home, "models", "large", "large.safetensors"), 1);
  writeZeros(join(home, "served", "served.safetensors"), WEIGHTS, 1024, 1024);
  ranges = await serveRanges(join(home, "served"));
  server = await startCodeServer({ home: join(home, "server"), vsix: inject("vsix"), settings: SETTINGS });
  browser = await launchBrowser();
  workbench = await Workbench.open(browser, server.url, join(home, "models"));
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await ranges?.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

async function untilPainted(frame: Frame): Promise<void> {
  await frame.locator('[data-testid="outlier-map"][data-state="complete"]').waitFor();
}

describe("in the extension host of a browser", () => {
  it("shows overview, layers and a map of a file that the workbench hands out", async () => {
    const frame = await workbench.openModel("small/model.safetensors");
    await untilShown(frame, "overview");
    expect(await byId(frame, "overview-facts").innerText()).toContain("LlamaForCausalLM");
    const layers = await goTo(frame, "layers");
    expect(await byId(layers, "layers-count").innerText()).toContain("56");
    await goTo(frame, "tensor");
    await pickWeight(frame, WEIGHT, "tensor-pick");
    await untilPainted(frame);
  });

  it("says on the Quantize page why it cannot write", async () => {
    const frame = await workbench.openModel("small/model.safetensors");
    await goTo(frame, "quantize");
    const reason = await byId(frame, "quantize-unavailable").innerText();
    expect(reason).toMatch(/browser/i);
    expect(await byId(frame, "quantize-run").count()).toBe(0);
  });

  it("says why a file is too large to be handed out whole", async () => {
    const frame = await workbench.openModel("large/large.safetensors");
    const problem = byId(frame, "problem").first();
    await problem.waitFor();
    expect(await byId(problem, "problem-code").innerText()).toContain("host/too-large");
    expect(await byId(problem, "problem-message").innerText()).toContain("86.0 MiB");
    expect(await byId(problem, "problem-remedy").innerText()).toContain("lowbit.maximumVirtualFileSize");
  });

  it("reads of a model on a server what it shows, and no more", async () => {
    await workbench.command("lowbit: Open Model from URL…");
    const input = workbench.page.locator(".quick-input-widget:visible .quick-input-box input");
    await workbench.page.locator(".quick-input-widget:visible", { hasText: "range requests" }).waitFor();
    await input.fill(`${ranges.url}/served.safetensors`);
    await input.press("Enter");
    await workbench.page.locator('.tabs-container .tab.active[data-resource-name="served.safetensors"]').waitFor();
    const frame = await workbench.appFrame();
    await untilShown(frame, "overview");
    expect(ranges.requests.join("\n")).toContain("GET served.safetensors bytes=");
    expect(ranges.sentBytes()).toBeLessThan(WEIGHT_BYTES / 4);
    await goTo(frame, "tensor");
    await pickWeight(frame, WEIGHT, "tensor-pick");
    await untilPainted(frame);
    expect(ranges.sentBytes()).toBeGreaterThan(WEIGHT_BYTES);
    expect(ranges.sentBytes()).toBeLessThan((WEIGHT_BYTES * WEIGHTS) / 2);
  });

  it("reports no error on the console of its pages", () => {
    expect(workbench.complaints).toEqual([]);
  });
});
