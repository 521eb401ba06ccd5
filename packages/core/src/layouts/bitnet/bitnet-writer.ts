import type { KernelBackend } from "../../backend/kernel-backend.js";
import type { RowBlock } from "../../tensor/row-block.js";
import { writeScales } from "../../terms/scale-array.js";
import type { Term } from "../../terms/term.js";
import { allocateTerm } from "../../terms/term-arrays.js";
import { affineGrid } from "../affine-grid.js";
import type { ClientConfig, LayoutRefusal, LayoutWriter, PackedWeight, WholeWeight } from "../layout-writer.js";
import { packedModule, plainModules } from "../packed-name.js";
import type { LinearClass } from "./bitnet-layout.js";
import { bitnetTerm } from "./bitnet-term.js";
import { packQuarters } from "./quarters.js";

const CLASSES = ["bitlinear", "autobitlinear"] as const satisfies readonly LinearClass[];

/** Ternary checkpoints for transformers; its layers round activations to 8 bits. Types: how layers use the scale. */
export const bitnetWriter: LayoutWriter = {
  name: "bitnet",
  types: CLASSES,
  pack: (weight, type) => packBitnet(weight, (type as LinearClass | undefined) ?? CLASSES[0]),
  requantize: (block, _type, backend) => [absmean(block, backend)],
  config,
};

function packBitnet(weight: WholeWeight, linearClass: LinearClass): PackedWeight | LayoutRefusal {
  const named = packedModule(weight);
  if ("reason" in named) return named;
  const grid = affineGrid(weight.terms);
  if ("reason" in grid) return grid;
  const { rows, columns, levels } = grid;
  if (rows % 4 !== 0) return { reason: `${rows} rows, where it stores four in one` };
  const scale = grid.scale[0] ?? 1;
  if (!grid.scale.every((other) => other === scale)) return { reason: "several scales, where it stores one" };
  if (!(scale > 0 && Number.isFinite(1 / scale))) return { reason: `a scale of ${scale}, where it stores one above 0` };
  const far = levels.find((level) => Math.abs(level) > 1);
  if (far !== undefined) return { reason: `a level of ${far}, where it stores −1, 0 and 1` };
  const digits = Uint8Array.from(levels, (level) => level + 1);
  const data = new Uint8Array(4);
  const stored = Math.fround(linearClass === "bitlinear" ? 1 / scale : scale);
  writeScales([stored], "F32", data);
  const isExact = linearClass === "autobitlinear" || Math.fround(1 / stored) === scale;
  return {
    tensors: [
      { name: weight.name, dtype: "U8", shape: [rows / 4, columns], data: packQuarters(digits, rows, columns) },
      { name: `${weight.name}_scale`, dtype: "F32", shape: [1], data },
    ],
    ...(!isExact && { rounded: "the scale to the F32 next to its inverse" }),
    facts: { linearClass },
  };
}

/** ±mean |w| and 0, as BitNet b1.58 rounds: w / scale half to even, at most 1. */
function absmean(block: RowBlock, backend: KernelBackend): Term {
  const { rows, columns, values } = block;
  const term = allocateTerm(bitnetTerm(rows, columns));
  const mean = values.reduce((sum, value) => sum + Math.abs(value), 0) / Math.max(1, values.length);
  writeScales([Math.max(SMALLEST_MEAN, mean)], "F32", term.arrays.scale);
  backend.ternaryEncode(block, term);
  return term as unknown as Term;
}

/** As in the client: weights of zeros get a scale above 0. */
const SMALLEST_MEAN = 1e-5;

function config(packed: ReadonlyMap<string, PackedWeight>, kept: readonly string[]): ClientConfig {
  const [first] = packed.values();
  return {
    quantizationConfig: {
      quant_method: "bitnet",
      linear_class: first?.facts["linearClass"] ?? CLASSES[0],
      quantization_mode: "offline",
      use_rms_norm: false,
      modules_to_not_convert: plainModules(packed, kept),
    },
  };
}
