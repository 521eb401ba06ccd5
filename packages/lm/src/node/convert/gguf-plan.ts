import { DTYPES, isFloatDtype } from "@lowbit/core/dtype";
import { type LogicalWeight, type RefusedWeight, storageName } from "@lowbit/core/layouts";
import { type ErrorSums, throwIfAborted } from "@lowbit/core/pipeline";
import { isBlockType } from "../../gguf/choose-types.js";
import type { GgufExportTensor, GgufExportType } from "../../gguf/gguf-export.js";
import { GgufRefusals } from "./gguf-refusals.js";
import { chosenTypes, type DecidedType, type GgufTypeChoice, type TypedModel } from "./gguf-type-choice.js";
import { packFit } from "./pack-fit.js";
import {
  keptFactors,
  keptTensor,
  type PlannedGgufTensor,
  roundedValues,
  streamedTensor,
  wholeTensor,
} from "./planned-tensor.js";
import { type WholeTensorOptions, WholeTensors } from "./whole-tensors.js";

export interface GgufPlan {
  readonly tensors: readonly PlannedGgufTensor[];
  readonly refused: readonly RefusedWeight[];
  /** Weights that are not kept. */
  readonly weights: number;
  /** Filled while whole tensors are made. */
  readonly wholeErrors: ReadonlyMap<string, ErrorSums>;
}

export interface GgufPlanOptions extends WholeTensorOptions {
  readonly choice: GgufTypeChoice;
  readonly allowRequantize: boolean;
  /** Plain tensors that are no matrices stay as they are; absent: F32. */
  readonly keepsPlain?: boolean;
  readonly signal?: AbortSignal;
}

/** Decides what every tensor becomes. Quantized weights are packed once, so that it is known before anything is written whether they fit. */
export async function planGguf(model: TypedModel, options: GgufPlanOptions): Promise<GgufPlan> {
  const types = chosenTypes(model, options.choice);
  const isQuantized = model.tensors.some(
    ({ source }) => source.kind === "weight" && (source.weight.kind === "quantized" || source.isTernarized),
  );
  const planner = new GgufPlanner(options, isQuantized);
  const tensors: PlannedGgufTensor[] = [];
  for (const tensor of model.tensors) {
    throwIfAborted(options.signal);
    const chosen = types.get(tensor.name);
    const planned = await planner.plan(tensor, chosen);
    tensors.push(chosen?.instead === undefined ? planned : { ...planned, instead: chosen.instead });
    if (planned.outcome === "kept") tensors.push(...keptFactors(tensor));
  }
  return {
    tensors,
    refused: planner.refusals.weights,
    weights: model.tensors.filter(({ role }) => role !== "kept").length,
    wholeErrors: planner.whole.errors,
  };
}

type WeightSource = Extract<GgufExportTensor["source"], { kind: "weight" }>;

class GgufPlanner {
  readonly refusals: GgufRefusals;
  readonly whole: WholeTensors;
  readonly #options: GgufPlanOptions;

  /** Some weights of the input are quantized: plain ones were left so. */
  readonly #isQuantized: boolean;

  constructor(options: GgufPlanOptions, isQuantized: boolean) {
    this.#options = options;
    this.#isQuantized = isQuantized;
    this.refusals = new GgufRefusals(options);
    this.whole = new WholeTensors(options);
  }

  async plan(tensor: GgufExportTensor, decided: DecidedType | undefined): Promise<PlannedGgufTensor> {
    const chosen = decided?.type;
    const { source } = tensor;
    if (source.kind === "values") {
      return wholeTensor(
        tensor,
        "F32",
        "F32",
        "exact",
        async () => new Uint8Array(source.values.buffer, source.values.byteOffset, source.values.byteLength),
      );
    }
    const { weight } = source;
    if (weight.kind === "plain" && !isFloatDtype(weight.dtype)) return keptTensor(tensor, weight);
    if (weight.kind === "quantized" || source.isTernarized) return this.#planQuantized(tensor, source, chosen);
    if (tensor.role === "kept" && this.#options.keepsPlain === true) return keptTensor(tensor, weight);
    if (tensor.role === "kept") return this.#planPlain(tensor, source, "F32", true);
    if (chosen === undefined) return this.#planPlain(tensor, source, plainType(weight), true);
    const mayEncode = this.#options.allowRequantize || decided!.isStated;
    // What the input keeps plain beside quantized weights stays plain.
    const stays = isBlockType(chosen) && !mayEncode && this.#isQuantized;
    return this.#planPlain(tensor, source, stays ? plainType(weight) : chosen, mayEncode);
  }

  async #planPlain(
    tensor: GgufExportTensor,
    { weight, order, isTransposed }: WeightSource,
    type: GgufExportType,
    mayEncode: boolean,
  ): Promise<PlannedGgufTensor> {
    const isAsStored = !isTransposed && order === undefined;
    if (isAsStored && type === weight.dtype) return keptTensor(tensor, weight);
    if (isBlockType(type) && !mayEncode) {
      await this.refusals.addPlain(tensor, weight, type);
      return keptTensor(tensor, weight);
    }
    const outcome = isBlockType(type) ? "requantized" : floatOutcome(weight.dtype, type);
    const isStreamed = !isTransposed && (order === undefined || tensor.shape.length > 1);
    if (!isStreamed) return this.#encoded(tensor, weight, type, outcome);
    const from = { kind: "tensor", tensor: weight.tensors[0]! } as const;
    return streamedTensor(tensor, weight, type, outcome, from, this.#importance(tensor, type));
  }

  async #planQuantized(
    tensor: GgufExportTensor,
    { weight, order, isTransposed }: WeightSource,
    chosen: GgufExportType | undefined,
  ): Promise<PlannedGgufTensor> {
    const { blockType: stored } = weight.tensors[0]!;
    const isInOrder = order === undefined;
    if (stored !== undefined && isInOrder && (chosen === stored || chosen === undefined)) {
      return keptTensor(tensor, weight);
    }
    const from = { kind: "weight", weight: weight.name } as const;
    if (chosen !== undefined && !isBlockType(chosen)) {
      if (weight.kind === "plain" || isTransposed || tensor.shape.length < 2) {
        return this.#encoded(tensor, weight, chosen, "rounded");
      }
      return streamedTensor(tensor, weight, chosen, chosen === "F32" ? "exact" : "rounded", from, undefined);
    }
    const whole = await this.whole.terms(tensor, weight);
    const fit = whole === undefined ? { reason: "its rows are columns in a GGUF file" } : packFit(whole, chosen);
    if (!("reason" in fit)) {
      const { type, rounded } = fit;
      const outcome = rounded === undefined ? "exact" : "rounded";
      const make = () => this.whole.pack(tensor, weight, type);
      const made = wholeTensor(tensor, storageName(weight), type, outcome, make);
      return rounded === undefined ? made : { ...made, rounded };
    }
    if (this.#options.allowRequantize && chosen !== undefined) {
      if (weight.kind === "plain" || isTransposed) return this.#encoded(tensor, weight, chosen, "requantized");
      return streamedTensor(tensor, weight, chosen, "requantized", from, this.#importance(tensor, chosen));
    }
    this.refusals.addQuantized(tensor, fit.reason, whole, chosen);
    return keptTensor(tensor, weight);
  }

  #importance(tensor: GgufExportTensor, type: GgufExportType): Float32Array | undefined {
    return isBlockType(type) ? this.#options.importance?.(tensor) : undefined;
  }

  /** A tensor whose values are encoded as a whole. */
  #encoded(
    tensor: GgufExportTensor,
    weight: LogicalWeight,
    type: GgufExportType,
    outcome: PlannedGgufTensor["outcome"],
  ): PlannedGgufTensor {
    const made = wholeTensor(tensor, storageName(weight), type, outcome, () => this.whole.encode(tensor, type));
    return { ...made, ...roundedValues(weight, type, outcome) };
  }
}

/** The type of a GGUF file for plain weights as they are; dtypes that it lacks are widened. */
function plainType({ dtype }: LogicalWeight): GgufExportType {
  return dtype === "F16" || dtype === "BF16" ? dtype : "F32";
}

/** Whether every value of a dtype is one of another. */
function floatOutcome(from: LogicalWeight["dtype"], to: GgufExportType): "exact" | "rounded" {
  if (from === to) return "exact";
  return to === "F32" && DTYPES[from].bits <= 32 ? "exact" : "rounded";
}
