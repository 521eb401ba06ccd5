import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReferenceBackend } from "@lowbit/core/backend";
import type { StatisticValues } from "@lowbit/core/quantizers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ComputeOps } from "../forward/compute-ops.js";
import { runBlock } from "../forward/run-block.js";
import { passContext } from "../forward/run-model.js";
import { randomModel } from "../generate/random-model.fixture.js";
import { type Block, blockLinears } from "../model/layers.js";
import { createDiskStore } from "../node/disk-activation-store.js";
import { type ActivationStore, createMemoryStore } from "./activation-store.js";
import { type CalibrationSet, calibrationSet } from "./calibration-set.js";
import { replaceLayers } from "./replace-layers.js";
import { type BlockVisitor, type CalibrationProtocol, type WalkOptions, walkBlocks } from "./walk-blocks.js";

const backend = createReferenceBackend();
const model = randomModel();
let set: CalibrationSet;
let folder: string;
beforeAll(async () => {
  const ids = Uint32Array.from({ length: 5 * 6 }, (_, i) => (i * 7) % 40);
  set = await calibrationSet({ ids, length: 6, vocabularySize: 40 });
  folder = await mkdtemp(join(tmpdir(), "lowbit-walk-"));
});
afterAll(() => rm(folder, { recursive: true }));

const PROTOCOLS: readonly CalibrationProtocol[] = ["original", "quantized", "true-sequential"];

async function walk(options: Partial<WalkOptions>, visit: BlockVisitor = () => undefined): Promise<void> {
  await walkBlocks(model, backend, set, { protocol: "original", collect: [], tokensPerBatch: 12, ...options }, visit);
}

/** A block that differs: the output layer of its attention takes the weights of the other block's. */
function changed(block: Block): Block {
  const { terms } = model.blocks[1 - block.index]!.attention.output;
  return replaceLayers(block, [{ ...block.attention.output, terms }]);
}

/** Outputs of blocks one after the other on the whole set at once. */
function outputs(blocks: readonly Block[]): Float32Array[] {
  const ops = new ComputeOps(backend);
  const batch = { tokens: set.ids, sequences: set.samples, length: set.length, firstPosition: 0 };
  const context = passContext(model, batch);
  let x = ops.embed(model.embedding, set.ids, context.positions);
  const found = [x.values.slice()];
  for (const block of blocks) {
    x = runBlock(ops, block, x, context);
    found.push(x.values.slice());
  }
  return found;
}

const contents = async (store: ActivationStore): Promise<Float32Array> => (await store.read(0, set.samples)).slice();

function expectClose(found: Float32Array, expected: Float32Array): void {
  expect(found.length).toBe(expected.length);
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
}

describe("activations of a walk", () => {
  it("original, kept: inputs and targets of every block", async () => {
    const expected = outputs(model.blocks);
    const seen: number[] = [];
    await walk({ keepsActivations: true }, async ({ block, activations }) => {
      seen.push(block.index);
      expectClose(await contents(activations!.inputs), expected[block.index]!);
      expectClose(await contents(activations!.targets!), expected[block.index + 1]!);
      return changed(block);
    });
    expect(seen).toEqual([0, 1]);
  });

  it("original, not kept: no activations", async () => {
    await walk({}, ({ activations }) => {
      expect(activations).toBeUndefined();
      return undefined;
    });
  });

  it.each(PROTOCOLS.slice(1))("%s: inputs behind replaced blocks, targets of the original model", async (protocol) => {
    const original = outputs(model.blocks);
    const replaced = outputs(model.blocks.map(changed));
    await walk({ protocol, keepsActivations: true }, async ({ block, activations }) => {
      expectClose(await contents(activations!.inputs), replaced[block.index]!);
      expectClose(await contents(activations!.targets!), original[block.index + 1]!);
      return changed(block);
    });
  });

  it("run: a candidate's outputs on the inputs, nothing stored", async () => {
    const replaced = outputs(model.blocks.map(changed));
    await walk({ protocol: "quantized" }, async ({ block, activations }) => {
      const before = await contents(activations!.inputs);
      const seen = new Float32Array(before.length);
      const perSample = before.length / set.samples;
      await activations!.run(changed(block), (first, x, y) => {
        expect(x.values).toEqual(before.subarray(first * perSample, first * perSample + x.values.length));
        seen.set(y.values, first * perSample);
      });
      expectClose(seen, replaced[block.index + 1]!);
      expect(await contents(activations!.inputs)).toEqual(before);
      return changed(block);
    });
  });

  it.each(PROTOCOLS)("%s: on disk the same to the bit, and nothing is left", async (protocol) => {
    const collected = async (createStore: WalkOptions["createStore"]): Promise<StatisticValues[]> => {
      const found: StatisticValues[] = [];
      const collect = ["hessian", "mean-abs"] as const;
      await walk({ protocol, collect, keepsActivations: true, createStore: createStore! }, ({ block, statistics }) => {
        for (const { values } of statistics.values()) found.push(values.hessian!, values["mean-abs"]!);
        return changed(block);
      });
      return found;
    };
    const inMemory = await collected(createMemoryStore);
    const onDisk = await collected((shape) => createDiskStore(shape, folder));
    expect(inMemory.length).toBe(2 * 2 * 7);
    expect(onDisk).toEqual(inMemory);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("a walk that ends early", () => {
  it.each(PROTOCOLS)("%s: aborted, it leaves no file", async (protocol) => {
    const controller = new AbortController();
    const done: number[] = [];
    const work = walk({
      protocol,
      collect: ["hessian"],
      signal: controller.signal,
      createStore: (shape) => createDiskStore(shape, folder),
      onProgress: (progress) => {
        done.push(progress.done);
        if (progress.block === 1) controller.abort();
      },
    });
    await expect(work).rejects.toMatchObject({ code: "calibration/aborted" });
    expect(done.at(-1)).toBeGreaterThan(0);
    expect(await readdir(folder)).toEqual([]);
  });

  it("closes its stores after an error of the visitor", async () => {
    const work = walk({ createStore: (shape) => createDiskStore(shape, folder) }, () => {
      throw new RangeError("of the visitor");
    });
    await expect(work).rejects.toThrow("of the visitor");
    expect(await readdir(folder)).toEqual([]);
  });

  it.each(PROTOCOLS)("%s: progress ends at its total", async (protocol) => {
    let last = { done: 0, total: 1 };
    await walk({
      protocol,
      collect: ["mean-abs"],
      keepsActivations: true,
      onProgress: (progress) => (last = progress),
    });
    expect(last.done).toBe(last.total);
  });
});

describe("a walk that goes on", () => {
  it.each(PROTOCOLS)("%s: visits the rest as an uninterrupted one does", async (protocol) => {
    const visited = async (resumed: boolean): Promise<readonly [number, StatisticValues][]> => {
      const found: [number, StatisticValues][] = [];
      const progress: number[] = [];
      const options: Partial<WalkOptions> = {
        protocol,
        collect: ["hessian"],
        keepsActivations: true,
        ...(resumed && { resume: { blocks: 1, replaced: changed } }),
        onProgress: ({ done, total }) => progress.push(done / total),
      };
      await walk(options, ({ block, statistics }) => {
        for (const { values } of statistics.values()) found.push([block.index, values.hessian!]);
        return changed(block);
      });
      expect(progress.at(-1)).toBe(1);
      return found;
    };
    const whole = await visited(false);
    const rest = await visited(true);
    expect(rest.length).toBeGreaterThan(0);
    expect(rest).toEqual(whole.filter(([index]) => index === 1));
  });

  it("refuses a saved block of other layers", async () => {
    const resume = { blocks: 1, replaced: () => model.blocks[1]! };
    await expect(walk({ protocol: "quantized", resume })).rejects.toMatchObject({ code: "calibration/block-mismatch" });
  });
});

describe("a walk is refused", () => {
  it("for samples longer than the context", async () => {
    const long = await calibrationSet({ ids: new Uint32Array(97), length: 97, vocabularySize: 40 });
    const work = walkBlocks(model, backend, long, { protocol: "original", collect: [] }, () => undefined);
    await expect(work).rejects.toMatchObject({ code: "calibration/invalid-option", facts: { found: 97, most: 96 } });
  });

  it.each(PROTOCOLS)("%s: for another block than the one that is visited", async (protocol) => {
    const swapped = walk({ protocol }, ({ block }) => model.blocks[1 - block.index]!);
    await expect(swapped).rejects.toMatchObject({ code: "calibration/block-mismatch" });
    const resized = walk({ protocol }, ({ block }) =>
      replaceLayers(block, [{ ...block.attention.output, outFeatures: 31, rows: 31 }]),
    );
    await expect(resized).rejects.toMatchObject({ code: "calibration/block-mismatch" });
  });

  it("where activations stop being finite, naming the layer", async () => {
    const spoilt = randomModel();
    const { down } = spoilt.blocks[0]!.feedForward;
    new Float32Array((down.terms[0]!.arrays as { values: Uint8Array }).values.buffer)[5] = Number.POSITIVE_INFINITY;
    const options = { protocol: "original", collect: ["hessian"] } as const;
    await expect(walkBlocks(spoilt, backend, set, options, () => undefined)).rejects.toMatchObject({
      code: "calibration/non-finite-activation",
      message: expect.stringContaining("The output of block 0"),
    });
    const { up } = spoilt.blocks[0]!.feedForward;
    new Float32Array((up.terms[0]!.arrays as { values: Uint8Array }).values.buffer)[5] = Number.NaN;
    await expect(walkBlocks(spoilt, backend, set, options, () => undefined)).rejects.toMatchObject({
      message: expect.stringContaining(`The input of ${down.name}`),
    });
  });
});

it("layers of one input share their statistics", async () => {
  await walk({ collect: ["hessian", "mean-square"] }, ({ block, statistics }) => {
    const [query, key, value, output, gate, up] = blockLinears(block).map(({ name }) => statistics.get(name)!);
    expect(key!.values).toBe(query!.values);
    expect(value!.values).toBe(query!.values);
    expect(up!.values).toBe(gate!.values);
    expect(output!.values).not.toBe(query!.values);
    expect(query).toMatchObject({ samples: 5, tokens: 30, inFeatures: 32, shape: { rows: 32, columns: 32 } });
    return undefined;
  });
});
