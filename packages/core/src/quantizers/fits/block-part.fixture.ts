import { normalWeights, studentWeights } from "../quantize-matrix.fixture.js";
import { type BlockPart, type PartFit, writeApproximation } from "./block-part.js";

export interface PartOptions {
  readonly rows: number;
  readonly columns: number;
  readonly zones: number;
  readonly order: 1 | 2;
  readonly seed: number;
  readonly isPruned?: boolean;
}

/** A part that is a whole block: Student weights, any zones, about every fourth weight pruned where wanted. */
export function randomPart({ rows, columns, zones, order, seed, isPruned = false }: PartOptions): BlockPart {
  const choice = normalWeights(rows * columns, seed + 1);
  return {
    rows,
    columns: Uint32Array.from({ length: columns }, (_, i) => i),
    values: studentWeights(rows * columns, seed),
    zoneOf: Uint8Array.from(choice, (z) => (isPruned && z > 0.7 ? zones : Math.floor(Math.abs(10 * z)) % zones)),
    zones,
    order,
  };
}

/** What a fit stands for, [rows, columns of the part]. */
export function approximationOf(part: BlockPart, fit: PartFit): Float32Array {
  const columns = Uint32Array.from(part.columns.keys());
  const values = new Float32Array(part.values.length).fill(Number.NaN);
  writeApproximation({ ...part, columns }, fit, { values, rows: part.rows, columns: columns.length });
  return values;
}

/** Σ (w − ŵ)² over the weights that are not pruned. */
export function squaredError(part: BlockPart, fit: PartFit): number {
  const decoded = approximationOf(part, fit);
  return decoded.reduce((sum, w, at) => sum + (part.zoneOf[at] === part.zones ? 0 : (part.values[at]! - w) ** 2), 0);
}
