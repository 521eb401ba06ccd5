// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ComparedStructure, CompareQuery, CompareWeightsPage } from "../../protocol/compare-messages.js";
import type { PagePlace } from "../../protocol/envelope.js";
import { type Answer, enterText, type FakeContext, failure, fakeContext, findById } from "../fake-context.fixture.js";
import { ComparePage } from "./compare-page.js";

const EVIL = "<img src=x onerror=alert(1)>\u202E";
const PLACE: PagePlace = { page: "compare", compareWith: "/models/original" };
const structure: ComparedStructure = {
  path: "/models/original",
  name: EVIL,
  pairs: 300,
  differences: [{ kind: "only-left", weight: EVIL, left: EVIL }],
  differenceCount: 1200,
  reference: "right",
  command: "lowbit compare /models/original model",
};

function weights({ begin, end }: CompareQuery): CompareWeightsPage {
  const error = {
    meanSquaredError: 1e-5,
    relativeError: 0.01,
    sqnrDb: 20,
    cosineSimilarity: 0.999991,
    nonFiniteCount: 0,
  };
  const rows = Array.from({ length: Math.min(end, 300) - begin }, (_, index) => ({
    name: `${EVIL}.${begin + index}`,
    shape: [4, 8],
    left: EVIL,
    right: "BF16",
    ...(begin + index < 2 && { error }),
  }));
  const skyline = [
    { label: "layers 0", firstWeight: "first", sqnrDb: 20, relativeError: 0.01, measured: 2 },
    { label: EVIL, firstWeight: "second", sqnrDb: Number.NaN, relativeError: Number.NaN, measured: 0 },
  ];
  return { total: 300, begin, rows, skyline, overall: { sqnrDb: 19.5, relativeError: 0.011, cosineSimilarity: 0.99 } };
}

let container: HTMLElement;
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1000);
const find = (id: string): HTMLElement => findById(container, id);
const rows = (): HTMLElement[] => [...container.querySelectorAll<HTMLElement>(".compare-lines [role=row]")];
const lastQuery = (context: FakeContext): CompareQuery => context.paramsOf("compare/weights").at(-1) as CompareQuery;

async function open(
  answers: Record<string, Answer> = {},
  { place = PLACE, ...extra }: Parameters<typeof fakeContext>[1] & { readonly place?: PagePlace } = {},
): Promise<{ readonly context: FakeContext; readonly page: ComparePage }> {
  const context = fakeContext(
    {
      "compare/open": () => structure,
      "compare/run": () => ({ compared: 300 }),
      "compare/weights": weights,
      ...answers,
    },
    extra,
  );
  const page = new ComparePage(container, context);
  page.update(place);
  await settle();
  return { context, page };
}

function press(key: string): void {
  const cell = container.querySelector<HTMLElement>('.compare-lines [tabindex="0"]')!;
  cell.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}

describe("ComparePage", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    container = document.body.appendChild(document.createElement("div"));
    // happy-dom lays nothing out.
    vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(240);
  });
  afterEach(() => {
    container.remove();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it("offers the original that the file names, and any other checkpoint", async () => {
    const { context } = await open(
      { "host/pick-checkpoint": () => ({ path: "/models/picked" }) },
      { place: { page: "compare" }, model: { original: "/models/original" } },
    );
    find("compare-original").click();
    find("compare-pick").click();
    await settle();
    expect(context.places).toEqual([
      { page: "compare", compareWith: "/models/original" },
      { page: "compare", compareWith: "/models/picked" },
    ]);
    expect(context.paramsOf("compare/open")).toEqual([]);
  });

  it("opens, measures, and shows structure, totals, skyline and lines; hostile names are text", async () => {
    const { context } = await open();
    expect(context.paramsOf("compare/open")).toEqual([{ path: "/models/original" }]);
    expect(context.paramsOf("compare/run")).toHaveLength(1);
    expect(find("compare-structure").textContent).toContain("1,200");
    expect(find("compare-overall").textContent).toContain("SQNR 19.5 dB");
    expect(find("terminal-line").textContent).toContain(structure.command);
    expect(find("compare-grid").getAttribute("aria-rowcount")).toBe("301");
    expect(rows()[0]?.textContent).toContain("0.999991");
    expect(rows()[2]?.textContent).toContain("–");
    expect(container.querySelectorAll('[data-testid="compare-skyline-column"]')).toHaveLength(2);
    expect(container.querySelector("img")).toBeNull();
    expect(container.textContent).not.toContain("\u202E");
    expect(container.getAttribute("aria-busy")).toBe("false");
    expect(context.announced).toContain("All 300 weights are measured.");
  });

  it("asks for another order when a head is pressed: worst first, then the other way round", async () => {
    const { context } = await open();
    expect(lastQuery(context)).toMatchObject({ sort: "name", descending: false, filter: "" });
    const head = (title: string): HTMLElement =>
      [...container.querySelectorAll<HTMLElement>("[role=columnheader]")].find(({ textContent }) =>
        textContent?.includes(title),
      )!;
    head("SQNR").querySelector("button")!.click();
    await settle();
    expect(lastQuery(context)).toMatchObject({ sort: "sqnrDb", descending: false });
    expect(head("SQNR").getAttribute("aria-sort")).toBe("ascending");
    head("SQNR").querySelector("button")!.click();
    await settle();
    expect(lastQuery(context)).toMatchObject({ sort: "sqnrDb", descending: true });
    head("Relative").querySelector("button")!.click();
    await settle();
    expect(lastQuery(context)).toMatchObject({ sort: "relativeError", descending: true });
    expect(context.kept).toMatchObject({ sort: "relativeError", descending: true });
    expect(head("Shape").querySelector("button")).toBeNull();
  });

  it("filters a moment after the last letter", async () => {
    const { context } = await open();
    const before = context.paramsOf("compare/weights").length;
    for (const text of ["m", "ml", "mlp"]) enterText(find("compare-filter"), text);
    await settle();
    const queries = context.paramsOf("compare/weights").slice(before) as CompareQuery[];
    expect(new Set(queries.map(({ filter }) => filter))).toEqual(new Set(["mlp"]));
  });

  it("walks the cells by keyboard and opens the weight's error map", async () => {
    const { context } = await open();
    for (const key of ["ArrowDown", "ArrowDown", "ArrowUp", "ArrowRight"]) press(key);
    const cell = container.querySelector<HTMLElement>('.compare-lines [tabindex="0"]')!;
    expect(document.activeElement).toBe(cell);
    expect(cell.textContent?.trim()).toBe("4 × 8");
    press("Enter");
    expect(context.places).toEqual([{ page: "tensor", weight: `${EVIL}.1`, compareWith: "/models/original" }]);
    press("End");
    await settle();
    expect(container.querySelector('.compare-lines [tabindex="0"]')?.parentElement?.getAttribute("aria-rowindex")).toBe(
      "301",
    );
  });

  it("opens a weight by a click on its line, and a block by its column", async () => {
    const { context } = await open();
    rows()[2]?.click();
    find("compare-skyline-column").click();
    expect(context.places.map(({ weight }) => weight)).toEqual([`${EVIL}.2`, "first"]);
  });

  it("stops measuring, keeps that, and goes on when asked", async () => {
    let signal: AbortSignal | undefined;
    const answers: Record<string, Answer> = {
      "compare/run": (_params, options: { signal?: AbortSignal; onProgress?: (progress: unknown) => void }) => {
        ({ signal } = options);
        options.onProgress?.({ label: EVIL, done: 1, total: 300 });
        return new Promise(() => {});
      },
    };
    const { context, page } = await open(answers);
    expect(find("compare-progress").textContent).toContain("1/300");
    expect(container.getAttribute("aria-busy")).toBe("true");
    find("compare-cancel").click();
    await settle();
    expect(signal?.aborted).toBe(true);
    expect(context.kept).toMatchObject({ isStopped: true });
    expect(context.announced).toContain("Measuring stopped.");
    expect(find("compare-run").hidden).toBe(false);
    find("compare-run").click();
    expect(context.paramsOf("compare/run")).toHaveLength(2);
    page.dispose();
    container.replaceChildren();
    const again = await open(answers, { kept: { ...(context.kept as object), isStopped: true } });
    expect(again.context.paramsOf("compare/run")).toEqual([]);
    expect(rows().length).toBeGreaterThan(0);
  });

  it("shows figures as they come in", async () => {
    let report: (progress: unknown) => void = () => {};
    const { context } = await open({
      "compare/run": (_params, { onProgress }: { onProgress?: (progress: unknown) => void }) => {
        report = onProgress!;
        return new Promise(() => {});
      },
    });
    const before = context.paramsOf("compare/weights").length;
    for (let done = 1; done < 100; done += 1) report({ label: "w", done, total: 300 });
    await settle();
    expect(context.paramsOf("compare/weights").length - before).toBeGreaterThanOrEqual(1);
    expect(context.paramsOf("compare/weights").length - before).toBeLessThanOrEqual(4);
  });

  it("tells why a checkpoint could not be opened, and tries again", async () => {
    let isGone = true;
    const { context } = await open({
      "compare/open": () => {
        if (isGone) throw failure("checkpoint/not-found", "There is no such file.");
        return structure;
      },
    });
    expect(find("failure").textContent).toContain("checkpoint/not-found");
    expect(container.getAttribute("aria-busy")).toBe("false");
    isGone = false;
    find("retry").click();
    await settle();
    expect(rows().length).toBeGreaterThan(0);
    expect(context.paramsOf("compare/open")).toHaveLength(2);
  });

  it("says so where there is nothing to measure", async () => {
    const { context } = await open({ "compare/open": () => ({ ...structure, pairs: 0 }) });
    expect(container.textContent).toContain("no weight has the same name and shape");
    expect(context.paramsOf("compare/run")).toEqual([]);
    expect(context.paramsOf("compare/weights")).toEqual([]);
    expect(container.getAttribute("aria-busy")).toBe("false");
  });

  it("exports through the host, and says where to", async () => {
    const { context } = await open({ "host/export-comparison": () => ({ path: "/tmp/errors.csv" }) });
    find("compare-export-csv").click();
    find("compare-export-json").click();
    await settle();
    expect(context.paramsOf("host/export-comparison")).toEqual([{ format: "csv" }, { format: "json" }]);
    expect(context.announced).toContain("Written: /tmp/errors.csv");
  });

  it("drops the answers of a comparison that was left", async () => {
    let answer: (structure: ComparedStructure) => void = () => {};
    const { page } = await open({
      "compare/open": ({ path }: { path: string }) =>
        path === "/models/original"
          ? new Promise((resolve) => (answer = resolve))
          : { ...structure, path, name: "second" },
    });
    page.update({ page: "compare", compareWith: "/models/second" });
    await settle();
    answer({ ...structure, name: "first" });
    await settle();
    expect(container.querySelector(".compare-other")?.textContent).toContain("second");
  });
});
