import type { KernelBackend } from "../backend/kernel-backend.js";
import { LowbitError } from "../errors/lowbit-error.js";
import type { RowBlock } from "../tensor/row-block.js";
import { type InputTransform, transformActivations, transformWeights } from "../terms/input-transform.js";
import type { CalibratedLayer } from "./calibrated-quantizer.js";
import type { LayerStatistics, StatisticKind, StatisticValues } from "./layer-statistics.js";
import { unpackTriangle } from "./output-error.js";

/**
 * The layer as a method sees it after transforms T of its input: weights W · T⁻¹ and statistics of T(x), so that any method
 * works in the transformed space. What it returns becomes a layer for plain x by putting `transforms` before its own.
 * @param needs kinds of statistics that the method reads; others are left out
 * @returns with arrays of its own
 * @throws `quantize/statistic-transform`, `quantize/missing-statistic`
 */
export function transformLayer(
  { weights, statistics }: CalibratedLayer,
  transforms: readonly InputTransform[],
  needs: readonly StatisticKind[],
  backend: KernelBackend,
): CalibratedLayer {
  const transformed = { ...weights, values: weights.values.slice() };
  transformWeights(transforms, transformed, backend);
  const values = Object.fromEntries(
    needs.map((kind) => [kind, transformStatistic(kind, statistics, transforms, backend)]),
  );
  return { weights: transformed, statistics: { ...statistics, values } };
}

function transformStatistic(
  kind: StatisticKind,
  statistics: LayerStatistics,
  transforms: readonly InputTransform[],
  backend: KernelBackend,
): StatisticValues {
  const { name, inFeatures, values, samples, tokens } = statistics;
  const isMixing = transforms.some(({ layout }) => layout.kind === "hadamard");
  if (kind === "hessian" || (kind === "mean-square" && isMixing)) {
    const hessian = transformHessian(valuesOf(statistics, "hessian"), inFeatures, transforms, backend);
    // hessian: 2/N · Σ x², mean-square: 1/T · Σ x².
    return kind === "hessian" ? hessian : diagonal(hessian, inFeatures).map((sum) => (sum * samples) / (2 * tokens));
  }
  if (isMixing) {
    throw new LowbitError(
      "quantize/statistic-transform",
      `The statistic "${kind}" of plain inputs does not tell that of rotated ones; "hessian" and "mean-square" do.`,
      { layer: name, statistic: kind, allowed: ["hessian", "mean-square"] },
    );
  }
  // One input, one output: magnitudes are permuted and scaled as x is, squares through their roots. Gradients of W · T⁻¹ are
  // those of W times Tᵀ: permuted and scaled like x, too.
  const isSquare = kind === "mean-square" || kind === "gradient-square";
  const rows = Float32Array.from(valuesOf(statistics, kind), isSquare ? Math.sqrt : Number);
  transformActivations(transforms, rowsOf(rows, inFeatures), backend);
  const result = rows.map(isSquare ? (root) => root * root : Math.abs);
  return values[kind] instanceof Float64Array ? Float64Array.from(result) : result;
}

/** T · H · Tᵀ: T applied to every row gives H · Tᵀ, and to every row of its transpose T · H · Tᵀ. */
function transformHessian(
  packed: StatisticValues,
  columns: number,
  transforms: readonly InputTransform[],
  backend: KernelBackend,
): StatisticValues {
  const square = rowsOf(unpackTriangle(packed, columns), columns);
  transformActivations(transforms, square, backend);
  transpose(square.values, columns);
  transformActivations(transforms, square, backend);
  const result = packed instanceof Float64Array ? new Float64Array(packed.length) : new Float32Array(packed.length);
  for (let i = 0, at = 0; i < columns; i++) {
    for (let j = 0; j <= i; j++, at++) result[at] = square.values[i * columns + j]!;
  }
  return result;
}

function valuesOf({ name, values }: LayerStatistics, kind: StatisticKind): StatisticValues {
  const found = values[kind];
  if (found !== undefined) return found;
  throw new LowbitError(
    "quantize/missing-statistic",
    `The statistic "${kind}" is missing, which a transform of inputs carries over.`,
    {
      layer: name,
      statistic: kind,
    },
  );
}

function diagonal(packed: StatisticValues, columns: number): Float32Array {
  return Float32Array.from({ length: columns }, (_, i) => packed[(i * (i + 3)) / 2]!);
}

function transpose(square: Float32Array, size: number): void {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) {
      const [a, b] = [i * size + j, j * size + i];
      const kept = square[a]!;
      square[a] = square[b]!;
      square[b] = kept;
    }
  }
}

function rowsOf(values: Float32Array, columns: number): RowBlock {
  return { values, rows: values.length / columns, columns };
}
