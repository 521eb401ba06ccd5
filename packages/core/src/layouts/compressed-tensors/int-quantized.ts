import type { Checkpoint, CheckpointTensor } from "../../safetensors/checkpoint.js";
import { matrixShape } from "../../tensor/matrix-shape.js";
import type { AffineLayout } from "../../terms/affine.js";
import { groupCount } from "../../terms/granularity.js";
import type { ScaleDtype } from "../../terms/term.js";
import { layoutRows } from "../../terms/term-arrays.js";
import { openScaleRows } from "../float-code-weight.js";
import { foreignWeight } from "../foreign-weight.js";
import type { StoredQuantizedWeight } from "../logical-weight.js";
import { checkPartner, wrongTensor } from "../partner-tensors.js";
import { readBytes } from "../read-bytes.js";
import { scaleSharing } from "../scale-sharing.js";
import { modelDtype } from "../stated-config.js";
import type { WeightScheme } from "./weight-schemes.js";
import { readZeroPoints, zeroPointTensor } from "./zero-points.js";

const LAYOUT = "compressed-tensors";

/** `weight` I8 and `weight_scale`: signed integers, one a byte ("int-quantized", "naive-quantized"). */
export function intQuantized(
  checkpoint: Checkpoint,
  module: string,
  codes: CheckpointTensor,
  scale: CheckpointTensor,
  others: readonly CheckpointTensor[],
  schemes: readonly WeightScheme[],
): StoredQuantizedWeight {
  const name = codes.name;
  checkPartner(LAYOUT, scale, ["F32", "BF16", "F16"]);
  const stated = schemes.find(({ type }) => type === "int");
  const sharing = scaleSharing(LAYOUT, codes.shape, scale, {
    groupSize: stated?.groupSize,
    block: stated?.blockStructure,
  });
  const { rows, columns } = matrixShape(codes.shape);
  const { granularity, groupSize, rowsPerScale } = sharing;
  const isAsymmetric = schemes.length > 0 && schemes.every(({ isSymmetric }) => !isSymmetric);
  const groups = groupCount(columns, groupSize);
  const scaleRows = granularity === "tensor" ? 1 : rows;
  const zeros = zeroPointTensor(checkpoint, name, module, isAsymmetric, scaleRows, groups, 8, []);
  if (zeros && granularity !== "tensor" && rowsPerScale > 1) {
    throw wrongTensor(LAYOUT, zeros.tensor, "absent: blocks have no zero points");
  }
  const term: AffineLayout = {
    kind: "affine",
    rows,
    columns,
    bits: 8,
    granularity,
    groupSize,
    zero: zeros === undefined ? "midpoint" : "integer",
    scaleDtype: scale.dtype as ScaleDtype,
  };
  return foreignWeight({
    layout: LAYOUT,
    name,
    shape: codes.shape,
    dtype: modelDtype(checkpoint.config) ?? (scale.dtype as ScaleDtype),
    tensors: [codes, scale, ...(zeros ? [zeros.tensor] : []), ...others],
    term,
    async open(options) {
      const scales = await openScaleRows(checkpoint, LAYOUT, scale, term, sharing, options);
      const zeroRows = zeros && (await readZeroPoints(checkpoint, zeros, "dense", options));
      return {
        async rows(begin, end, rowOptions) {
          const signed = await readBytes(checkpoint, codes, begin * columns, end * columns, rowOptions);
          return {
            layout: layoutRows(term, end - begin),
            arrays: {
              // Two's complement with the highest bit turned is value + 128.
              codes: signed.map((byte) => byte ^ 0x80),
              scale: await scales(begin, end, rowOptions),
              ...(zeroRows && { zeroPoint: granularity === "tensor" ? zeroRows(0, 1) : zeroRows(begin, end) }),
            },
          };
        },
      };
    },
  });
}
