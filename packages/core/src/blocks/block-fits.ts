import type { FittedBlockType } from "./block-type.js";
import { ENCODABLE_BLOCKS } from "./encodable-blocks.js";
import { f16At, f16Bits, f16Value, storeF16 } from "./f16-bits.js";
import { IQ4_NL } from "./iq4-nl.js";
import { IQ4_LEVELS } from "./iq4-table.js";
import { IQ4_XS_FORMAT } from "./iq4-xs.js";
import { packHalves } from "./nibble-halves.js";
import { Q2_K_FORMAT } from "./q2-k.js";
import { Q3_K_FORMAT } from "./q3-k.js";
import { Q4_K_FORMAT } from "./q4-k.js";
import { Q5_K_FORMAT } from "./q5-k.js";
import { Q6_K_FORMAT } from "./q6-k.js";
import { fitRanged, type RangedSearch } from "./ranged-fit.js";
import { fitSigned, type SignedSearch, searchScale, signedCodes, trySigned } from "./signed-fit.js";
import { subBlocks, totalError, tryLevels } from "./sub-block.js";
import { emptySuperBlock, type SuperBlock, type SuperBlockFormat } from "./super-block.js";

const { fround } = Math;

/** Fits one block: `weights` are the importances of its columns; writes the better of our search and ggml's rule. */
type BlockFit = (values: Float32Array, weights: Float32Array, block: Uint8Array) => void;

function range(first: number, last: number, step: number): number[] {
  return Array.from({ length: Math.floor((last - first) / step + 1.5) }, (_, i) => first + i * step);
}

/** Refinements and rounds beyond these change nothing that shows. */
const EFFORT = { refinements: 2, rounds: 4 } as const;

const Q2_K_SEARCH: RangedSearch = {
  ...EFFORT,
  largestCode: 3,
  parts: range(-0.5, 1.5, 0.5),
  offsets: [0, 0.5, 1],
  tops: range(15, 12, -1),
  minimumTops: range(15, 12, -1),
};
const Q4_K_SEARCH: RangedSearch = {
  ...EFFORT,
  largestCode: 15,
  parts: range(-1, 4, 1),
  offsets: [0, 0.5],
  // Where one sub-block dwarfs the others, their small multiples of d decide: it pays to try many.
  tops: range(63, 48, -1),
  minimumTops: range(63, 48, -1),
};
const Q5_K_SEARCH: RangedSearch = { ...Q4_K_SEARCH, largestCode: 31 };

const Q3_K_SEARCH: SignedSearch = {
  ...EFFORT,
  levels: range(-4, 3, 1),
  isUniform: true,
  targets: [...range(-5, -2.5, 0.5), ...range(2.5, 5, 0.5)],
  tops: [...range(-32, -29, 1), ...range(31, 28, -1)],
};
const Q6_K_SEARCH: SignedSearch = {
  ...EFFORT,
  levels: range(-32, 31, 1),
  isUniform: true,
  targets: [...range(-36, -28, 1), ...range(28, 36, 1)],
  tops: [...range(-128, -100, 4), ...range(127, 99, -4)],
};
const IQ4_SEARCH: SignedSearch = {
  ...EFFORT,
  levels: IQ4_LEVELS,
  isUniform: false,
  targets: [...range(-144, -96, 8), ...range(80, 128, 8)],
  tops: [...range(-32, -17, 1), ...range(31, 16, -1)],
};

export const BLOCK_FITS: Record<FittedBlockType, BlockFit> = {
  Q2_K: betterSuperBlock(Q2_K_FORMAT, "Q2_K", (values, weights) =>
    fitRanged(Q2_K_FORMAT, Q2_K_SEARCH, values, weights),
  ),
  Q3_K: betterSuperBlock(Q3_K_FORMAT, "Q3_K", (values, weights) =>
    fitSigned(Q3_K_FORMAT, Q3_K_SEARCH, values, weights),
  ),
  Q4_K: betterSuperBlock(Q4_K_FORMAT, "Q4_K", (values, weights) =>
    fitRanged(Q4_K_FORMAT, Q4_K_SEARCH, values, weights),
  ),
  Q5_K: betterSuperBlock(Q5_K_FORMAT, "Q5_K", (values, weights) =>
    fitRanged(Q5_K_FORMAT, Q5_K_SEARCH, values, weights),
  ),
  Q6_K: betterSuperBlock(Q6_K_FORMAT, "Q6_K", (values, weights) =>
    fitSigned(Q6_K_FORMAT, Q6_K_SEARCH, values, weights),
  ),
  IQ4_XS: betterSuperBlock(IQ4_XS_FORMAT, "IQ4_XS", (values, weights) =>
    fitSigned(IQ4_XS_FORMAT, IQ4_SEARCH, values, weights),
  ),
  IQ4_NL: fitIq4Nl,
};

function betterSuperBlock(
  format: SuperBlockFormat,
  name: FittedBlockType,
  fit: (values: Float32Array, weights: Float32Array) => { fields: SuperBlock; error: number },
): BlockFit {
  return (values, weights, block) => {
    ENCODABLE_BLOCKS[name]!.encode(values, block);
    const ours = fit(values, weights);
    if (ours.error < storedError(format, values, weights, block)) format.write(ours.fields, block, 0);
  };
}

/** Σ importance · (w − ŵ)² of a super-block as it is stored. */
function storedError(format: SuperBlockFormat, values: Float32Array, weights: Float32Array, block: Uint8Array): number {
  const fields = emptySuperBlock(format);
  format.read(block, 0, fields);
  const first = format.hasMinimum ? 0 : -(2 ** (format.bits - 1));
  const levels = format.levels ?? Array.from({ length: 2 ** format.bits }, (_, code) => first + code);
  const errors = subBlocks(values, weights, format.subBlock).map((sub, k) => {
    const scale = fround(f16Value(fields.scale) * fields.subScales[k]!);
    const minimum = fround(f16Value(fields.minimum) * fields.subMinimums[k]!);
    const codes = fields.codes.subarray(k * format.subBlock, (k + 1) * format.subBlock);
    return tryLevels(
      sub,
      scale,
      minimum,
      Array.from(codes, (code) => levels[code]!),
    ).error;
  });
  return totalError(errors);
}

/** One scale, no sub-scales: the found one in f16, then once more by least squares from its codes. */
function fitIq4Nl(values: Float32Array, weights: Float32Array, block: Uint8Array): void {
  IQ4_NL.encode!(values, block);
  const sub = { values, weights };
  const codes = Array.from(values, (_, i) => (i < 16 ? block[2 + i]! & 15 : block[i - 14]! >> 4));
  const levels = codes.map((code) => IQ4_LEVELS[code]!);
  let least = tryLevels(sub, f16Value(f16At(block, 0)), 0, levels).error;
  let scale = f16Bits(searchScale(IQ4_SEARCH, sub));
  for (let round = 0; round < 2; round++) {
    const trial = trySigned(IQ4_SEARCH, sub, f16Value(scale));
    if (trial.error < least) {
      least = trial.error;
      storeF16(block, 0, scale);
      packHalves(signedCodes(IQ4_SEARCH, sub, f16Value(scale)), 0, 16, block, 2);
    }
    scale = f16Bits(fround(trial.sumXL / trial.sumL2));
  }
}
