// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from "vitest";

import { fakeContext } from "../fake-context.fixture.js";
import { openModel } from "../open-model.fixture.js";
import { mountOverviewPage } from "./overview-page.js";

const HOSTILE = "<script>alert(1)</script><b>x</b>\u202e\u0000";
const SHOWN = "<script>alert(1)</script><b>x</b>\\u202e\\x00";
const share = { storage: HOSTILE, count: 3, parameters: 1000, bytes: 500, isQuantized: true };
const column = (index: number) => ({
  label: `layers ${index}`,
  firstWeight: `w.${index}`,
  parameters: 1000,
  bytes: 500,
  bitsPerWeight: 4 + index,
  storages: [share],
});
const model = openModel({
  architecture: HOSTILE,
  metadata: [{ key: HOSTILE, value: HOSTILE }],
  notes: [{ text: HOSTILE, weights: 1 }],
  sideFiles: [{ name: HOSTILE, byteLength: 10 }],
  storages: [share],
  skyline: [column(0), column(1), column(2)],
  original: "/models/original",
  quantizedWeights: 2,
  storedBitsPerWeight: 4.1274,
  claimedBitsPerWeight: 4,
  memory: { weightBytes: 2048, cacheBytesPer1024Tokens: 1024, contextLength: 4096 },
});

function mount(context = fakeContext({}, { model })) {
  const container = document.body.appendChild(document.createElement("div"));
  return { container, context, page: mountOverviewPage(container, { page: "overview" }, context) };
}

afterEach(() => document.body.replaceChildren());

describe("the page Overview", () => {
  it("tells the figures of the model", () => {
    const facts = mount().container.querySelector('[data-testid="overview-facts"]')!.textContent!.replace(/\s+/g, " ");
    expect(facts).toContain("4.127 stored");
    expect(facts).toContain("4 claimed");
    expect(facts).toContain("3, 2 quantized");
    expect(facts).toContain("3.00 KiB for 1,024 tokens");
    expect(facts).toContain("6.00 KiB for all 4,096 tokens");
  });

  it("shows hostile text as text", () => {
    const { container } = mount();
    expect(container.querySelector("script, b")).toBeNull();
    const metadata = container.querySelector('[data-testid="metadata"] tbody')!;
    expect([...metadata.querySelectorAll("code")].map((code) => code.textContent)).toEqual([SHOWN, SHOWN]);
    expect(container.querySelector('[data-testid="notes"]')!.textContent).toContain(SHOWN);
    expect(container.querySelector('[data-testid="overview-facts"]')!.textContent).toContain(SHOWN);
  });

  it("leads from a column to its layers, by one Tab stop and arrows", () => {
    const { container, context } = mount();
    const columns = (): HTMLElement[] => [...container.querySelectorAll<HTMLElement>('[data-testid="skyline-column"]')];
    expect(columns().map((each) => each.tabIndex)).toEqual([0, -1, -1]);
    expect(columns()[1]!.getAttribute("aria-label")).toContain("layers 1: 5 bits per weight");
    columns()[0]!.focus();
    columns()[0]!.dispatchEvent(new KeyboardEvent("keydown", { key: "End", bubbles: true, cancelable: true }));
    expect(columns().map((each) => each.tabIndex)).toEqual([-1, -1, 0]);
    expect(document.activeElement).toBe(columns()[2]);
    expect(container.querySelector(".skyline-readout")!.textContent).toContain("layers 2: 6 bits");
    columns()[2]!.click();
    expect(context.places).toEqual([{ page: "layers", weight: "w.2" }]);
  });

  it("has the skyline in words and as a table", () => {
    const { container } = mount();
    expect(container.textContent).toContain("3 columns, from 4 bits per weight (layers 0) to 6 (layers 2).");
    expect(container.querySelectorAll(".skyline-table tbody tr")).toHaveLength(3);
  });

  it("offers the comparison with the original", () => {
    const { container, context } = mount();
    container.querySelector<HTMLElement>('[data-testid="open-original"]')!.click();
    expect(context.places).toEqual([{ page: "compare", compareWith: "/models/original" }]);
  });

  it("stands for a model of nothing", () => {
    const { container } = mount(
      fakeContext({}, { model: openModel({ parameters: 0, weights: 0, tensors: 0, storages: [] }) }),
    );
    expect(container.textContent).toContain("There are no weights to show.");
  });
});
