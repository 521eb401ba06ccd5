import { packCodes } from "../../bitpack/pack-codes.js";
import { packedByteLength } from "../../bitpack/packed-byte-length.js";
import { groupCount } from "../../terms/granularity.js";
import { storeScale } from "../../terms/scale-array.js";
import type { SignLayout } from "../../terms/sign.js";
import type { ScaleDtype, Term } from "../../terms/term.js";
import type { Quantizer } from "../quantizer.js";
import { SCALE_DTYPE_OPTION, scaleBits, scaleSharing } from "../scale-options.js";
import { encodeZeroOne, fitScales, initialScales } from "./fit-levels.js";

export interface DbOptions {
  readonly group: number | "row";
  readonly iterations: number;
  readonly scaleDtype: ScaleDtype;
}

/** w ≈ a₁·b₁ + a₂·b₂ with planes of {0, 1}: DB-LLM's flexible dual binarization, without its training. */
export const db: Quantizer<DbOptions, undefined> = {
  name: "db",
  summary: "Two planes of {0, 1} with a scale each: 2-bit levels around a 0 that both planes leave empty.",
  source: "DB-LLM (Chen et al. 2024), section 3.2: the level set and its initialisation, without the distillation",
  needs: [],
  options: {
    group: {
      kind: "group",
      default: 64,
      allows: ["group", "row"],
      help: "Weights of a row that share the two scales.",
    },
    iterations: {
      kind: "integer",
      default: 15,
      minimum: 0,
      maximum: 100,
      help: "Rounds of least-squares scales and nearest codes; 0 keeps the scales of the paper's initialisation.",
    },
    scaleDtype: SCALE_DTYPE_OPTION,
  },
  layout({ rows, columns }, { group, scaleDtype }) {
    const plane: SignLayout = {
      kind: "sign",
      rows,
      columns,
      ...scaleSharing(group, columns),
      zones: 1,
      isZeroOne: true,
      hasMean: false,
      hasColumnScale: false,
      scaleDtype,
    };
    return [plane, plane];
  },
  claimedBitsPerWeight({ columns }, { group, scaleDtype }) {
    return 2 + (2 * scaleBits(scaleDtype)) / scaleSharing(group, columns).groupSize;
  },
  keepsBlock: true,
  quantizeRows({ values, rows, columns }, terms, { iterations }) {
    const [one, two] = terms as readonly [Term<SignLayout>, Term<SignLayout>];
    const { groupSize, scaleDtype } = one.layout;
    const groups = groupCount(columns, groupSize);
    const rowBytes = packedByteLength(columns, 1);
    const planes = [new Uint8Array(columns), new Uint8Array(columns)] as const;
    for (let row = 0; row < rows; row++) {
      for (let group = 0; group < groups; group++) {
        const begin = group * groupSize;
        const end = Math.min(begin + groupSize, columns);
        const weights = values.subarray(row * columns + begin, row * columns + end);
        const scales = iterations === 0 ? initialScales(weights) : fitScales(weights, iterations);
        const at = row * groups + group;
        const stored = {
          first: storeScale(one.arrays.scale, scaleDtype, at, scales.first),
          second: storeScale(two.arrays.scale, scaleDtype, at, scales.second),
        };
        encodeZeroOne(weights, stored, planes[0].subarray(begin, end), planes[1].subarray(begin, end));
      }
      packCodes(planes[0], 1, one.arrays.signs.subarray(row * rowBytes, (row + 1) * rowBytes));
      packCodes(planes[1], 1, two.arrays.signs.subarray(row * rowBytes, (row + 1) * rowBytes));
    }
  },
};
