import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GGUF_ATTACKS, HEADER_ATTACKS, MODEL_ATTACKS } from "../../../../attacks/index.mjs";
import type { LayerQuery } from "../protocol/layer-messages.js";
import type { EngineRequestName } from "../protocol/request-map.js";
import type { WeightSide } from "../protocol/tensor-messages.js";
import { type EngineUnderTest, engineUnderTest, TINY_LLAMA } from "./engine.fixture.js";
import { REQUEST_TABLE } from "./request-table.js";

const UP = "model.layers.0.mlp.up_proj.weight";
const OWN: WeightSide = { kind: "own" };
const QUERY: LayerQuery = {
  sort: "name",
  descending: false,
  filter: "",
  tree: true,
  foldEqual: true,
  unfolded: "all",
};
const WHOLE = { row: 0, rows: 768, column: 0, columns: 256 };
const MAP = { name: UP, side: OWN, window: WHOLE, maxWidth: 16, maxHeight: 16, threshold: 0.1 } as const;
const RTN = { method: "rtn", options: { bits: 4, group: 32 } };

let folder: string;
let under: EngineUnderTest & { dispose(): Promise<void> };
let quantized: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lowbit-ext-"));
  under = await engineUnderTest();
  quantized = join(folder, "quantized");
  const model = under.open(TINY_LLAMA);
  await under.get(model, "quantize/run", { ...RTN, output: quantized, keep: ["*layers.5.*"], force: false });
}, 60_000);
afterAll(async () => {
  await under.dispose();
  await rm(folder, { recursive: true });
});

describe("an open model", () => {
  it("is described from its headers and configuration, without kernels", async () => {
    const model = under.open(TINY_LLAMA);
    const overview = await under.get(model, "model/overview", {});
    expect(overview).toMatchObject({
      state: "open",
      name: "tiny-llama",
      container: "safetensors",
      architecture: "LlamaForCausalLM, 6 layers, hidden 256, 8 heads (4 key-value), vocabulary 2048",
      parameters: 5246208,
      tensors: 56,
      weights: 56,
      quantizedWeights: 0,
      storedBitsPerWeight: 16,
      storages: [{ storage: "BF16", count: 56, isQuantized: false }],
      // 6 layers · 4 heads · (32 + 32) values · 2 bytes · 1024 tokens
      memory: { weightBytes: 10492416, cacheBytesPer1024Tokens: 6 * 4 * 64 * 2 * 1024, contextLength: 256 },
    });
    if (overview.state !== "open") return;
    expect(overview.skyline.map(({ label }) => label)).toEqual([
      "embed_tokens",
      ...[0, 1, 2, 3, 4, 5].map((layer) => `layers ${layer}`),
      "norm",
    ]);
    expect(overview.sideFiles.map(({ name }) => name)).toContain("config.json");
  });

  it("shows a quantized one as weights, with stored and claimed bits and its parts", async () => {
    const model = under.open(quantized);
    expect(await under.get(model, "model/overview", {})).toMatchObject({ weights: 56, quantizedWeights: 35 });
    const facts = await under.get(model, "tensor/facts", { name: UP });
    expect(facts).toMatchObject({ isQuantized: true, groupSize: 32, claimedBitsPerWeight: 4, rows: 768 });
    expect(facts.storedBitsPerWeight).toBeGreaterThan(4);
    expect(facts.parts.length).toBeGreaterThan(1);
    expect(facts.parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(facts.bytes);
    const { terms } = await under.get(model, "tensor/groups", { name: UP, side: OWN });
    expect(terms).toMatchObject([{ rows: 768, groups: 8, groupSize: 32 }]);
  });

  it("is opened from memory as well", async () => {
    const bytes = new Uint8Array(await readFile(join(TINY_LLAMA, "model.safetensors")));
    const config = new Uint8Array(await readFile(join(TINY_LLAMA, "config.json")));
    const files = [
      { name: "model.safetensors", bytes },
      { name: "config.json", bytes: config },
    ];
    const model = under.open({ kind: "bytes", name: "model.safetensors", files });
    const [here, there] = await Promise.all([
      under.get(model, "tensor/map", { ...MAP, quantity: "magnitude" }),
      under.get(under.open(TINY_LLAMA), "tensor/map", { ...MAP, quantity: "magnitude" }),
    ]);
    expect(here.values).toEqual(there.values);
    expect(await under.get(model, "model/overview", {})).toMatchObject({ state: "open", weights: 56 });
  });
});

describe("one weight", () => {
  it("has a distribution whose bins hold every value, read once", async () => {
    const model = under.open(TINY_LLAMA);
    const params = { name: UP, side: OWN, bins: 32 };
    const found = await under.get(model, "tensor/distribution", params);
    expect(found.histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(768 * 256);
    expect(found.levels).toHaveLength(0);
    const absolute = { kind: "absolute", threshold: 0 } as const;
    const again = await under.ask(model, "tensor/distribution", { ...params, rule: absolute });
    expect(again.result).toMatchObject({ outlierThreshold: 0, outlierCount: 768 * 256, mean: found.mean });
  });

  it("has values, profiles and maps that agree", async () => {
    const model = under.open(TINY_LLAMA);
    const window = { row: 3, rows: 2, column: 5, columns: 4 };
    const { values } = await under.get(model, "tensor/values", { name: UP, side: OWN, window });
    const map = { ...MAP, window, maxWidth: 4, maxHeight: 2 };
    const magnitude = await under.get(model, "tensor/map", { ...map, quantity: "magnitude" });
    expect(magnitude.values).toEqual(values.map(Math.abs));
    const sign = await under.get(model, "tensor/map", { ...map, quantity: "sign" });
    expect(sign.values).toEqual(values.map(Math.sign));
    const outliers = await under.get(model, "tensor/map", { ...map, quantity: "outliers", threshold: 0 });
    expect([...outliers.values]).toEqual(Array(8).fill(1));
    const { rows, columns } = await under.get(model, "tensor/profiles", { name: UP, side: OWN });
    expect([rows.size, columns.size]).toEqual([768, 256]);
  });

  it("that is not there, or has no scales, is refused", async () => {
    const model = under.open(TINY_LLAMA);
    const none = await under.ask(model, "tensor/facts", { name: "nothing" });
    expect(none.failure).toMatchObject({ code: "engine/unknown-weight" });
    const scale = await under.ask(model, "tensor/map", { ...MAP, quantity: "scale" });
    expect(scale.failure).toMatchObject({ code: "engine/no-scales" });
    const outside = { ...MAP, quantity: "sign", window: { ...WHOLE, row: 1 } };
    expect((await under.ask(model, "tensor/map", outside)).failure).toMatchObject({ code: "analysis/invalid-option" });
  });
});

describe("a trial", () => {
  it("serves as a side, has the error of its values, and is known again", async () => {
    const model = under.open(TINY_LLAMA);
    const trial = await under.get(model, "trial/run", { weight: UP, ...RTN });
    expect(trial).toMatchObject({ weight: UP, method: "rtn", claimedBitsPerWeight: 4 });
    expect(trial.levels.length).toBeGreaterThan(1);
    expect(trial.levels.length).toBeLessThanOrEqual(16);
    const side: WeightSide = { kind: "trial", trial: trial.trial };
    const window = { row: 0, rows: 1, column: 0, columns: 64 };
    const query = { name: UP, side: OWN, against: side };
    const { values, otherValues } = await under.get(model, "tensor/values", { ...query, window });
    const map = { ...MAP, ...query, window, maxWidth: 64, maxHeight: 1, quantity: "error" } as const;
    const error = await under.get(model, "tensor/map", map);
    const differences = values.map((value, index) => Math.abs(value - otherValues![index]!));
    for (const [index, difference] of differences.entries()) expect(error.values[index]).toBeCloseTo(difference, 6);
    expect((await under.get(model, "trial/run", { weight: UP, ...RTN })).trial).toBe(trial.trial);
    expect((await under.get(model, "trial/list", { weight: UP })).trials).toHaveLength(1);
    await under.get(model, "trial/remove", { trial: trial.trial });
    const gone = await under.ask(model, "tensor/distribution", { name: UP, side, bins: 4 });
    expect(gone.failure).toMatchObject({ code: "engine/unknown-trial" });
  });

  it("names the option that is wrong; at most four are kept", async () => {
    const model = under.open(TINY_LLAMA);
    const wrong = await under.ask(model, "trial/run", { weight: UP, method: "rtn", options: { bits: 99 } });
    expect(wrong.failure).toMatchObject({ code: "options/invalid-value", options: ["bits"] });
    expect(wrong.failure?.remedy).not.toBe("");
    const weight = "model.layers.0.self_attn.k_proj.weight";
    for (const bits of [2, 3, 4, 5, 6])
      await under.get(model, "trial/run", { weight, method: "rtn", options: { bits } });
    const { trials } = await under.get(model, "trial/list", { weight });
    expect(trials.map(({ options }) => options["bits"])).toEqual([3, 4, 5, 6]);
  });

  it("has a form for every data-free method", async () => {
    const { methods } = await under.get(under.open(TINY_LLAMA), "trial/methods", {});
    expect(methods.map(({ name }) => name)).toContain("hqq");
    for (const { options } of methods) for (const option of options) expect(option.help).not.toBe("");
  });
});

describe("a comparison", () => {
  it("measures against the side with more bits, once, and sorts by error", async () => {
    const model = under.open(quantized);
    const open = await under.get(model, "compare/open", { path: TINY_LLAMA });
    expect(open).toMatchObject({ pairs: 56, differenceCount: 0, reference: "right" });
    expect(open.command).toBe(`lowbit compare ${TINY_LLAMA} ${quantized}`);
    const page = { sort: "relativeError", descending: true, filter: "", begin: 0, end: 100 } as const;
    expect((await under.get(model, "compare/weights", page)).rows[0]?.error).toBeUndefined();
    expect(await under.get(model, "compare/run", {})).toEqual({ compared: 56 });
    const { rows, overall, skyline } = await under.get(model, "compare/weights", page);
    const errors = rows.map(({ error }) => error!.relativeError);
    expect(errors).toEqual(errors.toSorted((a, b) => b - a));
    expect(errors[0]).toBeGreaterThan(0);
    expect(errors.at(-1)).toBe(0);
    expect(overall!.sqnrDb).toBeGreaterThan(10);
    expect(skyline.find(({ label }) => label === "layers 5")).toMatchObject({ relativeError: 0, measured: 9 });
    const again = await under.ask(model, "compare/open", { path: TINY_LLAMA });
    expect(again.result).toEqual(open);
    expect((await under.get(model, "compare/weights", page)).rows[0]?.error).toBeDefined();
    const map = { ...MAP, against: { kind: "compared" }, quantity: "error" };
    const picture = await under.ask(model, "tensor/map", map);
    expect(Math.max(...picture.result!.values)).toBeGreaterThan(0);
    const { text } = await under.get(model, "compare/export", { format: "csv" });
    expect(text.split("\n")).toHaveLength(58);
    await under.get(model, "compare/close", {});
    expect((await under.ask(model, "compare/run", {})).failure).toMatchObject({ code: "engine/not-compared" });
  });
});

describe("a comparison of integers", () => {
  const header = JSON.stringify({
    floats: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
    ids: { dtype: "I32", shape: [2], data_offsets: [8, 16] },
    same: { dtype: "I32", shape: [1], data_offsets: [16, 20] },
  });
  async function write(name: string, ids: readonly number[]): Promise<string> {
    const length = new Uint8Array(new BigUint64Array([BigInt(header.length)]).buffer);
    const data = new Uint8Array(Int32Array.from([0, 0, ...ids, 7]).buffer);
    const path = join(folder, name);
    await writeFile(path, Buffer.concat([length, Buffer.from(header), data]));
    return path;
  }

  it("tells whether they are equal", async () => {
    const model = under.open(await write("ids.safetensors", [1, 2]));
    const other = await write("other-ids.safetensors", [1, 3]);
    expect(await under.get(model, "compare/open", { path: other })).toMatchObject({ pairs: 3, differenceCount: 0 });
    expect(await under.get(model, "compare/run", {})).toEqual({ compared: 3 });
    const query = { sort: "name", descending: false, filter: "", begin: 0, end: 9 } as const;
    const { rows } = await under.get(model, "compare/weights", query);
    expect(rows.map(({ name, equal }) => [name, equal])).toEqual([
      ["floats", undefined],
      ["ids", false],
      ["same", true],
    ]);
    expect(rows[0]?.error).toMatchObject({ relativeError: 0 });
    const { text } = await under.get(model, "compare/export", { format: "csv" });
    expect(text).toContain('"ids"');
  });
});

describe("the original of a quantized model", () => {
  it.each([
    ["a path that exists", () => TINY_LLAMA, true],
    ["one that does not", () => "/no/such/model", false],
    ["a relative one", () => "../quantized", false],
    ["a server's share", () => `/${TINY_LLAMA}`, false],
  ])("is %s: %s", async (_, stated, isTold) => {
    const directory = await mkdtemp(join(folder, "copy-"));
    await copyFile(join(quantized, "model.safetensors"), join(directory, "model.safetensors"));
    await writeFile(join(directory, "config.json"), JSON.stringify({ _name_or_path: stated() }));
    const overview = await under.get(under.open(directory), "model/overview", {});
    expect(overview.state === "open" && overview.original).toBe(isTold ? TINY_LLAMA : undefined);
  });
});

describe("quantization", () => {
  it("is forecast with the command that does the same", async () => {
    const model = under.open(TINY_LLAMA);
    const output = join(folder, "it's new");
    const forecast = await under.get(model, "quantize/forecast", { ...RTN, output, keep: ["*mlp*"], force: true });
    expect(forecast.command).toBe(
      `lowbit quantize ${TINY_LLAMA} '${folder}/it'\\''s new' --method rtn --bits 4 --group 32 --skip '*mlp*' --force`,
    );
    expect(forecast).toMatchObject({ quantizedTensors: 24, keptTensors: 32 });
    expect(forecast.tensors.find(({ action }) => action === "quantize")?.reason).toMatch(/^rtn, bits 4, group 32/);
  });

  it("leaves nothing when it is cancelled, and can be run again at once", async () => {
    const model = under.open(TINY_LLAMA);
    const output = join(folder, "cancelled");
    const run = under.ask(model, "quantize/run", { ...RTN, output, keep: [], force: false }, () => run.cancel());
    expect((await run).failure).toMatchObject({ code: "protocol/cancelled" });
    const report = await under.get(model, "quantize/run", { ...RTN, output, keep: [], force: false });
    expect(report).toMatchObject({ output, quantizedTensors: 42 });
    expect(await readdir(folder)).not.toContain("cancelled.partial");
    const over = await under.ask(model, "quantize/run", { ...RTN, output, keep: [], force: false });
    expect(over.failure).toMatchObject({ code: "pipeline/output-exists" });
  }, 60_000);

  it("needs a disk", async () => {
    const bytes = new Uint8Array(await readFile(join(TINY_LLAMA, "model.safetensors")));
    const model = under.open({ kind: "bytes", name: "m.safetensors", files: [{ name: "m.safetensors", bytes }] });
    const run = await under.ask(model, "quantize/run", { ...RTN, output: join(folder, "x"), keep: [], force: false });
    expect(run.failure).toMatchObject({ code: "engine/not-in-browser" });
  });
});

describe("a file that changes", () => {
  it("is opened anew with the next message about it; what was asked before fails", async () => {
    const path = join(folder, "changing.safetensors");
    await copyFile(join(TINY_LLAMA, "model.safetensors"), path);
    const model = under.open(path);
    await under.get(model, "trial/run", { weight: UP, ...RTN });
    const running = under.ask(model, "layers/statistics", { names: "all" });
    under.engine.receive({ kind: "model", model, source: { kind: "path", path } });
    await writeFile(path, "no model any more");
    expect((await running).failure).toMatchObject({ code: "engine/model-changed" });
    expect(await under.get(model, "model/overview", {})).toMatchObject({ state: "broken", fileBytes: 17 });
    expect((await under.ask(model, "tensor/facts", { name: UP })).failure?.code).toMatch(/^safetensors\//);
    await copyFile(join(TINY_LLAMA, "model.safetensors"), path);
    expect(await under.get(model, "model/overview", {})).toMatchObject({ state: "open" });
    expect((await under.get(model, "trial/list", { weight: UP })).trials).toEqual([]);
    under.engine.receive({ kind: "close-model", model });
    expect((await under.ask(model, "model/overview", {})).failure).toMatchObject({ code: "engine/unknown-model" });
  });

  it("that is cut while it is read fails with the reason", async () => {
    const path = join(folder, "cut.safetensors");
    await copyFile(join(TINY_LLAMA, "model.safetensors"), path);
    const model = under.open(path);
    await under.get(model, "model/overview", {});
    await writeFile(path, (await readFile(path)).subarray(0, 10_000));
    const cut = await under.ask(model, "tensor/map", { ...MAP, quantity: "sign" });
    expect(cut.failure).toMatchObject({ code: "bytes/short-read" });
  });
});

describe("hostile files", () => {
  const files = [
    ...HEADER_ATTACKS.map((attack) => ({ ...attack, file: `${attack.name}.safetensors` })),
    ...GGUF_ATTACKS.map((attack) => ({ ...attack, file: `${attack.name}.gguf` })),
  ].filter(({ code }) => code !== "ok");

  it.each(files)("$file: a broken model with $code", async ({ file, bytes, code }) => {
    const model = under.open({ kind: "bytes", name: file, files: [{ name: file, bytes }] });
    const overview = await under.get(model, "model/overview", {});
    expect(overview).toMatchObject({ state: "broken", name: file });
    if (overview.state !== "broken") return;
    expect(overview.problems.map((problem) => problem.code)).toContain(code);
    for (const { remedy } of overview.problems) expect(remedy).not.toBe("");
  });

  it.each(MODEL_ATTACKS.filter(({ code }) => code !== "ok"))(
    "directory $name: a broken model with $code",
    async ({ name, files: ofModel, code }) => {
      const directory = join(folder, `attack-${name}`);
      await mkdir(directory);
      for (const [file, bytes] of Object.entries(ofModel)) {
        await mkdir(join(directory, file, ".."), { recursive: true });
        await writeFile(join(directory, file), bytes);
      }
      const overview = await under.get(under.open(directory), "model/overview", {});
      expect(overview.state).toBe("broken");
      if (overview.state === "broken") expect(overview.problems.map((problem) => problem.code)).toContain(code);
    },
  );
});

describe("requests", () => {
  it("have a handler each", () => {
    expect(Object.values(REQUEST_TABLE).every((handler) => typeof handler === "function")).toBe(true);
  });

  it("with wrong names, params or models are refused", async () => {
    const model = under.open(TINY_LLAMA);
    const ask = (name: string, params: unknown, about = model) =>
      under.ask(about, name as EngineRequestName, params).then(({ failure }) => failure?.code);
    expect(await ask("no/such", {})).toBe("protocol/unknown-request");
    expect(await ask("host/copy", { text: "" })).toBe("protocol/unknown-request");
    expect(await ask("tensor/facts", { name: 7 })).toBe("protocol/invalid-params");
    expect(await ask("tensor/map", { ...MAP, quantity: "sign", maxWidth: 1e9 })).toBe("protocol/invalid-params");
    expect(await ask("tensor/map", { ...MAP, quantity: "error" })).toBe("protocol/invalid-params");
    expect(await ask("model/overview", {}, 999)).toBe("engine/unknown-model");
  });

  const long: readonly (readonly [EngineRequestName, unknown])[] = [
    ["model/overview", {}],
    ["layers/statistics", { names: "all" }],
    ["tensor/distribution", { name: UP, side: OWN, bins: 16 }],
    ["tensor/profiles", { name: UP, side: OWN }],
    ["tensor/map", { ...MAP, quantity: "sign" }],
    ["tensor/values", { name: UP, side: OWN, window: { row: 0, rows: 256, column: 0, columns: 256 } }],
    ["compare/open", { path: TINY_LLAMA }],
    ["trial/run", { weight: UP, ...RTN }],
    ["quantize/forecast", { ...RTN, output: "/tmp/never", keep: [], force: false }],
  ];
  it.each(long)("%s ends when it is cancelled, and the next one is answered", async (name, params) => {
    const model = under.open(TINY_LLAMA);
    const request = under.ask(model, name, params);
    request.cancel();
    request.cancel();
    expect((await request).failure).toEqual({ code: "protocol/cancelled", message: expect.any(String) });
    expect((await under.ask(model, name, params)).failure).toBeUndefined();
    expect(under.stray).toEqual([]);
  });

  it.each(["layers/statistics", "compare/run"] as const)(
    "%s stops in the middle and goes on where it was",
    async (name) => {
      const model = under.open(TINY_LLAMA);
      await under.get(model, "compare/open", { path: quantized });
      const params = name === "compare/run" ? {} : { names: "all" };
      const run = under.ask(model, name, params, () => run.cancel());
      expect((await run).failure).toMatchObject({ code: "protocol/cancelled" });
      expect((await under.ask(model, name, params)).failure).toBeUndefined();
      expect(under.stray).toEqual([]);
    },
  );

  it("about a picture do not wait for a run over the model", async () => {
    const model = under.open(TINY_LLAMA);
    let isRunning = true;
    const run = under.ask(model, "layers/statistics", { names: "all" });
    void run.then(() => {
      isRunning = false;
    });
    await under.get(model, "tensor/values", {
      name: UP,
      side: OWN,
      window: { row: 0, rows: 2, column: 0, columns: 2 },
    });
    expect(isRunning).toBe(true);
    expect((await run).result).toEqual({ measured: 56, skipped: 0 });
  });

  it("of two engines do not know of each other", async () => {
    const other = await engineUnderTest();
    const [one, two] = [under.open(TINY_LLAMA), other.open(quantized)];
    const [a, b] = await Promise.all([under.get(one, "model/overview", {}), other.get(two, "model/overview", {})]);
    expect([a.state, b.state]).toEqual(["open", "open"]);
    await other.dispose();
    expect((await other.ask(two, "model/overview", {})).failure).toMatchObject({ code: "engine/unknown-model" });
    expect(await under.get(one, "model/overview", {})).toEqual(a);
  });
});

describe("the table", () => {
  it("shows measured figures, sorts by them and exports them", async () => {
    const model = under.open(TINY_LLAMA);
    const { progress } = await under.ask(model, "layers/statistics", { names: "all" });
    const measured = progress.flatMap(({ statistics }) => (statistics === undefined ? [] : [statistics]));
    expect(measured).toHaveLength(56);
    const largest = measured.reduce((a, b) => (b.absMaximum > a.absMaximum ? b : a));
    const list = { ...QUERY, tree: false, sort: "absMaximum", descending: true } as const;
    const { rows } = await under.get(model, "layers/window", { ...list, begin: 0, end: 1 });
    expect(rows[0]).toMatchObject({ name: largest.name, statistics: largest });
    const { text, lines } = await under.get(model, "layers/export", { ...list, format: "csv" });
    expect(lines).toBe(56);
    expect(text.split("\r\n")[1]).toContain(`"${largest.name}"`);
    const json = await under.get(model, "layers/export", { ...list, format: "json" });
    expect(JSON.parse(json.text)[0]).toMatchObject({ name: largest.name, absMaximum: largest.absMaximum });
  });
});
