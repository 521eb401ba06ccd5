import type { KernelBackend } from "../../backend/kernel-backend.js";
import type { RowBlock } from "../../tensor/row-block.js";
import type { CodebookLayout } from "../../terms/codebook.js";
import { writeScales } from "../../terms/scale-array.js";
import type { Term } from "../../terms/term.js";
import { allocateTerm } from "../../terms/term-arrays.js";
import type { ClientConfig, LayoutRefusal, LayoutWriter, PackedWeight } from "../layout-writer.js";
import { plainModules } from "../packed-name.js";
import { groupSizeOf } from "../row-groups.js";
import { FOUR_BIT_TABLES } from "./four-bit-tables.js";
import { packFourBit } from "./pack-four-bit.js";

interface WriterType {
  readonly table: "nf4" | "fp4";
  readonly isNested: boolean;
}

const TYPES: Readonly<Record<string, WriterType>> = {
  nf4: { table: "nf4", isNested: false },
  "nf4-nested": { table: "nf4", isNested: true },
  fp4: { table: "fp4", isNested: false },
};

/** Blocks of 64, as bitsandbytes makes them by default. */
const BLOCK = 64;

/** 4-bit checkpoints for transformers with bitsandbytes. */
export const bitsandbytesWriter: LayoutWriter = {
  name: "bitsandbytes",
  types: Object.keys(TYPES),
  pack(weight, type) {
    if (type !== undefined) return packFourBit(weight, TYPES[type]!.table, TYPES[type]!.isNested);
    const packed: PackedWeight | LayoutRefusal = packFourBit(weight, "nf4", false);
    if (!("reason" in packed)) return packed;
    const other = packFourBit(weight, "fp4", false);
    return "reason" in other ? packed : other;
  },
  requantize: (block, type, backend) => [nearest(block, TYPES[type]!.table, backend)],
  config,
};

function nearest(block: RowBlock, table: "nf4" | "fp4", backend: KernelBackend): Term {
  const { rows, columns } = block;
  const groupSize = groupSizeOf(columns, BLOCK);
  const term = allocateTerm<CodebookLayout>({
    kind: "codebook",
    rows,
    columns,
    bits: 4,
    granularity: groupSize === columns ? "row" : "group",
    groupSize,
    codebook: table,
    scaleDtype: "F32",
  });
  writeScales(FOUR_BIT_TABLES[table], "F32", term.arrays.table);
  backend.codebookFit(block, term);
  return term as unknown as Term;
}

function config(packed: ReadonlyMap<string, PackedWeight>, kept: readonly string[]): ClientConfig {
  const facts = [...packed.values()].map((weight) => weight.facts);
  return {
    quantizationConfig: {
      quant_method: "bitsandbytes",
      _load_in_4bit: true,
      _load_in_8bit: false,
      load_in_4bit: true,
      load_in_8bit: false,
      bnb_4bit_quant_type: facts[0]?.["type"] ?? "nf4",
      bnb_4bit_use_double_quant: facts.some(({ isNested }) => isNested === true),
      bnb_4bit_compute_dtype: facts[0]?.["dtype"] ?? "bfloat16",
      bnb_4bit_quant_storage: "uint8",
      llm_int8_enable_fp32_cpu_offload: false,
      llm_int8_has_fp16_weight: false,
      llm_int8_skip_modules: plainModules(packed, kept),
    },
  };
}
