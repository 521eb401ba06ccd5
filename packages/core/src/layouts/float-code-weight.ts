import type { Checkpoint, CheckpointTensor } from "../safetensors/checkpoint.js";
import { matrixShape } from "../tensor/matrix-shape.js";
import type { CodebookLayout } from "../terms/codebook.js";
import { readScales, SCALE_BYTES } from "../terms/scale-array.js";
import type { ScaleDtype } from "../terms/term.js";
import { layoutRows } from "../terms/term-arrays.js";
import {
  CODEBOOK_NAMES,
  type CodeDtype,
  checkCodes,
  checkFinite,
  exponentScales,
  floatTable,
} from "./float-codebooks.js";
import { foreignWeight } from "./foreign-weight.js";
import type { ReadOptions, StoredQuantizedWeight } from "./logical-weight.js";
import { checkPartner, wrongValue } from "./partner-tensors.js";
import { readAll, readBytes } from "./read-bytes.js";
import {
  isScaleDtype,
  repeatedScaleRows,
  type ScaleSharing,
  type StatedSharing,
  scaleSharing,
} from "./scale-sharing.js";
import { modelDtype } from "./stated-config.js";

/** A weight of 8-bit floats with scales: `w = code · scale`. */
export interface FloatCodeWeight {
  readonly layout: string;
  readonly name: string;
  readonly codes: CheckpointTensor;
  readonly scale: CheckpointTensor;
  /** Zero points that other tools leave beside symmetric weights: they must be 0. */
  readonly zeroPoint?: CheckpointTensor | undefined;
  /** Tensors that say something of the activations only. */
  readonly others?: readonly CheckpointTensor[];
  readonly stated?: StatedSharing;
}

/**
 * 8-bit floats as a codebook of 256. Scales are floats, or exponents of 2 with bias 127 (U8, F8_E8M0), and shared by the
 * whole matrix, rows, groups or blocks; those of blocks are repeated for every row.
 * @throws `layouts/wrong-tensor`
 */
export function floatCodeWeight(checkpoint: Checkpoint, weight: FloatCodeWeight): StoredQuantizedWeight {
  const { layout, name, codes, scale, zeroPoint, others = [] } = weight;
  checkPartner(layout, scale, ["F32", "BF16", "F16", "U8", "F8_E8M0"]);
  const sharing = scaleSharing(layout, codes.shape, scale, weight.stated);
  const dtype = codes.dtype as CodeDtype;
  const scaleDtype = isScaleDtype(scale.dtype) ? scale.dtype : "BF16";
  const { rows, columns } = matrixShape(codes.shape);
  const term: CodebookLayout = {
    kind: "codebook",
    rows,
    columns,
    bits: 8,
    granularity: sharing.granularity,
    groupSize: sharing.groupSize,
    codebook: CODEBOOK_NAMES[dtype],
    scaleDtype,
  };
  return foreignWeight({
    layout,
    name,
    shape: codes.shape,
    dtype: modelDtype(checkpoint.config) ?? "BF16",
    tensors: [codes, scale, ...(zeroPoint ? [zeroPoint] : []), ...others],
    term,
    async open(options) {
      const table = floatTable(dtype);
      if (zeroPoint) await checkZero(checkpoint, layout, zeroPoint, options);
      const scaleRows = await openScaleRows(checkpoint, layout, scale, term, sharing, options);
      return {
        async rows(begin, end, rowOptions) {
          const read = await readBytes(checkpoint, codes, begin * columns, end * columns, rowOptions);
          checkCodes(layout, codes.name, dtype, read);
          return {
            layout: layoutRows(term, end - begin),
            arrays: { codes: read, scale: await scaleRows(begin, end, rowOptions), table },
          };
        },
      };
    },
  });
}

/** Reads scales by rows: those of blocks and of the whole matrix at once, those of rows when they are needed. */
export async function openScaleRows(
  checkpoint: Checkpoint,
  layout: string,
  scale: CheckpointTensor,
  term: { readonly columns: number; readonly groupSize: number; readonly scaleDtype: ScaleDtype },
  { granularity, rowsPerScale }: ScaleSharing,
  options?: ReadOptions,
): Promise<(begin: number, end: number, options?: ReadOptions) => Promise<Uint8Array>> {
  const decode = (bytes: Uint8Array): Uint8Array => {
    if (!isScaleDtype(scale.dtype)) return exponentScales(layout, scale.name, bytes);
    checkFinite(layout, scale.name, readScales(bytes, scale.dtype));
    return bytes;
  };
  const groups = Math.ceil(term.columns / term.groupSize);
  if (granularity === "tensor" || rowsPerScale > 1) {
    const all = decode(await readAll(checkpoint, scale, options));
    if (granularity === "tensor") return async () => all;
    const groupBytes = groups * SCALE_BYTES[term.scaleDtype];
    return async (begin, end) => repeatedScaleRows(all, groupBytes, rowsPerScale, begin, end);
  }
  const rowBytes = isScaleDtype(scale.dtype) ? groups * SCALE_BYTES[scale.dtype] : groups;
  return async (begin, end, rowOptions) =>
    decode(await readBytes(checkpoint, scale, begin * rowBytes, end * rowBytes, rowOptions));
}

async function checkZero(
  checkpoint: Checkpoint,
  layout: string,
  tensor: CheckpointTensor,
  options?: ReadOptions,
): Promise<void> {
  const bytes = await readAll(checkpoint, tensor, options);
  // The sign bit alone is −0 in every float dtype.
  if (bytes.every((byte) => (byte & 0x7f) === 0)) return;
  throw wrongValue(layout, tensor.name, "holds zero points other than 0, which 8-bit floats do not have");
}
