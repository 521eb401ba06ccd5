import { LowbitError } from "../errors/index.js";
import type { LayerLayout } from "../quantizers/calibrated-quantizer.js";
import { type Method, type MethodTable, methodNamed } from "../quantizers/method.js";
import { resolveOptions } from "../quantizers/resolve-options.js";
import type { CheckpointTensor } from "../safetensors/checkpoint.js";
import { matrixShape } from "../tensor/matrix-shape.js";
import type { MatrixShape } from "../tensor/row-block.js";
import { storedByteLength } from "../terms/bits-per-weight.js";
import type { TransformLayout } from "../terms/input-transform.js";
import type { TermLayout } from "../terms/term.js";
import {
  defaultKeepReason,
  foreignQuantizedParts,
  impossibleReason,
  KEEP_REASONS,
  type KeepReason,
} from "./keep-reason.js";
import { ruleFor, type TensorRule } from "./tensor-rule.js";

export interface PlanSettings {
  /** Method of every tensor that no rule names and that no reason keeps. */
  readonly method: string;
  /** Its options as given; the rest takes its default. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Exceptions; the last one that matches a tensor wins. */
  readonly rules: readonly TensorRule[];
  /** Names of tensors that are parts of weights which are quantized already. */
  readonly quantizedParts?: ReadonlySet<string>;
}

/** How one tensor is quantized: everything that its size follows from. */
export interface PlannedQuantization {
  readonly method: string;
  /** Every option of the method with its value. */
  readonly options: object;
  readonly shape: MatrixShape;
  /** Of calibrated methods as they are to be expected: see `CalibratedQuantizer.layout`. */
  readonly terms: readonly TermLayout[];
  /** In the order in which they apply to x. */
  readonly transforms: readonly TransformLayout[];
  /** Bits per weight by the paper's rule. */
  readonly claimedBitsPerWeight: number;
  /** Bytes of all arrays × 8 / weights. */
  readonly storedBitsPerWeight: number;
}

export interface PlannedTensor {
  readonly tensor: CheckpointTensor;
  readonly weights: number;
  readonly action: "quantize" | "keep";
  /** Why: a rule's origin, "default", or one of KEEP_REASONS. */
  readonly reason: string;
  /** Code of the reason where the tensor is kept. */
  readonly keepReason?: KeepReason;
  readonly quantization?: PlannedQuantization;
  readonly inputBytes: number;
  readonly outputBytes: number;
}

export interface PlanTotals {
  readonly tensors: number;
  readonly quantizedTensors: number;
  readonly weights: number;
  readonly quantizedWeights: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  /** Output bytes × 8 / weights over the whole model, kept tensors included. */
  readonly bitsPerWeight: number;
  /** The same over the quantized tensors alone; 0 when there are none. */
  readonly quantizedBitsPerWeight: number;
  readonly claimedBitsPerWeight: number;
}

export interface QuantizationPlan {
  readonly tensors: readonly PlannedTensor[];
  readonly totals: PlanTotals;
}

/**
 * Decides what happens to every tensor and what it will take, without reading a weight.
 * @throws `pipeline/unmatched-rule`, `options/…`, `pipeline/unsupported-term`
 */
export function planQuantization(
  tensors: readonly CheckpointTensor[],
  settings: PlanSettings,
  methods: MethodTable,
): QuantizationPlan {
  for (const rule of settings.rules) {
    if (!tensors.some(({ name }) => rule.matches(name))) {
      throw new LowbitError(
        "pipeline/unmatched-rule",
        `${rule.origin} matches none of the ${tensors.length} tensors.`,
        {
          rule: rule.origin,
        },
      );
    }
  }
  const quantizedParts = new Set([
    ...foreignQuantizedParts(tensors.map(({ name }) => name)),
    ...(settings.quantizedParts ?? []),
  ]);
  // Resolved here as well, so that a wrong default is refused even where no tensor uses it.
  methodWithOptions(settings.method, settings.options, methods);
  const planned = tensors.map((tensor) => planTensor(tensor, settings, quantizedParts, methods));
  return { tensors: planned, totals: planTotals(planned) };
}

/** @throws `pipeline/nothing-to-do` */
export function refuseNothingToDo({ totals }: QuantizationPlan): void {
  if (totals.quantizedTensors > 0) return;
  throw new LowbitError("pipeline/nothing-to-do", `All ${totals.tensors} tensors would be kept.`, {
    tensors: totals.tensors,
  });
}

function planTensor(
  tensor: CheckpointTensor,
  settings: PlanSettings,
  quantizedParts: ReadonlySet<string>,
  methods: MethodTable,
): PlannedTensor {
  const rule = ruleFor(settings.rules, tensor.name);
  const impossible = impossibleReason(tensor, quantizedParts);
  if (impossible) return keep(tensor, impossible);
  if (rule?.action.kind === "keep") return keep(tensor, "rule", rule.origin);
  if (rule?.action.kind === "quantize")
    return quantize(tensor, rule.action.method, rule.action.options, rule.origin, methods);
  const byDefault = defaultKeepReason(tensor);
  if (byDefault) return keep(tensor, byDefault);
  return quantize(tensor, settings.method, settings.options, "default", methods);
}

function keep(
  tensor: CheckpointTensor,
  keepReason: KeepReason,
  reason: string = KEEP_REASONS[keepReason],
): PlannedTensor {
  const bytes = { inputBytes: tensor.byteLength, outputBytes: tensor.byteLength };
  return { tensor, weights: elementCount(tensor), action: "keep", reason, keepReason, ...bytes };
}

function quantize(
  tensor: CheckpointTensor,
  name: string,
  given: Readonly<Record<string, unknown>>,
  reason: string,
  methods: MethodTable,
): PlannedTensor {
  const { method, options } = methodWithOptions(name, given, methods);
  const shape = matrixShape(tensor.shape);
  const { terms, transforms } = layerLayout(method, shape, options);
  const weights = elementCount(tensor);
  const outputBytes = storedByteLength(terms, transforms);
  const quantization: PlannedQuantization = {
    method: name,
    options,
    shape,
    terms,
    transforms,
    claimedBitsPerWeight: method.claimedBitsPerWeight(shape, options),
    storedBitsPerWeight: (outputBytes * 8) / weights,
  };
  return { tensor, weights, action: "quantize", reason, quantization, inputBytes: tensor.byteLength, outputBytes };
}

function layerLayout(method: Method, shape: MatrixShape, options: object): LayerLayout {
  if ("quantizeLayer" in method) return method.layout(shape, options);
  const terms = method.layout(shape, options);
  if (terms.some(({ kind }) => kind === "sparse")) {
    throw new LowbitError(
      "pipeline/unsupported-term",
      `Method "${method.name}" stores sparse terms, whose size depends on the weights.`,
      { method: method.name },
    );
  }
  return { terms, transforms: [] };
}

function methodWithOptions(
  name: string,
  given: Readonly<Record<string, unknown>>,
  methods: MethodTable,
): { readonly method: Method; readonly options: object } {
  const method = methodNamed(name, methods);
  return { method, options: resolveOptions(method, given) };
}

/** Sums over all tensors; once more when a run has measured sizes that the plan could only expect. */
export function planTotals(tensors: readonly PlannedTensor[]): PlanTotals {
  const quantized = tensors.filter(({ action }) => action === "quantize");
  const weights = sum(tensors, (planned) => planned.weights);
  const quantizedWeights = sum(quantized, (planned) => planned.weights);
  const outputBytes = sum(tensors, (planned) => planned.outputBytes);
  const claimedBits = sum(quantized, (planned) => planned.quantization!.claimedBitsPerWeight * planned.weights);
  return {
    tensors: tensors.length,
    quantizedTensors: quantized.length,
    weights,
    quantizedWeights,
    inputBytes: sum(tensors, (planned) => planned.inputBytes),
    outputBytes,
    bitsPerWeight: ratio(outputBytes * 8, weights),
    quantizedBitsPerWeight: ratio(sum(quantized, (planned) => planned.outputBytes) * 8, quantizedWeights),
    claimedBitsPerWeight: ratio(claimedBits, quantizedWeights),
  };
}

const elementCount = ({ shape }: CheckpointTensor): number => shape.reduce((product, size) => product * size, 1);
const sum = <T>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((total, item) => total + value(item), 0);
const ratio = (bits: number, weights: number): number => (weights === 0 ? 0 : bits / weights);
