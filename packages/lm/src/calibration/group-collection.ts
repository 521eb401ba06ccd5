import type { KernelBackend } from "@lowbit/core/backend";
import type { LayerStatistics, StatisticKind, StatisticValues } from "@lowbit/core/quantizers";
import type { Tensor } from "../forward/tensor.js";
import type { LinearShape } from "../model/block-description.js";
import { checkFinite } from "./check-finite.js";
import type { InputObservers } from "./collecting-ops.js";
import type { Accumulator, InputStatisticKind, StatisticDtype } from "./collectors/collector.js";
import { INPUT_COLLECTORS } from "./collectors/collector-table.js";

export interface CollectionOptions {
  readonly backend: KernelBackend;
  readonly kinds: readonly InputStatisticKind[];
  readonly dtype: StatisticDtype;
  readonly samples: number;
  readonly length: number;
}

/** The statistics of layers that read the same input: the first layer is observed, all share the values. */
class GroupCollection {
  readonly layers: readonly LinearShape[];
  readonly #options: CollectionOptions;
  readonly #accumulators: ReadonlyMap<InputStatisticKind, Accumulator>;

  constructor(layers: readonly LinearShape[], options: CollectionOptions) {
    this.layers = layers;
    this.#options = options;
    const { backend, kinds, dtype } = options;
    const { inFeatures } = layers[0]!;
    this.#accumulators = new Map(kinds.map((kind) => [kind, INPUT_COLLECTORS[kind].begin(inFeatures, dtype, backend)]));
  }

  observe(x: Tensor): void {
    checkFinite(x.values, `The input of ${this.layers[0]!.name}`);
    for (const accumulator of this.#accumulators.values()) accumulator.add(x);
  }

  finish(): readonly LayerStatistics[] {
    const { samples, length } = this.#options;
    const tokens = samples * length;
    const values: Partial<Record<StatisticKind, StatisticValues>> = {};
    for (const [kind, accumulator] of this.#accumulators) {
      const finished = accumulator.finish(samples, tokens);
      checkFinite(finished, `The ${kind} of the input of ${this.layers[0]!.name}`);
      values[kind] = finished;
    }
    return this.layers.map(({ name, rows, columns, inFeatures }) => ({
      name,
      shape: { rows, columns },
      inFeatures,
      samples,
      tokens,
      values,
    }));
  }

  release(): void {
    for (const accumulator of this.#accumulators.values()) accumulator.release();
  }
}

/**
 * Collects the statistics of groups of layers while `run` shows their inputs.
 * @returns by name of the weight
 */
export async function collectGroups(
  groups: readonly (readonly LinearShape[])[],
  options: CollectionOptions,
  run: (observers: InputObservers) => Promise<void>,
): Promise<ReadonlyMap<string, LayerStatistics>> {
  const collections = groups.map((layers) => new GroupCollection(layers, options));
  try {
    await run(new Map(collections.map((group) => [group.layers[0]!.name, (x: Tensor) => group.observe(x)])));
    const statistics = collections.flatMap((group) => group.finish());
    return new Map(statistics.map((layer) => [layer.name, layer]));
  } finally {
    for (const group of collections) group.release();
  }
}
