import type { KernelBackend } from "@lowbit/core/backend";
import type { ActivationBits } from "../forward/activation-precision.js";
import { rotaryTables } from "../forward/rotary-tables.js";
import { type PassContext, runBlock } from "../forward/run-block.js";
import { passContext } from "../forward/run-model.js";
import type { Tensor } from "../forward/tensor.js";
import type { TensorPool } from "../forward/tensor-pool.js";
import type { DecoderConfig } from "../model/decoder-config.js";
import type { Block } from "../model/layers.js";
import type { ActivationStore } from "./activation-store.js";
import { calibrationPause } from "./calibration-pause.js";
import { checkFinite } from "./check-finite.js";
import { CollectingOps, type InputObservers } from "./collecting-ops.js";

/** Sees a block's input and output [tokens, hidden] of samples `first` and following; must not keep them. */
export type OutputObserver = (first: number, x: Tensor, y: Tensor) => void;

export interface BlockPass {
  readonly block: Block;
  readonly from: ActivationStore;
  /** Where outputs go; may be `from`. Absent: they are not kept. */
  readonly to?: ActivationStore;
  readonly observers?: InputObservers;
  readonly onOutput?: OutputObserver;
  /** Called after every batch with its number of samples. */
  readonly onBatch?: (samples: number) => void;
}

export interface BatchRunnerOptions {
  readonly config: DecoderConfig;
  readonly backend: KernelBackend;
  readonly pool: TensorPool;
  readonly samples: number;
  readonly length: number;
  readonly samplesPerBatch: number;
  readonly activationBits?: ActivationBits;
  readonly signal?: AbortSignal;
}

/** Runs blocks over all samples, a batch at a time; batches are the same in every pass. */
export class BatchRunner {
  readonly #options: BatchRunnerOptions;
  readonly #contexts = new Map<number, PassContext>();

  constructor(options: BatchRunnerOptions) {
    this.#options = options;
  }

  /** @throws `calibration/non-finite-activation`, `calibration/aborted` */
  async run({ block, from, to, observers = new Map(), onOutput, onBatch }: BlockPass): Promise<void> {
    const { backend, pool, activationBits } = this.#options;
    const endsEarly = to === undefined && onOutput === undefined;
    await this.eachBatch(async (first, context) => {
      const ops = new CollectingOps({
        backend,
        pool,
        observers,
        endsEarly,
        ...(activationBits !== undefined && { activationBits }),
      });
      const x = ops.make(context.positions.length, from.columns);
      let y: Tensor | undefined;
      try {
        const values = await from.read(first, context.sequences);
        x.values.set(values);
        y = runBlock(ops, block, x, context);
        if (!endsEarly) checkFinite(y.values, `The output of block ${block.index}`);
        onOutput?.(first, x, y);
        await to?.write(first, y.values);
      } finally {
        ops.release(x);
        if (y !== undefined) ops.release(y);
      }
      onBatch?.(context.sequences);
    });
  }

  /** Visits all samples in order, a batch at a time. */
  async eachBatch(visit: (first: number, context: PassContext) => Promise<void>): Promise<void> {
    const { samples, samplesPerBatch, signal } = this.#options;
    const pause = calibrationPause(signal);
    for (let first = 0; first < samples; first += samplesPerBatch) {
      await pause();
      await visit(first, this.#context(Math.min(samplesPerBatch, samples - first)));
    }
  }

  /** What all batches of so many samples share. */
  #context(sequences: number): PassContext {
    const known = this.#contexts.get(sequences);
    if (known !== undefined) return known;
    const { config, length } = this.#options;
    const batch = { tokens: new Uint32Array(0), sequences, length, firstPosition: 0 };
    const [other] = this.#contexts.values();
    const context = passContext({ config }, batch, other?.rotary?.tables ?? rotaryTables(config, length));
    this.#contexts.set(sequences, context);
    return context;
  }
}
