// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from "vitest";
import type { LayerLine, LayerQuery, LayerWindow } from "../../protocol/layer-messages.js";
import type { RequestName } from "../../protocol/request-map.js";
import { type Answer, type FakeContext, failure, fakeContext } from "../fake-context.fixture.js";
import { layerLine } from "./layer-line.fixture.js";
import { mountLayersPage } from "./layers-page.js";

const model = { weights: 3 };
const HOSTILE = '<img src=x onerror="alert(1)">\u202e\u0000';

/** A module of two weights, the second quantized, and one more weight. */
function lines(query: LayerQuery): LayerLine[] {
  const isFolded = query.except?.includes("model") ?? false;
  return [
    layerLine({ id: "model", kind: "module", label: HOSTILE, canUnfold: true, isUnfolded: !isFolded, setSize: 2 }),
    ...(isFolded
      ? []
      : [
          layerLine({ id: "model.a", depth: 1, label: "a.weight", name: "model.a.weight" }),
          layerLine({
            id: "model.b",
            depth: 1,
            label: "b.weight",
            name: "model.b.weight",
            canUnfold: true,
            positionInSet: 2,
          }),
        ]),
    layerLine({ id: "head", label: "head.weight", name: "head.weight", positionInSet: 2, setSize: 2 }),
  ].filter(({ name }) => query.filter === "" || name?.includes(query.filter));
}

const answers: Partial<Record<RequestName, Answer>> = {
  "layers/window": ({ begin, end, ...query }: LayerQuery & { begin: number; end: number }): LayerWindow => {
    const all = lines(query);
    return { lines: all.length, weights: all.length - 1, begin, rows: all.slice(begin, end) };
  },
  "layers/locate": () => ({ line: 3, unfolded: [] }),
  "layers/export": () => ({ text: "table", lines: 4 }),
  "host/copy": () => ({}),
};

const settle = () => new Promise((resolve) => setTimeout(resolve, 50));
const mounted: { dispose(): void }[] = [];

async function mount(context: FakeContext, weight?: string): Promise<HTMLElement> {
  const container = document.body.appendChild(document.createElement("div"));
  mounted.push(mountLayersPage(container, { page: "layers", ...(weight === undefined ? {} : { weight }) }, context));
  // There is no layout here: the list is as tall as six lines.
  Object.defineProperty(container.querySelector(".layers-grid"), "clientHeight", { value: 29 + 6 * 22 });
  await settle();
  return container;
}

const rows = (container: HTMLElement): HTMLElement[] => [
  ...container.querySelectorAll<HTMLElement>(".layers-body [role=row]"),
];
const press = async (container: HTMLElement, key: string, held: KeyboardEventInit = {}): Promise<void> => {
  (document.activeElement ?? container).dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...held }),
  );
  await settle();
};

afterEach(() => {
  for (const page of mounted.splice(0)) page.dispose();
  document.body.replaceChildren();
});

describe("the page Layers", () => {
  it("is a treegrid that tells level, place and state of its rows", async () => {
    const container = await mount(fakeContext(answers, { model }));
    expect(container.getAttribute("aria-busy")).toBe("false");
    const grid = container.querySelector("[role=treegrid]")!;
    expect(grid.getAttribute("aria-rowcount")).toBe("5");
    expect(rows(container).map((row) => row.dataset["id"])).toEqual(["model", "model.a", "model.b", "head"]);
    const [first, , third] = rows(container);
    expect(first!.getAttribute("aria-expanded")).toBe("true");
    expect(first!.getAttribute("aria-level")).toBe("1");
    expect(first!.getAttribute("aria-setsize")).toBe("2");
    expect(third!.getAttribute("aria-level")).toBe("2");
    expect(third!.getAttribute("aria-expanded")).toBe("false");
    expect(rows(container).map((row) => row.tabIndex)).toEqual([0, -1, -1, -1]);
    expect(container.querySelector('[data-testid="layers-count"]')!.textContent).toContain("3 of 3 weights");
  });

  it("shows hostile names as text", async () => {
    const container = await mount(fakeContext(answers, { model }));
    expect(container.querySelector("img")).toBeNull();
    expect(rows(container)[0]!.querySelector(".layers-label")!.textContent).toBe(
      '<img src=x onerror="alert(1)">\\u202e\\x00',
    );
  });

  it("moves, folds and opens by keyboard", async () => {
    const context = fakeContext(answers, { model });
    const container = await mount(context);
    rows(container)[0]!.focus();
    await press(container, "ArrowDown");
    expect((document.activeElement as HTMLElement).dataset["id"]).toBe("model.a");
    await press(container, "Enter");
    expect(context.places).toEqual([{ page: "tensor", weight: "model.a.weight" }]);
    await press(container, "ArrowLeft");
    expect((document.activeElement as HTMLElement).dataset["id"]).toBe("model");
    await press(container, "ArrowLeft");
    expect(rows(container).map((row) => row.dataset["id"])).toEqual(["model", "head"]);
    expect((document.activeElement as HTMLElement).dataset["id"]).toBe("model");
    await press(container, "ArrowRight");
    expect(rows(container)).toHaveLength(4);
    await press(container, "End");
    expect((document.activeElement as HTMLElement).dataset["id"]).toBe("head");
  });

  it("copies the selected lines, and the whole table through the engine", async () => {
    const context = fakeContext(answers, { model });
    const container = await mount(context);
    rows(container)[1]!.focus();
    rows(container)[1]!.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true }));
    await settle();
    await press(container, "ArrowDown", { shiftKey: true });
    expect(rows(container).map((row) => row.getAttribute("aria-selected"))).toEqual(["false", "true", "true", "false"]);
    await press(container, "c", { ctrlKey: true });
    const copied = context.asked.find(({ name }) => name === "host/copy")!.params as { text: string };
    expect(copied.text.split("\n").map((row) => row.split("\t")[0])).toEqual([
      "name",
      "model.a.weight",
      "model.b.weight",
      "",
    ]);
    container.querySelector<HTMLElement>('[data-testid="layers-copy"]')!.click();
    await settle();
    expect(context.asked.at(-1)).toEqual({ name: "host/copy", params: { text: "table" } });
    expect(context.announced.at(-1)).toContain("4 lines copied");
  });

  it("sorts by headings and says so", async () => {
    const context = fakeContext(answers, { model });
    const container = await mount(context);
    container.querySelector<HTMLElement>('[data-sort="bytes"]')!.click();
    await settle();
    expect(context.asked.at(-1)).toMatchObject({ name: "layers/window", params: { sort: "bytes", descending: true } });
    const heading = container.querySelector('[data-sort="bytes"]')!.closest("[role=columnheader]")!;
    expect(heading.getAttribute("aria-sort")).toBe("descending");
    expect(container.querySelectorAll("[aria-sort]")).toHaveLength(1);
  });

  it("goes from heading to heading by arrows, and down into the rows", async () => {
    const container = await mount(fakeContext(answers, { model }));
    const headings = [...container.querySelectorAll<HTMLElement>(".layers-heading")];
    expect(headings.filter(({ tabIndex }) => tabIndex === 0)).toEqual([headings[0]]);
    headings[0]!.focus();
    await press(container, "ArrowRight");
    expect(document.activeElement).toBe(headings[1]);
    expect(headings.filter(({ tabIndex }) => tabIndex === 0)).toEqual([headings[1]]);
    await press(container, "End");
    expect(document.activeElement).toBe(headings.at(-1));
    await press(container, "ArrowDown");
    expect((document.activeElement as HTMLElement).dataset["id"]).toBe("model");
  });

  it("leaves what is being written in the filter alone", async () => {
    const container = await mount(fakeContext(answers, { model }));
    const field = container.querySelector<HTMLInputElement>('[data-testid="layers-filter"]')!;
    field.focus();
    field.value = "model ";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(rows(container)).toHaveLength(2);
    expect(field.value).toBe("model ");
    expect(document.activeElement).toBe(field);
  });

  it("gives the focus to Cancel when measuring begins, and back", async () => {
    let end = (): void => {};
    const context = fakeContext({
      ...answers,
      "layers/statistics": () =>
        new Promise((resolve) => {
          end = () => resolve({ measured: 3, skipped: 0 });
        }),
    });
    const container = await mount(context);
    const button = container.querySelector<HTMLElement>('[data-testid="layers-measure"]')!;
    button.focus();
    button.click();
    await settle();
    expect((document.activeElement as HTMLElement).dataset["testid"]).toBe("layers-cancel");
    end();
    await settle();
    expect((document.activeElement as HTMLElement).dataset["testid"]).toBe("layers-measure");
    expect(context.announced.at(-1)).toContain("3 weights measured");
  });

  it("filters a moment after the last key", async () => {
    const context = fakeContext(answers, { model });
    const container = await mount(context);
    const field = container.querySelector<HTMLInputElement>('[data-testid="layers-filter"]')!;
    for (const value of ["h", "he", "head"]) {
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(rows(container).map((row) => row.dataset["id"])).toEqual(["head"]);
    const filters = context.asked.map(({ params }) => (params as LayerQuery).filter);
    expect(filters).not.toContain("he");
    field.value = "nothing like it";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(container.querySelector(".layers-empty")!.textContent).toContain("nothing like it");
  });

  it("finds its state again, and goes to a weight only once", async () => {
    const first = fakeContext(answers, { model });
    await mount(first, "head.weight");
    expect(first.kept).toMatchObject({ line: 3, located: "head.weight" });
    mounted.splice(0)[0]!.dispose();
    document.body.replaceChildren();
    const kept = { ...(first.kept as object), line: 1, anchor: 1 };
    const second = fakeContext(answers, { model, kept });
    const container = await mount(second, "head.weight");
    expect(second.asked.some(({ name }) => name === "layers/locate")).toBe(false);
    expect(rows(container).findIndex((row) => row.tabIndex === 0)).toBe(1);
  });

  it("measures with progress, shows results as they come, and cancels", async () => {
    const context = fakeContext({
      ...answers,
      "layers/statistics": (_params, { onProgress }: { onProgress: (progress: unknown) => void }) =>
        new Promise(() => {
          const statistics = {
            name: "head.weight",
            absMaximum: 7.5,
            rms: 1,
            std: 1,
            kurtosis: 0,
            outlierShare: 0,
            nanCount: 1,
            infiniteCount: 1,
            zeroCount: 0,
          };
          onProgress({ label: "head.weight", done: 1, total: 3, statistics });
        }),
    });
    const container = await mount(context);
    container.querySelector<HTMLElement>('[data-testid="layers-measure"]')!.click();
    await settle();
    expect(context.asked.at(-1)).toEqual({ name: "layers/statistics", params: { names: "all" } });
    expect(container.querySelector('[data-testid="layers-progress"]')!.textContent).toContain("1/3");
    expect(rows(container)[3]!.querySelector(".layers-absMaximum")!.textContent).toBe("7.5");
    expect(rows(container)[3]!.querySelector(".layers-nonFiniteCount")!.textContent).toBe("2");
    container.querySelector<HTMLElement>('[data-testid="layers-cancel"]')!.click();
    await settle();
    expect(container.querySelector('[data-testid="layers-measure"]')).not.toBeNull();
    expect(context.announced.at(-1)).toContain("cancelled");
  });

  it("shows a failure with its code and asks again", async () => {
    let isBroken = true;
    const context = fakeContext({
      ...answers,
      "layers/window": (params) => {
        if (isBroken) throw failure("engine/stopped", "The engine stopped.", { remedy: "Try again." });
        return answers["layers/window"]!(params, {} as never);
      },
    });
    const container = await mount(context);
    expect(container.querySelector('[data-testid="failure-code"]')!.textContent).toBe("engine/stopped");
    expect(container.getAttribute("aria-busy")).toBe("false");
    isBroken = false;
    container.querySelector<HTMLElement>('[data-testid="retry"]')!.click();
    await settle();
    expect(container.querySelector('[data-testid="failure"]')).toBeNull();
    expect(rows(container)).toHaveLength(4);
  });
});
