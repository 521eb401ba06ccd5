import type { Checkpoint, CheckpointTensor } from "../../safetensors/checkpoint.js";
import type { AffineLayout } from "../../terms/affine.js";
import { readScales, writeScales } from "../../terms/scale-array.js";
import { layoutRows } from "../../terms/term-arrays.js";
import { checkFinite } from "../float-codebooks.js";
import { foreignWeight } from "../foreign-weight.js";
import type { ReadOptions, StoredQuantizedWeight } from "../logical-weight.js";
import { checkPartner, partner, wrongTensor, wrongValue } from "../partner-tensors.js";
import { readAll, readBytes } from "../read-bytes.js";
import { modelDtype } from "../stated-config.js";

const LAYOUT = "bitsandbytes";

/** LLM.int8(): `weight` I8, and `SCB` F32 [rows], the largest magnitude of every row: w = q · SCB / 127. */
export function eightBitWeight(checkpoint: Checkpoint, module: string, scale: CheckpointTensor): StoredQuantizedWeight {
  const name = `${module}.weight`;
  const codes = partner(checkpoint, LAYOUT, name, name);
  const format = checkpoint.tensor(`${module}.weight_format`);
  const [rows, columns] = codes.shape;
  if (codes.dtype !== "I8" || codes.shape.length !== 2) throw wrongTensor(LAYOUT, codes, "I8 [rows, columns]");
  checkPartner(LAYOUT, scale, ["F32"], [[rows!]]);
  if (format) checkPartner(LAYOUT, format, ["U8"], [[], [1]]);
  const term: AffineLayout = {
    kind: "affine",
    rows: rows!,
    columns: columns!,
    bits: 8,
    granularity: "row",
    groupSize: columns!,
    zero: "midpoint",
    scaleDtype: "F32",
  };
  return foreignWeight({
    layout: LAYOUT,
    name,
    shape: codes.shape,
    dtype: modelDtype(checkpoint.config) ?? "F16",
    tensors: [codes, scale, ...(format ? [format] : [])],
    term,
    async open(options) {
      if (format) await checkFormat(checkpoint, format, options);
      return {
        async rows(begin, end, rowOptions) {
          const signed = await readBytes(checkpoint, codes, begin * columns!, end * columns!, rowOptions);
          const largest = readScales(await readBytes(checkpoint, scale, 4 * begin, 4 * end, rowOptions), "F32");
          checkFinite(LAYOUT, scale.name, largest);
          const stored = new Uint8Array(4 * largest.length);
          writeScales(
            largest.map((value) => value / 127),
            "F32",
            stored,
          );
          return {
            layout: layoutRows(term, end - begin),
            // Two's complement with the highest bit turned is value + 128.
            arrays: { codes: signed.map((byte) => byte ^ 0x80), scale: stored },
          };
        },
      };
    },
  });
}

/** Rows in order are 0; the others are tilings of old GPU kernels. */
async function checkFormat(checkpoint: Checkpoint, tensor: CheckpointTensor, options?: ReadOptions): Promise<void> {
  const [format] = await readAll(checkpoint, tensor, options);
  if (format !== 0) {
    throw wrongValue(LAYOUT, tensor.name, `holds ${format}; only 0, rows in order, is read`);
  }
}
