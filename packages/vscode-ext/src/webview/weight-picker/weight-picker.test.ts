// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LayerQuery } from "../../protocol/layer-messages.js";
import { type Answer, enterText, type FakeContext, failure, fakeContext, findById } from "../fake-context.fixture.js";
import { createWeightPicker, type WeightPicker } from "./weight-picker.js";

const NAMES = ["a.q.weight", "a.k.weight", "b.q.weight", "<i>evil</i>\u202E"];
const rows = ({ filter }: LayerQuery): unknown => {
  const found = NAMES.filter((name) => name.includes(filter));
  const lines = found.map((name) => ({ kind: "weight", name, shape: [2, 2], storage: "F32" }));
  return { lines: found.length, weights: found.length, begin: 0, rows: lines };
};

let container: HTMLElement;
let picked: string[];
let picker: WeightPicker;
const field = (): HTMLInputElement => findById<HTMLInputElement>(container, "pick");
const offers = (): HTMLElement[] => [...container.querySelectorAll<HTMLElement>('[role="option"]')];
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(500);

function open(answer: Answer = rows as Answer): FakeContext {
  const context = fakeContext({ "layers/window": answer });
  const { request } = context;
  picker = createWeightPicker(container, {
    request,
    label: "Weight",
    testId: "pick",
    onPick: (name) => picked.push(name),
  });
  return context;
}

async function press(...keys: string[]): Promise<void> {
  for (const key of keys) {
    field().dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    await settle();
  }
}

describe("weight picker", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    container = document.body.appendChild(document.createElement("div"));
    picked = [];
  });
  afterEach(() => {
    picker.dispose();
    container.remove();
    vi.useRealTimers();
  });

  it("offers what contains the text, asked for once after the last letter, and picks by Enter", async () => {
    const context = open();
    for (const text of ["a", "a.", "a.k"]) enterText(field(), text);
    await settle();
    expect((context.paramsOf("layers/window") as LayerQuery[]).map(({ filter }) => filter)).toEqual(["a.k"]);
    expect(field().getAttribute("aria-expanded")).toBe("true");
    expect(field().getAttribute("aria-activedescendant")).toBe("pick-option-0");
    await press("Enter");
    expect(picked).toEqual(["a.k.weight"]);
    expect(field().getAttribute("aria-expanded")).toBe("false");
  });

  it("opens by ArrowDown with all weights, walks around, and Escape brings the name back", async () => {
    open();
    picker.update("b.q.weight");
    await press("ArrowDown", "ArrowDown", "ArrowUp");
    expect(offers()).toHaveLength(4);
    expect(offers()[3]?.getAttribute("aria-selected")).toBe("true");
    enterText(field(), "zzz");
    await settle();
    expect(offers()).toEqual([]);
    expect(container.querySelector('[role="status"]')?.textContent).toBe("No weight has such a name.");
    await press("Escape");
    expect(field().value).toBe("b.q.weight");
    expect(picked).toEqual([]);
  });

  it("shows names as text", async () => {
    open();
    await press("ArrowDown");
    expect(container.querySelector("i")).toBeNull();
    expect(container.textContent).not.toContain("\u202E");
    offers()[3]?.click();
    expect(picked).toEqual(["<i>evil</i>\u202E"]);
  });

  it("picks what was pressed, though other names are offered when the button goes up", async () => {
    open();
    await press("ArrowDown");
    const first = offers()[0];
    first?.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true, detail: 1 }));
    enterText(field(), "q");
    await settle();
    expect(offers().map(({ dataset }) => dataset["name"])).toEqual(["a.q.weight", "b.q.weight"]);
    enterText(field(), "k");
    await settle();
    expect(offers().map(({ dataset }) => dataset["name"])).toEqual(["a.k.weight"]);
    offers()[0]?.dispatchEvent(new MouseEvent("click", { bubbles: true, detail: 1 }));
    expect(picked).toEqual(["a.q.weight"]);
  });

  it("picks what is there when the list has stayed, or when nothing was pressed", async () => {
    open();
    await press("ArrowDown");
    offers()[0]?.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true, detail: 1 }));
    offers()[1]?.parentElement?.dispatchEvent(new MouseEvent("click", { bubbles: true, detail: 1 }));
    expect(picked).toEqual([]);
    enterText(field(), "b");
    await settle();
    offers()[0]?.click();
    expect(picked).toEqual(["b.q.weight"]);
  });

  it("keeps the element of a name, and makes no element another name's", async () => {
    open();
    await press("ArrowDown");
    const before = new Map(offers().map((offer) => [offer.dataset["name"], offer]));
    enterText(field(), "b.q");
    await settle();
    expect(offers()).toEqual([before.get("b.q.weight")]);
    expect(before.get("a.q.weight")?.isConnected).toBe(false);
    expect(before.get("a.q.weight")?.dataset["name"]).toBe("a.q.weight");
  });

  it("does not pick by Enter from what was offered for the text before", async () => {
    open();
    enterText(field(), "a.q");
    await settle();
    enterText(field(), "b.q");
    field().dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    expect(picked).toEqual([]);
    await settle();
    await press("Enter");
    expect(picked).toEqual(["b.q.weight"]);
  });

  it("tells a failure", async () => {
    open(() => {
      throw failure("engine/stopped", "The engine has stopped.");
    });
    await press("ArrowDown");
    expect(container.querySelector('[role="status"]')?.textContent).toBe("The engine has stopped.");
  });
});
