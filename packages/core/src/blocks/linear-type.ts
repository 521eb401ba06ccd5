import { packCodes } from "../bitpack/pack-codes.js";
import { packedByteLength } from "../bitpack/packed-byte-length.js";
import type { AffineLayout } from "../terms/affine.js";
import type { SignLayout } from "../terms/sign.js";
import type { Term } from "../terms/term.js";
import { allocateTerm, termArray } from "../terms/term-arrays.js";
import type { TernaryLayout } from "../terms/ternary.js";
import type { BlockType, EncodableBlockType } from "./block-type.js";
import { f16Bits, gatherF16, storeF16 } from "./f16-bits.js";
import type { LinearBlock, LinearFormat, LinearRule } from "./linear-format.js";
import { packLinear } from "./pack-linear.js";

/** A type of levels (or a minimum) under an f16 scale as a block type: an affine, sign or ternary term, one group a block. */
export function linearType(
  name: BlockType["name"],
  id: number,
  format: LinearFormat,
  rule: LinearRule,
): EncodableBlockType {
  return {
    name,
    id,
    weights: format.weights,
    bytes: format.bytes,
    layout: (rows, columns) => linearLayout(format, rows, columns),
    unpack: (blocks, rows, columns) => unpackLinear(format, blocks, rows, columns),
    pack: (terms) => packLinear(terms, format),
    encode: (values, blocks) => encodeLinear(format, rule, values, blocks),
  };
}

function linearLayout(format: LinearFormat, rows: number, columns: number): AffineLayout | SignLayout | TernaryLayout {
  const { kind, bits } = format;
  const group = { granularity: "group", groupSize: format.weights } as const;
  const scaleDtype = "F16";
  switch (kind) {
    case "affine":
      return { kind, rows, columns, bits, ...group, zero: zeroOf(format), scaleDtype };
    case "sign":
      return { kind, rows, columns, ...group, zones: 1, hasMean: false, hasColumnScale: false, scaleDtype };
    case "ternary":
      // Two bits a digit: all backends multiply by them faster than by base-3 digits.
      return { kind, rows, columns, ...group, packing: "two-bit", scaleDtype };
  }
}

function zeroOf({ bits, firstLevel }: LinearFormat): AffineLayout["zero"] {
  if (firstLevel === "minimum") return "minimum";
  return firstLevel === -(2 ** (bits - 1)) ? "midpoint" : "integer";
}

const CODES = { affine: "codes", sign: "signs", ternary: "digits" } as const;

function unpackLinear(format: LinearFormat, blocks: Uint8Array, rows: number, columns: number): Term {
  const { kind, weights, bytes, scaleAt } = format;
  const layout = linearLayout(format, rows, columns);
  const term = allocateTerm(layout) as Term;
  format.unpackCodes(blocks, termArray(term, CODES[kind]));
  gatherF16(blocks, bytes, scaleAt, termArray(term, "scale"));
  if (layout.kind !== "affine") return term;
  if (layout.zero === "minimum") gatherF16(blocks, bytes, scaleAt + 2, termArray(term, "minimum"));
  if (layout.zero === "integer") fillZeroPoints(format, columns / weights, termArray(term, "zeroPoint"));
  return term;
}

/** The zero point of every group is the code of level 0. */
function fillZeroPoints({ bits, firstLevel }: LinearFormat, groups: number, zeroPoint: Uint8Array): void {
  const row = new Uint8Array(packedByteLength(groups, bits));
  packCodes(new Uint8Array(groups).fill(-Number(firstLevel)), bits, row);
  for (let to = 0; to < zeroPoint.length; to += row.length) zeroPoint.set(row, to);
}

function encodeLinear(format: LinearFormat, rule: LinearRule, values: Float32Array, blocks: Uint8Array): void {
  const { weights, bytes, scaleAt, firstLevel } = format;
  const block: LinearBlock = { scale: 0, minimum: 0, codes: new Uint8Array(weights) };
  for (let from = 0, to = 0; from < values.length; from += weights, to += bytes) {
    rule(values, from, block, format);
    storeF16(blocks, to + scaleAt, f16Bits(block.scale));
    if (firstLevel === "minimum") storeF16(blocks, to + scaleAt + 2, f16Bits(block.minimum));
    format.packCodes(block.codes, 0, blocks, to);
  }
}
