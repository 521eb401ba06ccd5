import { unpackTrits } from "../bitpack/pack-trits.js";
import { packedByteLength } from "../bitpack/packed-byte-length.js";
import { unpackCodes } from "../bitpack/unpack-codes.js";
import type { AffineLayout } from "../terms/affine.js";
import { groupCount, scaleRows } from "../terms/granularity.js";
import { runnableTerm } from "../terms/runnable-term.js";
import { readScales } from "../terms/scale-array.js";
import type { SignLayout } from "../terms/sign.js";
import type { ScaleDtype, Term } from "../terms/term.js";
import { termKind } from "../terms/term-kinds.js";
import type { TernaryLayout } from "../terms/ternary.js";
import type { BlockRefusal } from "./block-type.js";

/**
 * Affine, bilevel, sign and ternary terms alike: `w = scale · level`, level = step · (code − zero), or
 * `scale · code + minimum`. What blocks are packed from, a row at a time and with minimums as they are; layouts/affine-grid.ts
 * answers for layouts of integers alone, which have no minimums and choose a width and zeros after seeing all levels.
 */
export interface LinearTerm {
  readonly rows: number;
  readonly columns: number;
  /** Consecutive columns that share a scale. */
  readonly groupSize: number;
  /** Groups of a row. */
  readonly groups: number;
  /** Scales between one row and the next: `groups`, or 0 where all rows share them. */
  readonly scaleStride: number;
  /** Scale of a group at `row · scaleStride + group`. */
  readonly scale: Float32Array;
  /** How the term stores scales and minimums. */
  readonly scaleDtype: ScaleDtype;
  /** 2 for signs, whose codes 0 and 1 are the levels −1 and +1, else 1. */
  readonly step: 1 | 2;
  /** Codes are 0 … this. */
  readonly largestCode: number;
  /** Level of code 0: one for all groups, or one a group. */
  readonly firstLevel: number | Int16Array;
  /** As `scale`; present: instead of levels. */
  readonly minimum?: Float32Array;
  /** Codes of a row, one a byte. */
  readCodes(row: number, target: Uint8Array): void;
}

/** The one term of a weight as a linear one, or why it is none. */
export function linearTerm(terms: readonly Term[]): LinearTerm | BlockRefusal {
  const [only] = terms;
  if (only === undefined || terms.length > 1) return { reason: `a sum of ${terms.length} terms has no single grid` };
  switch (only.layout.kind) {
    case "affine":
    case "bilevel":
      return affineTerm(runnableTerm(only) as Term<AffineLayout>);
    case "sign":
      return signTerm(only as Term<SignLayout>);
    case "ternary":
      return ternaryTerm(only as Term<TernaryLayout>);
    default:
      return { reason: `${termKind(only.layout).describe(only.layout)} has no uniform grid` };
  }
}

export function isRefusal(found: object): found is BlockRefusal {
  return "reason" in found;
}

type Shared = Pick<LinearTerm, "rows" | "columns" | "groupSize" | "groups" | "scaleStride" | "scaleDtype" | "scale">;

function shared(layout: AffineLayout | SignLayout | TernaryLayout, scale: Uint8Array): Shared {
  const { rows, columns, granularity, scaleDtype } = layout;
  const groupSize = Math.min(layout.groupSize, columns);
  const groups = groupCount(columns, groupSize);
  const scaleStride = granularity === "tensor" ? 0 : groups;
  return { rows, columns, groupSize, groups, scaleStride, scaleDtype, scale: readScales(scale, scaleDtype) };
}

function affineTerm({ layout, arrays }: Term<AffineLayout>): LinearTerm | BlockRefusal {
  const { columns, bits, zero } = layout;
  if (zero === "float") return { reason: "its zero points are no integers" };
  const rowBytes = packedByteLength(columns, bits);
  return {
    ...shared(layout, arrays.scale),
    step: 1,
    largestCode: 2 ** bits - 1,
    firstLevel: zero === "integer" ? integerZeros(layout, arrays.zeroPoint!) : -(2 ** (bits - 1)),
    ...(zero === "minimum" && { minimum: readScales(arrays.minimum!, layout.scaleDtype) }),
    readCodes: (row, target) => unpackCodes(arrays.codes.subarray(row * rowBytes), bits, columns, target),
  };
}

/** The negated zero points. */
function integerZeros(layout: AffineLayout, packed: Uint8Array): Int16Array {
  const groups = groupCount(layout.columns, layout.groupSize);
  const rowBytes = packedByteLength(groups, layout.bits);
  const rows = scaleRows(layout);
  const zeros = new Uint8Array(rows * groups);
  for (let row = 0; row < rows; row++) {
    unpackCodes(packed.subarray(row * rowBytes), layout.bits, groups, zeros.subarray(row * groups));
  }
  return Int16Array.from(zeros, (zero) => -zero);
}

function signTerm(stored: Term<SignLayout>): LinearTerm | BlockRefusal {
  const { layout, arrays } = stored.layout.isZeroOne ? stored : (runnableTerm(stored) as Term<SignLayout>);
  const { columns, scaleDtype } = layout;
  if (layout.zones > 1 || layout.hasPruned || layout.coveredColumns !== undefined) {
    return { reason: "its magnitudes differ within a group (zones, pruned weights or few columns)" };
  }
  if (layout.hasColumnScale) return { reason: "every column has a scale of its own" };
  const rowBytes = packedByteLength(columns, 1);
  const signs = {
    ...shared(layout, arrays.scale),
    largestCode: 1,
    readCodes: (row: number, target: Uint8Array) =>
      unpackCodes(arrays.signs.subarray(row * rowBytes), 1, columns, target),
  };
  if (layout.isZeroOne) return { ...signs, step: 1, firstLevel: 0 };
  if (!layout.hasMean) return { ...signs, step: 2, firstLevel: -1 };
  const minimum = readScales(arrays.mean!, scaleDtype).map((mean, i) => mean - signs.scale[i]!);
  return { ...signs, step: 1, firstLevel: 0, scale: signs.scale.map((scale) => 2 * scale), minimum };
}

function ternaryTerm({ layout, arrays }: Term<TernaryLayout>): LinearTerm {
  const { rows, columns, packing } = layout;
  const rowBytes = arrays.digits.byteLength / Math.max(1, rows);
  return {
    ...shared(layout, arrays.scale),
    step: 1,
    largestCode: packing === "two-bit" ? 3 : 2,
    firstLevel: -1,
    readCodes: (row, target) => {
      const digits = arrays.digits.subarray(row * rowBytes);
      if (packing === "two-bit") unpackCodes(digits, 2, columns, target);
      else unpackTrits(digits, packing, target.subarray(0, columns));
    },
  };
}
