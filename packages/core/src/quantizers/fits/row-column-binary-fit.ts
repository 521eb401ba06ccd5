import type { ScaleDtype } from "../../terms/term.js";
import type { BlockPart, PartFit } from "./block-part.js";
import { nearestCodes, nearestPair } from "./nearest-codes.js";
import { roundScales } from "./round-scales.js";

/**
 * ARB-RC (ARB-LLM, section 3.4) with masks: `w = r[row, zone] · c[column] · (±1)`, with order 2 the sum of two of these. Each
 * step is the least-squares solution for one factor with the others held; with order 2 every round begins with the nearest
 * codes. Zones of a column share its factor c, so that a term stores one. c has mean square 1, so that it fits a 16-bit
 * float; after rounding it the row factors are fitted once more.
 */
export function rowColumnBinaryFit(part: BlockPart, iterations: number, dtype: ScaleDtype): PartFit {
  const terms = Array.from({ length: part.order }, () => new RowColumnTerm(part));
  const codes = new Uint8Array(part.values.length);
  const left = Float64Array.from(part.values);

  // Greedy start: every term is fitted to what those before it leave.
  terms.forEach((term, k) => {
    setSigns(codes, left, k);
    for (let round = 0; round < (part.order === 1 ? iterations : 1); round++) {
      term.fitRows(left, codes, k);
      term.fitColumns(left, codes, k);
    }
    term.fitRows(left, codes, k);
    term.addTo(left, codes, k, -1);
  });
  if (part.order === 2) {
    for (let round = 0; round < iterations; round++) {
      chooseNearest(part, terms, codes);
      left.set(part.values);
      terms.forEach((term, k) => {
        term.addTo(left, codes, k, -1);
      });
      terms.forEach((term, k) => {
        term.addTo(left, codes, k, 1);
        term.fitRows(left, codes, k);
        term.fitColumns(left, codes, k);
        term.fitRows(left, codes, k);
        term.addTo(left, codes, k, -1);
      });
    }
    chooseNearest(part, terms, codes);
    left.set(part.values);
    terms.forEach((term, k) => {
      term.addTo(left, codes, k, -1);
    });
  }

  terms.forEach((term, k) => {
    term.addTo(left, codes, k, 1);
    term.roundColumns(dtype);
    term.fitRows(left, codes, k);
    term.addTo(left, codes, k, -1);
  });
  const rounded = {
    scales: terms.map((term) => roundScales(term.rowFactor.map(Math.abs), dtype)),
    columnScales: terms.map((term) => Float32Array.from(term.columnFactor)),
  };
  return { ...rounded, codes: nearestCodes(part, rounded) };
}

/** A table: branches on signs are taken at random, which is what processors are slowest at. */
const SIGN = Float64Array.of(-1, 1);

/** One term: its factors and their least-squares steps. */
class RowColumnTerm {
  /** [rows, zones] */
  readonly rowFactor: Float64Array;
  /** [columns of the part] */
  readonly columnFactor: Float64Array;
  private readonly part: BlockPart;

  constructor(part: BlockPart) {
    this.part = part;
    this.rowFactor = new Float64Array(part.rows * part.zones);
    this.columnFactor = new Float64Array(part.columns.length).fill(1);
  }

  /** r[i, z] = Σ_j b·w·c / Σ_j c² over the zone. */
  fitRows(values: Float64Array, codes: Uint8Array, k: number): void {
    const { rows, zones, zoneOf, columns } = this.part;
    const width = columns.length;
    const products = new Float64Array(zones + 1);
    const squares = new Float64Array(zones + 1);
    for (let row = 0, at = 0; row < rows; row++) {
      products.fill(0);
      squares.fill(0);
      for (let i = 0; i < width; i++, at++) {
        const zone = zoneOf[at]!;
        const c = this.columnFactor[i]!;
        products[zone]! += c * values[at]! * SIGN[(codes[at]! >> k) & 1]!;
        squares[zone]! += c * c;
      }
      for (let zone = 0; zone < zones; zone++) {
        if (squares[zone]! > 0) this.rowFactor[row * zones + zone] = products[zone]! / squares[zone]!;
      }
    }
  }

  /** c[j] = Σ_i b·w·r / Σ_i r² over the weights that are not pruned, scaled to mean square 1. */
  fitColumns(values: Float64Array, codes: Uint8Array, k: number): void {
    const { rows, zones, zoneOf, columns } = this.part;
    const width = columns.length;
    const products = new Float64Array(width);
    const squares = new Float64Array(width);
    for (let row = 0, at = 0; row < rows; row++) {
      for (let i = 0; i < width; i++, at++) {
        const zone = zoneOf[at]!;
        if (zone === zones) continue;
        const r = this.rowFactor[row * zones + zone]!;
        products[i]! += r * values[at]! * SIGN[(codes[at]! >> k) & 1]!;
        squares[i]! += r * r;
      }
    }
    let meanSquare = 0;
    for (let i = 0; i < width; i++) {
      if (squares[i]! > 0) this.columnFactor[i] = products[i]! / squares[i]!;
      meanSquare += this.columnFactor[i]! ** 2 / width;
    }
    if (meanSquare === 0) return;
    const factor = 1 / Math.sqrt(meanSquare);
    for (let i = 0; i < width; i++) this.columnFactor[i]! *= factor;
  }

  roundColumns(dtype: ScaleDtype): void {
    this.columnFactor.set(roundScales(this.columnFactor.map(Math.abs), dtype));
  }

  /** values += sign · this term. */
  addTo(values: Float64Array, codes: Uint8Array, k: number, sign: 1 | -1): void {
    const { rows, zones, zoneOf, columns } = this.part;
    const width = columns.length;
    for (let row = 0, at = 0; row < rows; row++) {
      for (let i = 0; i < width; i++, at++) {
        const zone = zoneOf[at]!;
        if (zone === zones) continue;
        const w = sign * this.rowFactor[row * zones + zone]! * this.columnFactor[i]!;
        values[at]! += w * SIGN[(codes[at]! >> k) & 1]!;
      }
    }
  }
}

function setSigns(codes: Uint8Array, values: Float64Array, k: number): void {
  for (let at = 0; at < codes.length; at++) if (values[at]! >= 0) codes[at]! |= 1 << k;
}

/** Also makes every factor not negative: the values that two terms allow do not depend on their signs. */
function chooseNearest(part: BlockPart, terms: readonly RowColumnTerm[], codes: Uint8Array): void {
  const { rows, zones, zoneOf, values, columns } = part;
  const width = columns.length;
  const [first, second] = terms as readonly [RowColumnTerm, RowColumnTerm];
  for (const term of terms) {
    makePositive(term.rowFactor);
    makePositive(term.columnFactor);
  }
  for (let row = 0, at = 0; row < rows; row++) {
    for (let i = 0; i < width; i++, at++) {
      const zone = zoneOf[at]!;
      if (zone === zones) continue;
      const index = row * zones + zone;
      codes[at] = nearestPair(
        values[at]!,
        first.rowFactor[index]! * first.columnFactor[i]!,
        second.rowFactor[index]! * second.columnFactor[i]!,
      );
    }
  }
}

function makePositive(values: Float64Array): void {
  for (let i = 0; i < values.length; i++) values[i] = Math.abs(values[i]!);
}
