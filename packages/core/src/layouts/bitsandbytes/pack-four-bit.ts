import { writeScales } from "../../terms/scale-array.js";
import type { CodebookGrid } from "../codebook-grid.js";
import { codebookGrid, rowScales } from "../codebook-grid.js";
import type { LayoutRefusal, PackedWeight, WholeWeight } from "../layout-writer.js";
import { packedModule } from "../packed-name.js";
import { FOUR_BIT_TABLES } from "./four-bit-tables.js";
import { NESTED_BLOCK, nestScales } from "./nested-scales.js";

/** Block sizes of the kernels of bitsandbytes. */
const BLOCK_SIZES = [32, 64, 128, 256, 512, 1024, 2048, 4096];

const DTYPE_NAMES: Readonly<Record<string, string>> = { F32: "float32", F16: "float16", BF16: "bfloat16" };

/** NF4 and FP4: two codes a byte, the first in the high half; F32 scales, or 8-bit ones with `isNested`. */
export function packFourBit(weight: WholeWeight, type: "nf4" | "fp4", isNested: boolean): PackedWeight | LayoutRefusal {
  const named = packedModule(weight);
  if ("reason" in named) return named;
  const grid = codebookGrid(weight.terms, FOUR_BIT_TABLES[type], type);
  if ("reason" in grid) return grid;
  const blockSize = blocksOfRows(grid);
  if (typeof blockSize !== "number") return blockSize;
  const { name, shape, dtype } = weight;
  const { codes } = grid;
  const data = new Uint8Array(Math.ceil(codes.length / 2));
  for (let i = 0; i < codes.length; i++) data[i >>> 1]! |= codes[i]! << (i % 2 === 0 ? 4 : 0);
  const scales = rowScales(grid);
  const nested = isNested ? nestScales(scales) : undefined;
  const state = {
    quant_type: type,
    blocksize: blockSize,
    dtype: DTYPE_NAMES[dtype] ?? "float32",
    shape,
    ...(nested && { nested_blocksize: NESTED_BLOCK, nested_dtype: "float32", nested_offset: nested.offset }),
  };
  const stateBytes = new TextEncoder().encode(JSON.stringify(state));
  const f32 = (values: ArrayLike<number>): Uint8Array => {
    const bytes = new Uint8Array(4 * values.length);
    writeScales(values, "F32", bytes);
    return bytes;
  };
  return {
    tensors: [
      { name, dtype: "U8", shape: [data.length, 1], data },
      nested
        ? { name: `${name}.absmax`, dtype: "U8", shape: [scales.length], data: nested.codes }
        : { name: `${name}.absmax`, dtype: "F32", shape: [scales.length], data: f32(scales) },
      { name: `${name}.quant_map`, dtype: "F32", shape: [16], data: f32(FOUR_BIT_TABLES[type]) },
      ...(nested
        ? ([
            { name: `${name}.nested_absmax`, dtype: "F32", shape: [nested.scale.length / 4], data: nested.scale },
            { name: `${name}.nested_quant_map`, dtype: "F32", shape: [256], data: nested.table },
          ] as const)
        : []),
      {
        name: `${name}.quant_state.bitsandbytes__${type}`,
        dtype: "U8",
        shape: [stateBytes.length],
        data: stateBytes,
      },
    ],
    ...(nested && { rounded: "scales to 8 bits" }),
    facts: { type, isNested, dtype: state.dtype },
  };
}

/** Elements of the flattened weight that share a scale, where groups of rows are such blocks. */
function blocksOfRows({ columns, groupSize, granularity }: CodebookGrid): number | LayoutRefusal {
  if (granularity !== "tensor" && columns % groupSize === 0 && BLOCK_SIZES.includes(groupSize)) return groupSize;
  return {
    reason: `groups of ${groupSize} in rows of ${columns}, where it stores blocks of ${BLOCK_SIZES.join(", ")} that divide the row`,
  };
}
