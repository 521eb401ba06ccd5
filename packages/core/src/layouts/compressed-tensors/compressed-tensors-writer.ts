import type { KernelBackend } from "../../backend/kernel-backend.js";
import { decodeTable } from "../../dtype/decode-table.js";
import { encodeSmallFloat, SMALL_FLOATS } from "../../dtype/small-float.js";
import type { RowBlock } from "../../tensor/row-block.js";
import type { Term } from "../../terms/term.js";
import type { LayoutWriter } from "../layout-writer.js";
import { nearestAffine } from "../nearest-affine.js";
import { bestExponentScale, LARGEST, nearestFloat } from "../nearest-float.js";
import { clientConfig } from "./client-config.js";
import { type FloatFormat, packFloats } from "./pack-floats.js";
import { type IntegerType, packIntegers } from "./pack-integers.js";

interface WriterType {
  readonly integers?: IntegerType;
  readonly floats?: FloatFormat;
  requantize(block: RowBlock, backend: KernelBackend): Term;
}

const GROUP_SIZES = [32, 64, 128];

function integers(bits: number, zero: "midpoint" | "integer"): WriterType {
  return {
    integers: { bits },
    requantize: (block, backend) => nearestAffine(block, { bits, zero, groupSizes: GROUP_SIZES }, backend),
  };
}

const TYPES: Readonly<Record<string, WriterType>> = {
  int4: integers(4, "midpoint"),
  "int4-asymmetric": integers(4, "integer"),
  int8: integers(8, "midpoint"),
  int2: integers(2, "midpoint"),
  int3: integers(3, "midpoint"),
  int5: integers(5, "midpoint"),
  int6: integers(6, "midpoint"),
  int7: integers(7, "midpoint"),
  w8a8: {
    integers: { bits: 8, isInt8: true },
    requantize: (block, backend) => nearestAffine(block, { bits: 8, zero: "midpoint", groupSizes: [] }, backend),
  },
  fp8: { floats: "float-quantized", requantize: (block, backend) => float8(block, backend, block.columns, 1) },
  "fp8-block": { floats: "float-quantized", requantize: (block, backend) => float8(block, backend, 128, 128) },
  nvfp4: { floats: "nvfp4-pack-quantized", requantize: nvfp4 },
  mxfp4: { floats: "mxfp4-pack-quantized", requantize: (block, backend) => exponents("F4", block, backend) },
  mxfp8: { floats: "mxfp8-quantized", requantize: (block, backend) => exponents("F8_E4M3", block, backend) },
};

/** Checkpoints for vLLM and transformers. */
export const compressedTensorsWriter: LayoutWriter = {
  name: "compressed-tensors",
  types: Object.keys(TYPES),
  pack(weight, type) {
    const wanted = type === undefined ? undefined : TYPES[type];
    const isFloat = wanted ? wanted.floats !== undefined : weight.terms[0]?.layout.kind === "codebook";
    return isFloat ? packFloats(weight, wanted?.floats) : packIntegers(weight, wanted?.integers ?? {});
  },
  requantize: (block, type, backend) => [TYPES[type]!.requantize(block, backend)],
  config: clientConfig,
};

/** One scale for each row, or for each block. */
function float8(block: RowBlock, backend: KernelBackend, groupSize: number, rowsPerScale: number): Term {
  const isRow = groupSize >= block.columns && rowsPerScale === 1;
  return nearestFloat(
    block,
    {
      dtype: "F8_E4M3",
      granularity: isRow ? "row" : "group",
      groupSize: Math.min(groupSize, block.columns),
      rowsPerScale,
      scaleDtype: "F32",
      scale: (largest) => largest / LARGEST.F8_E4M3,
    },
    backend,
  );
}

function exponents(dtype: "F4" | "F8_E4M3", block: RowBlock, backend: KernelBackend): Term {
  const scale = (largest: number, values: Float32Array) => bestExponentScale(dtype, largest, values);
  return nearestFloat(block, { dtype, granularity: "group", groupSize: 32, scaleDtype: "BF16", scale }, backend);
}

/** The divisor puts the largest scale at the largest E4M3 value: 448 · 6 over the largest weight. */
function nvfp4(block: RowBlock, backend: KernelBackend): Term {
  const largest = block.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const global = largest === 0 ? 1 : Math.fround((LARGEST.F8_E4M3 * LARGEST.F4) / largest);
  const table = decodeTable("F8_E4M3");
  const scale = (groupLargest: number): number => {
    const code = encodeSmallFloat(
      SMALL_FLOATS.F8_E4M3,
      Math.min(448, Math.fround((groupLargest / LARGEST.F4) * global)),
    );
    // Groups far below the largest keep the smallest scale rather than 0.
    return Math.fround(table[Math.max(1, code)]! / global);
  };
  return nearestFloat(block, { dtype: "F4", granularity: "group", groupSize: 16, scaleDtype: "F32", scale }, backend);
}
