import type { RowBlock } from "../../tensor/row-block.js";

/**
 * Columns of one kind (salient or not) of a column block, gathered. Every zone of every row is fitted by itself, with `order`
 * binary terms. `zones` itself as the number of a zone means pruned: not in any sum, and 0 in the approximation.
 */
export interface BlockPart {
  readonly rows: number;
  /** Their places in the block, ascending. */
  readonly columns: Uint32Array;
  /** [rows, columns of the part] */
  readonly values: Float32Array;
  /** [rows, columns of the part] */
  readonly zoneOf: Uint8Array;
  /** 1 to 3. */
  readonly zones: number;
  readonly order: 1 | 2;
}

/** `w = mean[row, zone] + Σ_k scales[k][row, zone] · columnScales[k][column] · (±1)`, all as they are stored, scales not negative. */
export interface PartFit {
  /** [rows, zones] each, one a binary term. */
  readonly scales: readonly Float32Array[];
  /** [rows, zones] */
  readonly mean?: Float32Array;
  /** [columns of the part] each, one a binary term. */
  readonly columnScales?: readonly Float32Array[];
  /** Bit k: binary term k is +1. [rows, columns of the part] */
  readonly codes: Uint8Array;
}

/** Gathers columns of a block; they are in zone 0, or pruned where `kept` is 0. */
export function takePart(block: RowBlock, columns: Uint32Array, order: 1 | 2, kept?: Uint8Array): BlockPart {
  const values = new Float32Array(block.rows * columns.length);
  const zoneOf = new Uint8Array(values.length);
  for (let row = 0, at = 0; row < block.rows; row++) {
    for (let i = 0; i < columns.length; i++, at++) {
      const from = row * block.columns + columns[i]!;
      values[at] = block.values[from]!;
      if (kept !== undefined && kept[from] === 0) zoneOf[at] = 1;
    }
  }
  return { rows: block.rows, columns, values, zoneOf, zones: 1, order };
}

/** The columns of a block that are among the first `count` of `ranked`, and the others, both ascending. */
export function splitColumns(ranked: Uint32Array, count: number): { salient: Uint32Array; rest: Uint32Array } {
  return { salient: ranked.slice(0, count).sort(), rest: ranked.slice(count).sort() };
}

/** Writes what the fit stands for over the columns of the part in `block`, rounded as the stored terms decode. */
export function writeApproximation(part: BlockPart, fit: PartFit, block: RowBlock): void {
  const { rows, columns, zoneOf, zones } = part;
  const { scales, mean, columnScales, codes } = fit;
  const width = columns.length;
  for (let row = 0, at = 0; row < rows; row++) {
    for (let i = 0; i < width; i++, at++) {
      const zone = zoneOf[at]!;
      let w = 0;
      if (zone < zones) {
        const index = row * zones + zone;
        for (let k = 0; k < scales.length; k++) {
          const scale = scales[k]![index]!;
          const magnitude = columnScales ? Math.fround(scale * columnScales[k]![i]!) : scale;
          const signed = (codes[at]! >> k) & 1 ? magnitude : -magnitude;
          w = Math.fround(w + (k === 0 && mean ? Math.fround(signed + mean[index]!) : signed));
        }
      }
      block.values[row * block.columns + columns[i]!] = w;
    }
  }
}
