import type { KernelBackend } from "../../backend/kernel-backend.js";
import type { RowBlock } from "../../tensor/row-block.js";
import type { Term } from "../../terms/term.js";
import type { ClientConfig, LayoutWriter, PackedWeight } from "../layout-writer.js";
import { nearestAffine } from "../nearest-affine.js";
import { GPTQ_GROUP_SIZES, packGptq } from "./pack-gptq.js";

const WIDTHS: Readonly<Record<string, number>> = { int4: 4, int8: 8, int3: 3, int2: 2 };

/** Version 1, which every client of GPTQ loads. */
export const gptqWriter: LayoutWriter = writer("gptq", 1);
/** Version 2: zeros as they are, so that 0 is one of them; GPTQModel and vLLM load it. */
export const gptqV2Writer: LayoutWriter = writer("gptq-v2", 2);

function writer(name: string, version: 1 | 2): LayoutWriter {
  return {
    name,
    types: Object.keys(WIDTHS),
    pack: (weight, type) => packGptq(weight, version, type === undefined ? undefined : WIDTHS[type]),
    requantize: (block: RowBlock, type: string, backend: KernelBackend): readonly Term[] => [
      nearestAffine(block, { bits: WIDTHS[type]!, zero: "midpoint", groupSizes: GPTQ_GROUP_SIZES }, backend),
    ],
    config: (packed, kept) => config(packed, kept, version === 1 ? "gptq" : "gptq_v2"),
  };
}

/**
 * GPTQModel takes asymmetric zeros of version 1 only from writers that keep to what version 0.9 of it introduced: no zero
 * of 0, which would wrap. `pack` keeps to it, and this name is how a file says so.
 */
const NO_ZERO_WRAPS = "gptqmodel:0.9.0";

/** What a client has to know of a layer. */
interface ModuleSettings {
  readonly bits: number;
  /** −1: one scale a row. */
  readonly group_size: number;
  readonly columns: number;
}

/**
 * One width and group size for the model, those that most layers have; `dynamic` for the others, and for layers of blocks
 * that stay plain ("-:": not quantized), where clients expect all to be quantized.
 */
function config(packed: ReadonlyMap<string, PackedWeight>, kept: readonly string[], format: string): ClientConfig {
  const settings = new Map([...packed].map(([name, { facts }]) => [name, moduleSettings(facts)]));
  const common = mostCommon([...settings.values()]) ?? { bits: 4, group_size: 128, columns: 0 };
  const facts = [...packed.values()].map((weight) => weight.facts);
  const isSymmetric = facts.every((weight) => weight["isSymmetric"] === true);
  const dynamic: Record<string, Partial<ModuleSettings>> = {};
  for (const name of kept) if (IN_A_BLOCK.test(name)) dynamic[`-:${modulePattern(name)}`] = {};
  for (const [name, own] of settings) {
    const isCommon =
      own.bits === common.bits && (own.group_size === common.group_size || own.columns === common.group_size);
    if (!isCommon) dynamic[`+:${modulePattern(name)}`] = { bits: own.bits, group_size: own.group_size };
  }
  const quantizationConfig = {
    quant_method: "gptq",
    checkpoint_format: format,
    format,
    bits: common.bits,
    group_size: common.group_size,
    desc_act: facts.some(({ hasOrder }) => hasOrder === true),
    sym: isSymmetric,
    lm_head: packed.has("lm_head.weight"),
    pack_dtype: "int32",
    true_sequential: true,
    ...(Object.keys(dynamic).length > 0 && { dynamic }),
    meta: { quantizer: isSymmetric || format !== "gptq" ? ["lowbit"] : ["lowbit", NO_ZERO_WRAPS] },
  };
  return { quantizationConfig, files: { "quantize_config.json": quantizationConfig } };
}

/** Matrices of numbered blocks, "model.layers.3.mlp.up_proj.weight": clients take embedding and head as plain by themselves. */
const IN_A_BLOCK = /\.\d+\..*\.weight$/;

function modulePattern(weight: string): string {
  return `^${weight.replace(/\.weight$/, "").replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}$`;
}

function moduleSettings(facts: PackedWeight["facts"]): ModuleSettings {
  const { bits, groupSize, columns } = facts as {
    readonly bits: number;
    readonly groupSize: number;
    readonly columns: number;
  };
  return { bits, group_size: groupSize === columns ? -1 : groupSize, columns };
}

function mostCommon(all: readonly ModuleSettings[]): ModuleSettings | undefined {
  const counts = new Map<string, { readonly settings: ModuleSettings; count: number }>();
  for (const settings of all) {
    const key = `${settings.bits} ${settings.group_size}`;
    const entry = counts.get(key) ?? { settings, count: 0 };
    entry.count++;
    counts.set(key, entry);
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count)[0]?.settings;
}
