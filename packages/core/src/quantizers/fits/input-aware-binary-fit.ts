import type { ScaleDtype } from "../../terms/term.js";
import type { BlockPart, PartFit } from "./block-part.js";
import { type GreedyFit, greedyBinaryFit } from "./greedy-binary-fit.js";
import { roundScales } from "./round-scales.js";

/**
 * ARB-X (ARB-LLM, section 3.3) with masks: the signs of the greedy fit stay, means and scales are chosen for the outputs of
 * the block instead of its weights. With S = Σ x·xᵀ over the block and d = w − ŵ a row,
 *
 *     minimise d·S·dᵀ  over  ŵ = Σ_k t_k · u_k
 *
 * where u_k is 1 (mean) or the signs (scale) on one zone of one part, 0 elsewhere. Each step is the minimiser for one t_k:
 * t_k += u_k·S·dᵀ / u_k·S·u_kᵀ.
 *
 * Weights of a row with the same zone and signs form a class, and every u_k is constant on classes. One walk over S sums its
 * rows by class; all steps of the row then need only small matrices.
 * @param gram S, [columns of the block, columns of the block]
 * @returns a fit for every part
 */
export function inputAwareBinaryFit(
  parts: readonly BlockPart[],
  gram: Float64Array,
  hasMean: boolean,
  iterations: number,
  dtype: ScaleDtype,
): readonly PartFit[] {
  const fits = parts.map((part) => greedyBinaryFit(part, hasMean, dtype));
  const system = new RowSystem(parts, fits, gram, hasMean);
  const rows = parts[0]?.rows ?? 0;
  for (let row = 0; row < rows; row++) {
    system.read(row);
    system.descend(row, iterations);
  }
  return parts.map((part, p) => {
    const fit = fits[p]!;
    keepScalesPositive(part, fit);
    return {
      scales: fit.exactScales.map((scales) => roundScales(scales, dtype)),
      ...(hasMean ? { mean: roundScales(fit.exactMean, dtype) } : {}),
      codes: fit.codes,
    };
  });
}

/** One unknown a row: the mean or a scale of a zone of a part. */
interface Unknown {
  readonly zones: number;
  readonly zone: number;
  /** Where its values are kept, [rows, zones]. */
  readonly values: Float64Array;
  /** u on every class: −1, 0 or 1. */
  readonly onClass: Float64Array;
}

/** The least-squares problem of one row. */
class RowSystem {
  private readonly parts: readonly BlockPart[];
  private readonly fits: readonly GreedyFit[];
  private readonly gram: Float64Array;
  private readonly width: number;
  /** First class of every part; a class is zone · 2^order + code. Pruned weights have none. */
  private readonly firstClass: readonly number[];
  private readonly classes: number;
  private readonly unknowns: readonly Unknown[];
  /** Class of every column of the block, −1 where pruned. */
  private readonly classOf: Int32Array;
  private readonly weights: Float64Array;
  /** [classes, columns]: rows of S summed by class. */
  private readonly sums: Float64Array;
  /** [classes, classes], and [classes]: S and S·w summed by class. */
  private readonly pairs: Float64Array;
  private readonly wanted: Float64Array;
  /** [unknowns, unknowns]: U·S·Uᵀ; [unknowns]: U·S·wᵀ. */
  private readonly normal: Float64Array;
  private readonly target: Float64Array;

  constructor(parts: readonly BlockPart[], fits: readonly GreedyFit[], gram: Float64Array, hasMean: boolean) {
    this.parts = parts;
    this.fits = fits;
    this.gram = gram;
    this.width = Math.round(Math.sqrt(gram.length));
    let classes = 0;
    this.firstClass = parts.map(({ zones, order }) => {
      const first = classes;
      classes += zones << order;
      return first;
    });
    this.classes = classes;
    this.unknowns = parts.flatMap((part, p) => listUnknowns(part, fits[p]!, this.firstClass[p]!, classes, hasMean));
    this.classOf = new Int32Array(this.width);
    this.weights = new Float64Array(this.width);
    this.sums = new Float64Array(classes * this.width);
    this.pairs = new Float64Array(classes * classes);
    this.wanted = new Float64Array(classes);
    this.normal = new Float64Array(this.unknowns.length ** 2);
    this.target = new Float64Array(this.unknowns.length);
  }

  /** Makes the normal equations of a row. */
  read(row: number): void {
    const { parts, fits, width, classOf, weights, sums, gram, classes, pairs, wanted } = this;
    for (let p = 0; p < parts.length; p++) {
      const { columns, values, zoneOf, zones, order } = parts[p]!;
      const { codes } = fits[p]!;
      for (let i = 0, at = row * columns.length; i < columns.length; i++, at++) {
        const column = columns[i]!;
        const zone = zoneOf[at]!;
        weights[column] = values[at]!;
        classOf[column] = zone === zones ? -1 : this.firstClass[p]! + (zone << order) + codes[at]!;
      }
    }
    sums.fill(0);
    for (let j = 0; j < width; j++) {
      if (classOf[j]! < 0) continue;
      const to = classOf[j]! * width;
      const from = j * width;
      for (let i = 0; i < width; i++) sums[to + i]! += gram[from + i]!;
    }
    pairs.fill(0);
    for (let c = 0; c < classes; c++) {
      let product = 0;
      for (let i = 0; i < width; i++) {
        const value = sums[c * width + i]!;
        product += value * weights[i]!;
        if (classOf[i]! >= 0) pairs[c * classes + classOf[i]!]! += value;
      }
      wanted[c] = product;
    }
    this.combineClasses();
  }

  private combineClasses(): void {
    const { unknowns, classes, pairs, wanted, normal, target } = this;
    const size = unknowns.length;
    for (let k = 0; k < size; k++) {
      const u = unknowns[k]!.onClass;
      let product = 0;
      for (let c = 0; c < classes; c++) product += u[c]! * wanted[c]!;
      target[k] = product;
      for (let l = 0; l <= k; l++) {
        const v = unknowns[l]!.onClass;
        let sum = 0;
        for (let c = 0; c < classes; c++) {
          if (u[c] === 0) continue;
          let inner = 0;
          for (let d = 0; d < classes; d++) inner += pairs[c * classes + d]! * v[d]!;
          sum += u[c]! * inner;
        }
        normal[k * size + l] = normal[l * size + k] = sum;
      }
    }
  }

  /** Rounds of one step for each unknown in turn; one that does not reach the outputs stays as it is. */
  descend(row: number, iterations: number): void {
    const { unknowns, normal, target } = this;
    const size = unknowns.length;
    for (let round = 0; round < iterations; round++) {
      for (let k = 0; k < size; k++) {
        const curvature = normal[k * size + k]!;
        if (curvature <= 0) continue;
        let slope = target[k]!;
        for (let l = 0; l < size; l++) {
          const { values, zones, zone } = unknowns[l]!;
          slope -= normal[k * size + l]! * values[row * zones + zone]!;
        }
        const { values, zones, zone } = unknowns[k]!;
        values[row * zones + zone]! += slope / curvature;
      }
    }
  }
}

function listUnknowns(
  { zones, order }: BlockPart,
  { exactMean, exactScales }: GreedyFit,
  firstClass: number,
  classes: number,
  hasMean: boolean,
): Unknown[] {
  const unknowns: Unknown[] = [];
  for (let zone = 0; zone < zones; zone++) {
    const add = (values: Float64Array, onCode: (code: number) => number): void => {
      const onClass = new Float64Array(classes);
      for (let code = 0; code < 1 << order; code++) onClass[firstClass + (zone << order) + code] = onCode(code);
      unknowns.push({ zones, zone, values, onClass });
    };
    if (hasMean) add(exactMean, () => 1);
    exactScales.forEach((values, k) => {
      add(values, (code) => ((code >> k) & 1 ? 1 : -1));
    });
  }
  return unknowns;
}

/** A negative scale becomes positive and turns the signs of its zone. */
function keepScalesPositive(part: BlockPart, { exactScales, codes }: GreedyFit): void {
  const { rows, zones, zoneOf, columns } = part;
  for (let row = 0, at = 0; row < rows; row++) {
    for (let i = 0; i < columns.length; i++, at++) {
      const zone = zoneOf[at]!;
      if (zone === zones) continue;
      for (let k = 0; k < exactScales.length; k++) {
        if (exactScales[k]![row * zones + zone]! < 0) codes[at]! ^= 1 << k;
      }
    }
  }
  for (const values of exactScales) for (let i = 0; i < values.length; i++) values[i] = Math.abs(values[i]!);
}
