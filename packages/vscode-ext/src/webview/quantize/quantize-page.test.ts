// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { QuantizeForecast, QuantizeSettings } from "../../protocol/quantize-messages.js";
import { type Answer, enterText, type FakeContext, failure, fakeContext, findById } from "../fake-context.fixture.js";
import { METHOD_FORMS } from "../method-form/method-forms.fixture.js";
import { QuantizePage } from "./quantize-page.js";
import { QuantizeRun } from "./quantize-run.js";

const EVIL = "<img src=x onerror=alert(1)>\u202E";
const forecast: QuantizeForecast = {
  quantizedTensors: 14,
  keptTensors: 3,
  inputBytes: 2000,
  outputBytes: 500,
  bitsPerWeight: 5.5,
  quantizedBitsPerWeight: 4.5,
  claimedBitsPerWeight: 4.25,
  seconds: 3,
  peakMemoryBytes: 1e6,
  threads: 2,
  files: [{ name: "model.safetensors", byteLength: 500 }],
  tensors: Array.from({ length: 150 }, (_, index) => ({
    name: `${EVIL} ${index}`,
    action: "quantize" as const,
    reason: EVIL,
    inputBytes: 4,
    outputBytes: 1,
  })),
  command: "lowbit quantize 'a b' out --method rtn",
};

let container: HTMLElement;
let run: QuantizeRun;

function newContainer(): void {
  document.body.replaceChildren();
  container = document.body.appendChild(document.createElement("div"));
}

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1000);

async function open(
  answers: Record<string, Answer> = {},
  extra: Parameters<typeof fakeContext>[1] = {},
): Promise<{ readonly context: FakeContext; readonly page: QuantizePage }> {
  const context = fakeContext(
    { "trial/methods": () => ({ methods: METHOD_FORMS }), "quantize/forecast": () => forecast, ...answers },
    extra,
  );
  const page = new QuantizePage(container, context, run);
  page.update({ page: "quantize" });
  await settle();
  return { context, page };
}

const find = (id: string): HTMLElement => findById(container, id);
const lastForecast = (context: FakeContext): QuantizeSettings =>
  context.paramsOf("quantize/forecast").at(-1) as QuantizeSettings;

describe("QuantizePage", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    newContainer();
    run = new QuantizeRun();
  });
  afterEach(() => {
    container.remove();
    vi.useRealTimers();
  });

  it("shows the plan of the defaults, and what hostile names are as text", async () => {
    const { context } = await open();
    expect(lastForecast(context)).toMatchObject({
      method: "rtn",
      output: "tiny-llama-rtn-4bit",
      keep: [],
      force: false,
    });
    expect(find("quantize-forecast").textContent).toContain("14 quantized, 3 kept");
    expect(find("quantize-command").textContent).toContain(forecast.command);
    expect(container.querySelector("img")).toBeNull();
    expect(container.textContent).not.toContain("\u202E");
    expect(container.getAttribute("aria-busy")).toBe("false");
  });

  it("shows the first hundred tensors, then all", async () => {
    await open();
    const rows = (): number => container.querySelectorAll("details[open] tbody tr").length;
    expect(rows()).toBe(100);
    [...container.querySelectorAll("button")].find(({ textContent }) => textContent?.includes("50 more"))?.click();
    expect(rows()).toBe(150);
  });

  it("asks for the plan once after several changes, and takes a stale question back", async () => {
    const open1 = await open();
    const { context } = open1;
    const before = context.paramsOf("quantize/forecast").length;
    for (const bits of ["2", "3", "8"]) enterText(find("quantize-option-bits"), bits);
    enterText(find("quantize-keep"), "*.0.*\n *.1.*,*.0.*");
    await settle();
    expect(context.paramsOf("quantize/forecast")).toHaveLength(before + 1);
    expect(lastForecast(context)).toMatchObject({ options: { bits: 8 }, keep: ["*.0.*", "*.1.*"] });
  });

  it("keeps what was entered, and begins with it again", async () => {
    const { context, page } = await open();
    enterText(find("quantize-option-bits"), "3");
    enterText(find("quantize-output"), "/tmp/out");
    page.dispose();
    newContainer();
    await open({}, { kept: context.kept });
    expect((find("quantize-option-bits") as HTMLInputElement).value).toBe("3");
    expect((find("quantize-output") as HTMLInputElement).value).toBe("/tmp/out");
  });

  it("takes a setting over from Try", async () => {
    const { page, context } = await open();
    const options = Object.fromEntries(METHOD_FORMS[1]!.options.map(({ name, default: preset }) => [name, preset]));
    page.update({ page: "quantize", setting: { method: "hqq", options: { ...options, bits: 2 } } });
    await settle();
    expect((find("quantize-method") as HTMLSelectElement).value).toBe("hqq");
    expect(lastForecast(context)).toMatchObject({ method: "hqq", options: { bits: 2 } });
  });

  it.each([
    ["pipeline/output-exists", {}, "quantize-output-problem"],
    ["pipeline/unmatched-rule", {}, "quantize-keep-problem"],
    ["options/conflict", { options: ["zero"] }, "quantize-option-zero-problem"],
    ["core/anything", {}, "failure"],
  ])("shows the failure %s in its place", async (code, more, place) => {
    await open({
      "quantize/forecast": () => {
        throw failure(code, "That is wrong.", more);
      },
    });
    expect(find(place).textContent).toContain("That is wrong.");
    expect(find(place).textContent).toContain(code);
    expect(container.querySelector('[data-testid="quantize-forecast"]')).toBeNull();
  });

  it("asks for the output where none is entered, runs, and says how it ended", async () => {
    const { context } = await open({
      "host/pick-output": () => ({ path: "/tmp/chosen" }),
      "host/quantize": ({ output }: QuantizeSettings) => ({ output }),
    });
    find("quantize-run").click();
    await settle();
    expect(context.paramsOf("host/pick-output")).toEqual([{ suggestion: "tiny-llama-rtn-4bit" }]);
    expect(context.paramsOf("host/quantize")).toMatchObject([{ output: "/tmp/chosen", method: "rtn" }]);
    expect(find("quantize-state").dataset["phase"]).toBe("done");
    expect(find("quantize-state").textContent).toContain("/tmp/chosen");
    expect(context.announced).toContain("Quantization complete: /tmp/chosen");
  });

  it("does not run without an output, nor with a path that is no whole one", async () => {
    const { context } = await open({ "host/pick-output": () => ({}) });
    find("quantize-run").click();
    await settle();
    enterText(find("quantize-output"), "out");
    find("quantize-run").click();
    await settle();
    expect(find("quantize-output-problem").textContent).toContain("whole path");
    expect(context.paramsOf("host/quantize")).toEqual([]);
  });

  it("says that a run was cancelled, and goes on showing one that the page before it started", async () => {
    let cancel: (answer: object) => void = () => {};
    const answers: Record<string, Answer> = {
      "host/quantize": () =>
        new Promise((resolve) => {
          cancel = resolve;
        }),
    };
    const { page, context } = await open(answers, { kept: { output: "/tmp/out" } });
    find("quantize-run").click();
    await settle();
    expect(find("quantize-state").dataset["phase"]).toBe("running");
    expect((find("quantize-run") as HTMLButtonElement).disabled).toBe(true);
    page.dispose();
    newContainer();
    await open(answers, { kept: context.kept });
    expect(find("quantize-state").dataset["phase"]).toBe("running");
    cancel({});
    await settle();
    expect(find("quantize-state").dataset["phase"]).toBe("cancelled");
  });

  it("says why where models cannot be quantized, and asks for nothing", async () => {
    const { context } = await open({}, { cannotQuantize: "A browser has no file system." });
    expect(find("quantize-unavailable").textContent).toContain("A browser has no file system.");
    expect(context.asked).toEqual([]);
    expect(container.querySelector('[data-testid="quantize-run"]')).toBeNull();
  });

  it("offers to try again when the methods could not be had", async () => {
    let isDown = true;
    await open({
      "trial/methods": () => {
        if (isDown) throw failure("engine/stopped", "The engine has stopped.");
        return { methods: METHOD_FORMS };
      },
    });
    expect(find("failure").textContent).toContain("engine/stopped");
    isDown = false;
    find("retry").click();
    await settle();
    expect(find("quantize-method")).toBeDefined();
  });
});
