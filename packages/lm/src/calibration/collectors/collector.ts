import type { KernelBackend } from "@lowbit/core/backend";
import type { StatisticKind, StatisticValues } from "@lowbit/core/quantizers";
import type { Tensor } from "../../forward/tensor.js";

/** Statistics of the inputs of a layer. */
export type InputStatisticKind = Extract<StatisticKind, "hessian" | "mean-abs" | "mean-square">;

export type StatisticDtype = "F32" | "F64";

/** A running sum over activations that are never kept. */
export interface Accumulator {
  /** x [tokens, features] */
  add(x: Tensor): void;
  /** The statistic over so many samples and tokens, in memory of its own. The accumulator is released. */
  finish(samples: number, tokens: number): StatisticValues;
  release(): void;
}

/** A kind of statistic of inputs. */
export interface Collector {
  readonly kind: InputStatisticKind;
  /** Values of the statistic of so many features. */
  valueCount(features: number): number;
  /** @param dtype of the finished statistic; for `hessian` also of the sums */
  begin(features: number, dtype: StatisticDtype, backend: KernelBackend): Accumulator;
}

export function allocateValues(length: number, dtype: StatisticDtype): StatisticValues {
  return dtype === "F64" ? new Float64Array(length) : new Float32Array(length);
}
