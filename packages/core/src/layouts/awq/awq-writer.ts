import type { KernelBackend } from "../../backend/kernel-backend.js";
import { LowbitError } from "../../errors/lowbit-error.js";
import type { RowBlock } from "../../tensor/row-block.js";
import { groupCount } from "../../terms/granularity.js";
import type { Term } from "../../terms/term.js";
import { affineGrid } from "../affine-grid.js";
import { transposedScales } from "../gptq/pack-gptq.js";
import { gridCodes, gridScales, splitGroups } from "../grid-codes.js";
import type { ClientConfig, LayoutRefusal, LayoutWriter, PackedWeight, WholeWeight } from "../layout-writer.js";
import { nearestAffine } from "../nearest-affine.js";
import { packNibbles } from "./nibble-order.js";

/** Beside whole rows. */
const GROUP_SIZES: readonly number[] = [16, 32, 64, 128];

/** AWQ, version gemm: 4 bits, zeros as they are, one group size for the model. */
export const awqWriter: LayoutWriter = {
  name: "awq",
  types: ["int4"],
  pack: packAwq,
  requantize: (block: RowBlock, _: string, backend: KernelBackend): readonly Term[] => [
    nearestAffine(block, { bits: 4, zero: "integer", groupSizes: GROUP_SIZES }, backend),
  ],
  config,
};

function packAwq(weight: WholeWeight): PackedWeight | LayoutRefusal {
  const stored = affineGrid(weight.terms);
  if ("reason" in stored) return stored;
  if (weight.transforms.length > 0) {
    return { reason: `inputs after ${weight.transforms.map(({ layout }) => layout.kind).join(", ")}` };
  }
  const { rows, columns } = stored;
  const module = /^(.+)\.weight$/.exec(weight.name)?.[1];
  if (module === undefined || weight.shape.length !== 2) return { reason: "no matrix of a linear layer, NAME.weight" };
  if (rows === 0 || rows % 8 !== 0) return { reason: `${rows} outputs, where it packs eight in a word` };
  const grid = splitGroups(stored, GROUP_SIZES);
  if ("reason" in grid) return grid;
  if (columns % grid.groupSize !== 0) {
    return { reason: `${columns} inputs in groups of ${grid.groupSize}, where the last group must not be shorter` };
  }
  const coded = gridCodes(grid, 4);
  if ("reason" in coded) return coded;
  const scales = gridScales(grid, "F16");
  if ("reason" in scales) return scales;
  const groups = groupCount(columns, grid.groupSize);
  return {
    tensors: [
      {
        name: `${module}.qweight`,
        dtype: "I32",
        shape: [columns, rows / 8],
        data: packNibbles(coded.codes, columns, rows),
      },
      {
        name: `${module}.qzeros`,
        dtype: "I32",
        shape: [groups, rows / 8],
        data: packNibbles(coded.zero, groups, rows),
      },
      {
        name: `${module}.scales`,
        dtype: "F16",
        shape: [groups, rows],
        data: transposedScales(scales.data, rows, groups, "F16"),
      },
    ],
    ...(!scales.isExact && { rounded: `${grid.scaleDtype} scales to F16` }),
    facts: { groupSize: grid.groupSize, columns },
  };
}

/** Layers of numbered blocks and the head: what clients would take as quantized, or ask about. */
const MAY_BE_QUANTIZED = /(\.\d+\..*|^lm_head)\.weight$/;

/** @throws `convert/does-not-fit` when the layers have several group sizes, for which the config has no place */
function config(packed: ReadonlyMap<string, PackedWeight>, kept: readonly string[]): ClientConfig {
  const sizes = new Map<number, string>();
  for (const [name, { facts }] of packed) {
    if (facts["groupSize"] !== facts["columns"]) sizes.set(facts["groupSize"] as number, name);
  }
  for (const [name, { facts }] of packed) {
    if (facts["groupSize"] === facts["columns"] && !sizes.has(facts["columns"] as number)) sizes.set(-1, name);
  }
  if (sizes.size > 1) {
    const found = [...sizes].map(([size, name]) => `${name} in ${size < 0 ? "rows" : `groups of ${size}`}`);
    throw new LowbitError("convert/does-not-fit", `awq has one group size for all layers; found ${found.join(", ")}.`, {
      layout: "awq",
      found,
    });
  }
  const plain = kept.filter((name) => MAY_BE_QUANTIZED.test(name)).map((name) => name.replace(/\.weight$/, ""));
  return {
    quantizationConfig: {
      quant_method: "awq",
      bits: 4,
      group_size: [...sizes.keys()][0] ?? 128,
      zero_point: true,
      version: "gemm",
      modules_to_not_convert: plain.length > 0 ? plain : null,
    },
  };
}
