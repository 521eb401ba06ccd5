// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RequestOptions } from "../../protocol/rpc-client.js";
import type { TrialResult, TrialSettings } from "../../protocol/trial-messages.js";
import { type Answer, enterText, type FakeContext, failure, fakeContext, findById } from "../fake-context.fixture.js";
import { METHOD_FORMS } from "../method-form/method-forms.fixture.js";
import type { TrialPictureInput } from "./trial-pictures.js";
import { TryPage } from "./try-page.js";

/** What the pictures of every card were given; canvases are tested where they are drawn. */
const pictures = vi.hoisted(() => ({ shown: [] as TrialPictureInput[], disposed: 0 }));
vi.mock("./trial-pictures.js", () => ({
  TrialPictures: class {
    setLabel(): void {}
    update(input: TrialPictureInput): void {
      pictures.shown.push(input);
    }
    themeChanged(): void {}
    dispose(): void {
      pictures.disposed += 1;
    }
  },
}));

const WEIGHT = "<b>weight</b>\u202E";
const facts = {
  name: WEIGHT,
  shape: [4, 8],
  rows: 4,
  columns: 8,
  storage: "BF16",
  hasValues: true,
  parameters: 32,
  storedBitsPerWeight: 16,
};
const histogram = { edges: new Float64Array(5), counts: new Float64Array(4) };

function result({ weight, method, options }: TrialSettings): TrialResult {
  const bits = Number(options["bits"] ?? 1);
  return {
    ...{ trial: `${method} ${bits}`, weight, method, options, histogram, levels: new Float64Array() },
    ...{ storedBitsPerWeight: bits + 0.25, claimedBitsPerWeight: bits, storedBytes: bits * 4, sqnrDb: 6 * bits },
    ...{ relativeError: 1 / bits, cosineSimilarity: 0.9, maximumError: 1 / bits, seconds: 0.1 },
  };
}

let container: HTMLElement;
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1000);
const find = (id: string): HTMLElement => findById(container, id);
const cards = (): HTMLElement[] => [...container.querySelectorAll<HTMLElement>('[data-testid="try-result"]')];
const runs = (context: FakeContext): TrialSettings[] => context.paramsOf("trial/run") as TrialSettings[];

async function open(
  answers: Record<string, Answer> = {},
  extra: Parameters<typeof fakeContext>[1] & { readonly weight?: string | undefined } = {},
): Promise<{ readonly context: FakeContext; readonly page: TryPage }> {
  const context = fakeContext(
    {
      "trial/methods": () => ({ methods: METHOD_FORMS }),
      "trial/list": () => ({ trials: [] }),
      "trial/run": result,
      "trial/remove": () => ({}),
      "tensor/facts": () => facts,
      "tensor/distribution": ({ bins }: { bins: number }) => ({ std: 1, histogram: { bins } }),
      ...answers,
    },
    extra,
  );
  const page = new TryPage(container, context);
  const weight = "weight" in extra ? extra.weight : WEIGHT;
  page.update({ page: "try", ...(weight !== undefined && { weight }) });
  await settle();
  return { context, page };
}

async function tryBits(bits: number): Promise<void> {
  enterText(find("try-option-bits"), String(bits));
  await settle();
}

describe("TryPage", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    container = document.body.appendChild(document.createElement("div"));
    pictures.shown.length = 0;
    pictures.disposed = 0;
  });
  afterEach(() => {
    container.remove();
    vi.useRealTimers();
  });

  it("tries the form's setting on the open weight, and shows figures and pictures", async () => {
    const { context } = await open();
    expect(runs(context)).toMatchObject([{ weight: WEIGHT, method: "rtn", options: { bits: 4, zero: "integer" } }]);
    expect(find("try-bpw").textContent).toBe("4.25");
    expect(find("try-sqnr").textContent).toBe("24 dB");
    expect(cards()[0]?.dataset).toMatchObject({ trial: "rtn 4", phase: "done" });
    expect(pictures.shown.at(-1)).toMatchObject({ result: { trial: "rtn 4" }, original: { histogram: { bins: 4 } } });
    expect(context.announced.some((text) => text.includes("4.25 bits per weight, SQNR 24 dB"))).toBe(true);
    expect([...container.querySelectorAll("b")].every((each) => each.closest(".chart-legend") !== null)).toBe(true);
    expect(container.textContent).not.toContain("\u202E");
    expect(container.getAttribute("aria-busy")).toBe("false");
  });

  it("asks for a weight where none is chosen", async () => {
    const { context } = await open(
      {
        "layers/window": () => ({
          lines: 1,
          weights: 1,
          begin: 0,
          rows: [{ kind: "weight", name: "a.b", shape: [2], storage: "F32" }],
        }),
      },
      { weight: undefined },
    );
    expect(context.paramsOf("trial/run")).toEqual([]);
    find("try-weight").click();
    await settle();
    container.querySelector<HTMLElement>('[role="option"]')?.click();
    expect(context.places).toEqual([{ page: "try", weight: "a.b" }]);
  });

  it("cancels the run of a setting that was changed meanwhile", async () => {
    const cancelled: string[] = [];
    const { context } = await open({
      "trial/run": (settings: TrialSettings, { signal }: RequestOptions<"trial/run">) =>
        new Promise((resolve) => {
          signal?.addEventListener("abort", () => cancelled.push(String(settings.options["bits"])));
          setTimeout(() => resolve(result(settings)), 5000);
        }),
    });
    enterText(find("try-option-bits"), "2");
    await settle();
    enterText(find("try-option-bits"), "3");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(cancelled).toEqual(["4", "2"]);
    expect(runs(context).map(({ options }) => options["bits"])).toEqual([4, 2, 3]);
    expect(cards().map(({ dataset }) => dataset["trial"])).toEqual(["rtn 3"]);
  });

  it("cancels by its button, and runs again", async () => {
    const { context } = await open({ "trial/run": () => new Promise(() => {}) });
    expect(container.getAttribute("aria-busy")).toBe("true");
    find("try-cancel").click();
    await settle();
    expect(cards()[0]?.dataset["phase"]).toBe("cancelled");
    expect(container.getAttribute("aria-busy")).toBe("false");
    find("try-run").click();
    await settle();
    expect(runs(context)).toHaveLength(2);
  });

  it("pins three settings beside the form's, marks the best of each figure, and charts them", async () => {
    await open();
    for (const bits of [2, 3, 8]) {
      find("try-pin").click();
      await tryBits(bits);
    }
    expect(cards().map(({ dataset }) => dataset["trial"])).toEqual(["rtn 4", "rtn 2", "rtn 3", "rtn 8"]);
    expect((find("try-pin") as HTMLButtonElement).disabled).toBe(true);
    const best = cards().map((card) =>
      [...card.querySelectorAll(".trial-figures .best dt")].map(({ textContent }) => textContent),
    );
    expect(best[0]).toEqual([]);
    expect(best[1]).toContain("Bits per weight, stored");
    expect(best[3]).toEqual(["SQNR", "Relative error", "Largest error"]);
    expect(find("try-chart").querySelectorAll("circle")).toHaveLength(4);
    expect(find("try-chart").querySelector(".chart-legend")?.textContent).toContain("rtn, 8 bits");
  });

  it("keeps pinned settings and asks their results anew, but finds those that the engine still has", async () => {
    const { context, page } = await open();
    find("try-pin").click();
    await tryBits(2);
    find("try-pin").click();
    await tryBits(3);
    expect(context.kept).toMatchObject({ pinned: [{ options: { bits: 4 } }, { options: { bits: 2 } }] });
    page.dispose();
    expect(context.paramsOf("trial/remove")).toEqual([]);
    container.replaceChildren();
    const known = result({ ...(context.kept as { pinned: TrialSettings[] }).pinned[0]! });
    const again = await open({ "trial/list": () => ({ trials: [known] }) }, { kept: context.kept });
    expect(runs(again.context).map(({ options }) => options["bits"])).toEqual([3, 2]);
    expect(cards().map(({ dataset }) => dataset["trial"])).toEqual(["rtn 4", "rtn 2", "rtn 3"]);
  });

  it("removes a card, its trial and its pictures, and gives the focus to the next one", async () => {
    const { context } = await open();
    find("try-pin").click();
    await tryBits(2);
    find("try-remove").click();
    await settle();
    expect(context.paramsOf("trial/remove")).toEqual([{ trial: "rtn 4" }]);
    expect(pictures.disposed).toBe(1);
    expect(document.activeElement).toBe(find("try-remove"));
    find("try-remove").click();
    expect(document.activeElement).toBe(find("try-method"));
  });

  it("shows a refusal beside its fields and on the card", async () => {
    await open({
      "trial/run": () => {
        throw failure("options/conflict", "They exclude each other.", { options: ["zero", "includeZero"] });
      },
    });
    expect(find("try-option-zero-problem").textContent).toContain("options/conflict");
    expect(find("try-option-includeZero-problem")).toBeDefined();
    expect(cards()[0]?.dataset["phase"]).toBe("failed");
    expect(container.getAttribute("aria-busy")).toBe("false");
  });

  it("does not try what a field does not allow", async () => {
    const { context } = await open();
    await tryBits(99);
    expect(runs(context)).toHaveLength(1);
    expect((find("try-run") as HTMLButtonElement).disabled).toBe(true);
    expect((find("try-quantize") as HTMLButtonElement).disabled).toBe(true);
    expect(cards()[0]?.textContent).toContain("the form has changed since");
  });

  it("runs only when asked where that is switched off", async () => {
    const { context } = await open({}, { kept: { isLive: false } });
    await tryBits(3);
    expect(runs(context)).toEqual([]);
    find("try-run").click();
    await settle();
    expect(runs(context)).toMatchObject([{ options: { bits: 3 } }]);
  });

  it("carries the setting over to Quantize", async () => {
    const { context } = await open();
    await tryBits(3);
    find("try-quantize").click();
    expect(context.places).toMatchObject([{ page: "quantize", setting: { method: "rtn", options: { bits: 3 } } }]);
  });

  it("brings a pinned setting back into the form", async () => {
    const { context } = await open();
    find("try-pin").click();
    await tryBits(2);
    [...container.querySelectorAll("button")].find(({ textContent }) => textContent?.includes("Use in form"))?.click();
    await settle();
    expect((find("try-option-bits") as HTMLInputElement).value).toBe("4");
    expect(cards()).toHaveLength(1);
    expect(runs(context)).toHaveLength(2);
  });

  it("frees the trials of a weight when another one is opened", async () => {
    const { context, page } = await open();
    page.update({ page: "try", weight: "other" });
    await settle();
    expect(context.paramsOf("trial/remove")).toEqual([{ trial: "rtn 4" }]);
    expect(runs(context).at(-1)).toMatchObject({ weight: "other" });
  });

  it("says why a weight cannot be tried", async () => {
    const { context } = await open({ "tensor/facts": () => ({ ...facts, hasValues: false }) });
    expect(container.textContent).toContain("no real numbers");
    expect(runs(context)).toEqual([]);
  });
});
