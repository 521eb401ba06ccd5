import type { KernelBackend } from "@lowbit/core/backend";
import { isLowbitError, LowbitError } from "@lowbit/core/errors";
import { type ErrorSums, quantizeMatrix, weightErrors } from "@lowbit/core/pipeline";
import {
  type LayerStatistics,
  type QuantizedLayer,
  relativeOutputError,
  transformLayer,
} from "@lowbit/core/quantizers";
import { type RowBlock, transposedBlock } from "@lowbit/core/tensor";
import { decodeTerms, foldTransforms, storedByteLength, transformWeights } from "@lowbit/core/terms";
import type { LayerChoice, OriginalWeight } from "./layer-choice.js";
import { refuseTransposed } from "./transposed-layer.js";

/** What quantizing a weight has cost and left. */
export interface LayerFigures {
  /** Error of the weights as they are read back. */
  readonly errors: ErrorSums;
  /** tr(D·H·Dᵀ) / tr(W·H·Wᵀ), see `relativeOutputError`; absent without a Hessian. */
  readonly outputError?: number;
  /** Bytes of all arrays, of terms and transforms. */
  readonly storedBytes: number;
  /** Bits per weight by the paper's own rule. */
  readonly claimedBitsPerWeight: number;
  readonly seconds: number;
}

export interface QuantizedOriginal extends QuantizedLayer {
  readonly figures: LayerFigures;
}

/**
 * Quantizes one weight and measures it.
 * @param isTransposed the weight is stored [inFeatures, outFeatures]
 * @throws `quantize/transposed-layer`, `quantize/no-input`, `pipeline/scale-overflow`, and what the method throws, naming the weight
 */
export function quantizeWeight(
  original: OriginalWeight,
  choice: LayerChoice,
  backend: KernelBackend,
  isTransposed = false,
): QuantizedOriginal {
  const started = performance.now();
  const { name, weights } = original;
  const { method, options } = choice;
  if (isTransposed) refuseTransposed(name, choice);
  const { terms, inputTransforms } = naming(name, () => chooseTerms(original, choice, backend));

  const approximation = new Float32Array(weights.values.length);
  decodeTerms(terms, approximation, backend);
  foldTransforms(inputTransforms, { ...weights, values: approximation }, backend);
  const errors = weightErrors(weights, approximation, backend);
  if (errors.nonFiniteCount > 0) throw scaleOverflow(name);
  const hessian = original.statistics?.values.hessian;
  return {
    terms,
    inputTransforms,
    figures: {
      errors,
      ...(hessian !== undefined && {
        outputError: isTransposed
          ? relativeOutputError(
              transposedBlock(weights),
              transposedBlock({ ...weights, values: approximation }).values,
              hessian,
              backend,
            )
          : relativeOutputError(weights, approximation, hessian, backend),
      }),
      storedBytes: storedByteLength(
        terms.map(({ layout }) => layout),
        inputTransforms.map(({ layout }) => layout),
      ),
      claimedBitsPerWeight: method.claimedBitsPerWeight(weights, options),
      seconds: (performance.now() - started) / 1000,
    },
  };
}

/** Transforms first, then the method on the transformed weights, with statistics of the transformed inputs. */
function chooseTerms(
  { name, weights, statistics }: OriginalWeight,
  { method, options, transforms = [] }: LayerChoice,
  backend: KernelBackend,
): QuantizedLayer {
  if (!("quantizeLayer" in method)) {
    const transformed = { ...weights, values: weights.values.slice() };
    transformWeights(transforms, transformed, backend);
    const given = options as Readonly<Record<string, unknown>>;
    return { terms: quantizeMatrix(method, transformed, given, backend), inputTransforms: transforms };
  }
  const plain = {
    weights: { ...weights, values: weights.values.slice() },
    statistics: statistics ?? none(name, weights),
  };
  const needs = method.needs(options);
  if (needs.includes("hessian") && plain.statistics.values.hessian !== undefined) refuseNoInput(plain.statistics);
  const layer = transforms.length === 0 ? plain : transformLayer(plain, transforms, needs, backend);
  const { terms, inputTransforms } = method.quantizeLayer(layer, options, backend);
  return { terms, inputTransforms: [...transforms, ...inputTransforms] };
}

/** Every weight of such a layer would seem to be of no use, and become 0. */
function refuseNoInput({ inFeatures, values: { hessian }, tokens }: LayerStatistics): void {
  for (let j = 0; j < inFeatures; j++) if (hessian![(j * (j + 3)) / 2]! > 0) return;
  throw new LowbitError(
    "quantize/no-input",
    `All ${inFeatures} inputs are 0 in every one of the ${tokens} tokens of the calibration set; at least one must not be.`,
    { inFeatures, tokens },
  );
}

function none(name: string, { rows, columns }: RowBlock): LayerStatistics {
  return { name, shape: { rows, columns }, inFeatures: columns, samples: 0, tokens: 0, values: {} };
}

/** Methods do not know which layer they are given. */
function naming<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!isLowbitError(cause)) throw cause;
    throw new LowbitError(cause.code, `${name}: ${cause.message}`, { ...cause.facts, weight: name }, { cause });
  }
}

function scaleOverflow(name: string): LowbitError {
  return new LowbitError(
    "pipeline/scale-overflow",
    `Weight "${name}": a scale is too large for its storage dtype; use a wider scaleDtype (BF16 or F32).`,
    { tensor: name },
  );
}
