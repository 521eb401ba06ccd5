import type { KernelBackend } from "../../backend/kernel-backend.js";
import { decodeTable } from "../../dtype/decode-table.js";
import type { RowBlock } from "../../tensor/row-block.js";
import { groupCount } from "../../terms/granularity.js";
import { writeScales } from "../../terms/scale-array.js";
import type { Term } from "../../terms/term.js";
import { codebookGrid, rowScales } from "../codebook-grid.js";
import { CODEBOOK_NAMES } from "../float-codebooks.js";
import type { ClientConfig, LayoutRefusal, LayoutWriter, PackedWeight, WholeWeight } from "../layout-writer.js";
import { LARGEST, nearestFloat } from "../nearest-float.js";
import { packedModule, plainModules } from "../packed-name.js";

/** Rows and columns of a block; the first is what DeepSeek published and GPU kernels take. */
const BLOCKS: Readonly<Record<string, number>> = { block128: 128, block64: 64, block32: 32 };

/** Block FP8 checkpoints (`quant_method` "fp8") for transformers, vLLM and SGLang. */
export const fp8Writer: LayoutWriter = {
  name: "fp8",
  types: Object.keys(BLOCKS),
  pack: (weight, type) => packBlocks(weight, BLOCKS[type ?? "block128"]!),
  requantize: (block, type, backend) => [nearest(block, BLOCKS[type]!, backend)],
  config,
};

function packBlocks(weight: WholeWeight, size: number): PackedWeight | LayoutRefusal {
  const named = packedModule(weight);
  if ("reason" in named) return named;
  const grid = codebookGrid(weight.terms, decodeTable("F8_E4M3"), CODEBOOK_NAMES.F8_E4M3);
  if ("reason" in grid) return grid;
  const { rows, columns, groupSize } = grid;
  const wanted = Math.min(size, columns);
  // A row of one scale, and groups of several blocks, are blocks that repeat it.
  if (groupSize !== columns && groupSize % wanted !== 0) {
    return { reason: `groups of ${groupSize}, where it stores blocks of ${size}` };
  }
  const scales = rowScales(grid);
  const own = groupCount(columns, groupSize);
  const [down, across] = [groupCount(rows, size), groupCount(columns, size)];
  const stored = new Float32Array(down * across);
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < across; block++) {
      const at = Math.floor(row / size) * across + block;
      const scale = scales[row * own + Math.floor((block * size) / groupSize)]!;
      if (row % size !== 0 && stored[at] !== scale)
        return { reason: `rows with scales of their own, where it stores blocks of ${size}` };
      stored[at] = scale;
    }
  }
  const data = new Uint8Array(4 * stored.length);
  writeScales(stored, "F32", data);
  return {
    tensors: [
      { name: weight.name, dtype: "F8_E4M3", shape: [rows, columns], data: grid.codes },
      { name: `${weight.name}_scale_inv`, dtype: "F32", shape: [down, across], data },
    ],
    facts: { size },
  };
}

function nearest(block: RowBlock, size: number, backend: KernelBackend): Term {
  return nearestFloat(
    block,
    {
      dtype: "F8_E4M3",
      granularity: "group",
      groupSize: Math.min(size, block.columns),
      rowsPerScale: size,
      scaleDtype: "F32",
      scale: (largest) => largest / LARGEST.F8_E4M3,
    },
    backend,
  );
}

function config(packed: ReadonlyMap<string, PackedWeight>, kept: readonly string[]): ClientConfig {
  const [first] = packed.values();
  const size = first?.facts["size"] ?? BLOCKS["block128"]!;
  return {
    quantizationConfig: {
      quant_method: "fp8",
      activation_scheme: "dynamic",
      weight_block_size: [size, size],
      modules_to_not_convert: plainModules(packed, kept),
    },
  };
}
