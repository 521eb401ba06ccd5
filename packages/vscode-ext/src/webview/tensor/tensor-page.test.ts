// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import type { PagePlace } from "../../protocol/envelope.js";
import { type Ask, RequestError } from "../../protocol/rpc-client.js";
import type { Distribution, MapQuery, TensorFacts, ValueWindowQuery } from "../../protocol/tensor-messages.js";
import { somePicture } from "../outlier-map/map-context.fixture.js";
import type { Page, PageContext } from "../page.js";
import { mountTensorPage } from "./tensor-page.js";

const EVIL = "<img src=x onerror=alert(1)>\u202Egnp.exe";

const FACTS: TensorFacts = {
  name: "w",
  shape: [48, 4],
  rows: 48,
  columns: 4,
  storage: "BF16",
  isQuantized: false,
  hasValues: true,
  parameters: 192,
  bytes: 384,
  storedBitsPerWeight: 16,
  claimedBitsPerWeight: 16,
  terms: [],
  notes: [],
  parts: [{ name: "w", dtype: "BF16", shape: [48, 4], bytes: 384, shard: "model.safetensors", byteOffset: 8 }],
};

const DISTRIBUTION: Distribution = {
  count: 2048,
  nanCount: 0,
  infiniteCount: 0,
  zeroCount: 0,
  minimum: -3,
  maximum: 3,
  absMaximum: 3,
  mean: 0,
  std: 0.4,
  rms: 0.4,
  skewness: 0,
  kurtosis: 3,
  outlierThreshold: 2.4,
  outlierCount: 5,
  quantiles: [],
  histogram: { edges: Float64Array.of(-3, 0, 3), counts: Float64Array.of(1000, 1048) },
  levels: new Float64Array(0),
};

let open: { page: Page; container: HTMLElement } | undefined;

afterEach(() => {
  open?.page.dispose();
  open = undefined;
  document.body.replaceChildren();
});

function mount(
  options: {
    facts?: Partial<TensorFacts>;
    distribution?: Partial<Distribution>;
    place?: Partial<PagePlace>;
    kept?: unknown;
    failing?: string;
  } = {},
) {
  const asked: { name: string; params: Record<string, unknown>; signal?: AbortSignal | undefined }[] = [];
  const profile = {
    step: 1,
    size: 2,
    absMaximum: Float32Array.of(1, 2),
    rms: Float32Array.of(1, 1),
    mean: Float32Array.of(0, 0),
  };
  const answers: Record<string, (params: never) => unknown> = {
    "tensor/facts": (params: { name: string }) => ({ ...FACTS, name: params.name, ...options.facts }),
    "tensor/distribution": () => ({ ...DISTRIBUTION, ...options.distribution }),
    "tensor/profiles": () => ({ rows: profile, columns: profile }),
    "tensor/map": (params: MapQuery) => somePicture(params.window),
    "tensor/values": ({ window }: ValueWindowQuery) => ({
      window,
      values: new Float32Array(window.rows * window.columns),
    }),
    "tensor/groups": () => ({ terms: [] }),
    "trial/list": () => ({ trials: [] }),
    "compare/open": ({ path }: { path: string }) => ({ path, name: "other" }),
    "layers/window": () => ({ rows: [], lines: 0, weights: 0, begin: 0 }),
  };
  const request = (async (name: string, params: never, extra?: { signal?: AbortSignal }) => {
    asked.push({ name, params, signal: extra?.signal });
    if (name === options.failing) throw new RequestError({ code: "engine/broken", message: "It <b>broke</b>." });
    return answers[name]!(params);
  }) as unknown as Ask;
  let kept = options.kept;
  const context = {
    request,
    settings: { outlierRule: { kind: "sigma", factor: 6 }, mapColors: "theme" },
    theme: {
      kind: "dark",
      isHighContrast: false,
      reducesMotion: true,
      color: (_: string, fallback: string) => fallback,
    },
    model: { state: "open", name: "m", shellPath: "/m" },
    get kept() {
      return kept;
    },
    keep: (state: unknown) => {
      kept = JSON.parse(JSON.stringify(state));
    },
    navigate: vi.fn(),
    announce: vi.fn(),
  } as unknown as PageContext;
  const container = document.createElement("div");
  document.body.append(container);
  const page = mountTensorPage(container, { page: "tensor", weight: "w", ...options.place }, context);
  open = { page, container };
  const find = (id: string) => container.querySelector<HTMLElement>(`[data-testid="${id}"]`);
  return { asked, page, container, find, context, kept: () => kept as Record<string, unknown> };
}

const settled = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe("the page Tensor", () => {
  it("shows facts, statistics, values and both commands", async () => {
    const { find, container } = mount();
    await settled();
    expect(find("tensor-facts")!.textContent).toContain("BF16");
    expect(find("distribution")!.textContent).toContain("beyond 2.4");
    expect(find("values-grid")!.querySelectorAll("td")).toHaveLength(48 * 4);
    expect([...container.querySelectorAll(".terminal-line code")].map((code) => code.textContent)).toEqual([
      "lowbit stats /m --outlier-map w --png map.png",
      "lowbit stats /m --tensor w --outliers sigma:6",
    ]);
  });

  it("shows untrusted names and notes as text, with what cannot be seen made visible", async () => {
    const { container, find } = mount({
      place: { weight: EVIL },
      facts: {
        name: EVIL,
        storage: EVIL,
        notes: [EVIL],
        terms: [EVIL],
        parts: [{ ...FACTS.parts[0]!, name: EVIL, shard: EVIL }],
      },
    });
    await settled();
    expect(container.querySelector("img")).toBeNull();
    expect(find("tensor-name")!.textContent).toBe("<img src=x onerror=alert(1)>\\u202egnp.exe");
    expect(container.textContent).not.toContain("\u202E");
    for (const element of container.querySelectorAll("[aria-label]"))
      expect(element.getAttribute("aria-label")).not.toContain("\u202E");
  });

  it("asks for no values of a weight that has none", async () => {
    const { asked, find, container } = mount({ facts: { hasValues: false, storage: "I64" } });
    await settled();
    expect(asked.map(({ name }) => name).filter((name) => name.startsWith("tensor/"))).toEqual(["tensor/facts"]);
    expect(find("no-values")).not.toBeNull();
    expect(container.getAttribute("aria-busy")).toBe("false");
  });

  it("says first how many weights are not finite", async () => {
    const { find } = mount({ distribution: { nanCount: 3, infiniteCount: 1 } });
    await settled();
    expect(find("non-finite")!.textContent).toContain(
      "3 NaN, 1 infinite. All figures and pictures are of the other 2,044 weights",
    );
  });

  it("shows a failure where its result would stand, and tries again", async () => {
    const { asked, find } = mount({ failing: "tensor/distribution" });
    await settled();
    expect(find("failure")!.querySelector(".failure-message")!.textContent).toBe("It <b>broke</b>.");
    const before = asked.filter(({ name }) => name === "tensor/distribution").length;
    find("retry")!.click();
    await settled();
    expect(asked.filter(({ name }) => name === "tensor/distribution").length).toBe(before + 1);
  });

  it("takes everything back when it goes", async () => {
    const { asked, page } = mount();
    page.dispose();
    await settled();
    expect(asked.filter(({ signal }) => signal !== undefined && !signal.aborted)).toEqual([]);
    expect(asked.some(({ name }) => name === "tensor/map")).toBe(false);
  });

  it("comes back as it was kept, and forgets places of another weight", async () => {
    const state = {
      weight: "w",
      cursor: { row: 40, column: 2 },
      viewport: { row: 32, rows: 16, column: 0, columns: 2 },
      shading: "magnitude",
      rule: { kind: "absolute", threshold: 0.5 },
      colors: "grey",
      logarithmicCounts: true,
    };
    const { find, asked, page, kept } = mount({ kept: state });
    await settled();
    const value = (id: string) => (find(id) as HTMLInputElement | HTMLSelectElement).value;
    expect([
      value("map-quantity"),
      value("map-rule"),
      value("map-threshold"),
      value("map-colors"),
      value("histogram-scale"),
    ]).toEqual(["magnitude", "absolute", "0.5", "grey", "logarithmic"]);
    expect(find("values-grid")!.querySelector('[aria-selected="true"]')!.getAttribute("data-row")).toBe("40");
    expect(asked.find(({ name }) => name === "tensor/distribution")!.params["rule"]).toEqual(state.rule);
    page.update({ page: "tensor", weight: "v" });
    await settled();
    expect(kept()).toMatchObject({ weight: "v", colors: "grey" });
    expect(kept()).not.toHaveProperty("cursor");
    expect(find("values-grid")!.querySelector('[aria-selected="true"]')).toBeNull();
  });

  it("opens on the error when it comes from a comparison, once", async () => {
    const { find, kept } = mount({ place: { compareWith: "/other" } });
    await settled();
    expect((find("map-quantity") as HTMLSelectElement).value).toBe("error");
    expect([...(find("tensor-side") as HTMLSelectElement).options].map(({ value }) => value)).toEqual([
      "own",
      "compared",
    ]);
    const again = mount({ place: { compareWith: "/other" }, kept: { ...kept(), shading: "sign" } });
    await settled();
    expect((again.find("map-quantity") as HTMLSelectElement).value).toBe("sign");
  });

  it("does not offer an error without something to compare with, nor scales without groups", async () => {
    const { find } = mount();
    await settled();
    const disabled = [...(find("map-quantity") as HTMLSelectElement).options].filter((option) => option.disabled);
    expect(disabled.map(({ value }) => value)).toEqual(["scale", "error"]);
  });

  it("stands without a weight", async () => {
    const container = document.createElement("div");
    const { context } = mount();
    const page = mountTensorPage(container, { page: "tensor" }, context);
    await settled();
    expect(container.querySelector('[data-testid="tensor-pick"]')).not.toBeNull();
    expect(container.getAttribute("aria-busy")).toBe("false");
    page.dispose();
  });
});
