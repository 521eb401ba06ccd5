import type { KernelBackend } from "@lowbit/core/backend";
import { isLowbitError } from "@lowbit/core/errors";
import { type LayerStatistics, outputEnergies, type StatisticValues } from "@lowbit/core/quantizers";
import { type RowBlock, transposedBlock } from "@lowbit/core/tensor";
import { decodeTerms, foldTransforms } from "@lowbit/core/terms";
import { decodeRows } from "../../forward/linear.js";
import type { LinearLayer } from "../../model/layers.js";
import { quantizeWeight } from "../quantize-weight.js";
import type { ResolvedCandidate } from "./candidate.js";
import type { Choice } from "./layer-choices.js";
import { evenSensitivity, lossSensitivity, type OutputSensitivity, predictedCost } from "./output-sensitivity.js";

/** What one candidate makes of a layer. */
export interface CandidateFigures extends Choice {
  /** tr(D·H·Dᵀ) / tr(W·H·Wᵀ) */
  readonly outputError: number;
  readonly claimedBitsPerWeight: number;
}

/** Why a candidate cannot be used for a layer. */
export interface CandidateFailure {
  readonly code: string;
  readonly message: string;
}

export interface MeasuredLayer {
  readonly name: string;
  readonly weights: number;
  /** Of the costs. */
  readonly unit: OutputSensitivity["unit"];
  /** By label of the candidate. */
  readonly figures: Readonly<Record<string, CandidateFigures | CandidateFailure>>;
}

/**
 * Quantizes a layer with every candidate and predicts what each costs. Where `gradient-square` is among the statistics the
 * cost is the loss increase of `lossSensitivity`, else the relative output error.
 * @param statistics what the candidates need, and `hessian`
 * @param beforeEach called before every candidate; what it throws ends the work
 */
export async function measureLayer(
  layer: LinearLayer,
  statistics: LayerStatistics,
  candidates: readonly ResolvedCandidate[],
  backend: KernelBackend,
  beforeEach?: () => Promise<void>,
): Promise<MeasuredLayer> {
  const { name, rows, columns, isTransposed } = layer;
  const weights: RowBlock = { values: new Float32Array(rows * columns), rows, columns };
  decodeRows(layer, 0, rows, weights.values, backend);
  const outputsFirst = (block: RowBlock): RowBlock => (isTransposed ? transposedBlock(block) : block);
  const { hessian } = statistics.values;
  const sensitivity = layerSensitivity(layer, outputsFirst(weights), statistics, backend);
  const power = sum(outputEnergies(outputsFirst(weights), hessian!, backend));
  const measure = (candidate: ResolvedCandidate): CandidateFigures | CandidateFailure => {
    try {
      const original = { name, weights, statistics };
      const { terms, inputTransforms, figures } = quantizeWeight(original, candidate.choice, backend, isTransposed);
      const errors: RowBlock = { ...weights, values: new Float32Array(rows * columns) };
      decodeTerms(terms, errors.values, backend);
      foldTransforms(inputTransforms, errors, backend);
      for (const [at, weight] of weights.values.entries()) errors.values[at] = weight - errors.values[at]!;
      const energies = outputEnergies(outputsFirst(errors), hessian!, backend);
      return {
        bits: figures.storedBytes * 8,
        cost: predictedCost(sensitivity, energies),
        outputError: power === 0 ? 0 : sum(energies) / power,
        claimedBitsPerWeight: figures.claimedBitsPerWeight,
      };
    } catch (error) {
      // A candidate may not suit a layer (its width, its scales); another one does.
      if (!isLowbitError(error)) throw error;
      return { code: error.code, message: error.message };
    }
  };
  const figures: Record<string, CandidateFigures | CandidateFailure> = {};
  for (const candidate of candidates) {
    await beforeEach?.();
    figures[candidate.label] = measure(candidate);
  }
  return { name, weights: rows * columns, unit: sensitivity.unit, figures };
}

/** @param weights [outFeatures, inFeatures] */
function layerSensitivity(
  layer: LinearLayer,
  weights: RowBlock,
  statistics: LayerStatistics,
  backend: KernelBackend,
): OutputSensitivity {
  const { hessian, "gradient-square": gradients } = statistics.values;
  if (gradients === undefined) {
    return evenSensitivity(weights.rows, sum(outputEnergies(weights, hessian!, backend)));
  }
  if (!layer.isTransposed) return lossSensitivity(statistics);
  const { rows, columns } = weights;
  const square = transposedBlock({ values: Float32Array.from(gradients), rows: columns, columns: rows }).values;
  return lossSensitivity({
    ...statistics,
    shape: { rows, columns },
    values: { hessian: hessian!, "gradient-square": square },
  });
}

function sum(values: StatisticValues): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
