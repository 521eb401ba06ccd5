import type { Checkpoint } from "../../safetensors/checkpoint.js";
import { quoteName } from "../../safetensors/header-problem.js";
import type { AffineLayout } from "../../terms/affine.js";
import { writeU32 } from "../../terms/index-array.js";
import type { InputTransform, TransformLayout } from "../../terms/input-transform.js";
import { foreignWeight } from "../foreign-weight.js";
import type { CheckpointLayout, StoredQuantizedWeight } from "../logical-weight.js";
import { wrongTensor } from "../partner-tensors.js";
import { asConfigObject, type ConfigObject, quantizationConfig, unreadFormat } from "../stated-config.js";
import { type ColumnGroups, columnGroups, plainGroups } from "./column-groups.js";
import { type GptqModule, gptqModule, isPackedAlongOutputs, qweightModules } from "./gptq-module.js";
import { copiedRows, type GptqReading, readGptqTerm } from "./open-gptq-weight.js";
import { decideVersion } from "./zero-version.js";

/**
 * The layout of GPTQ, versions 1 and 2 and planar, as AutoGPTQ, GPTQModel, auto-round and llm-compressor write it:
 * docs/formats/gptq.md.
 */
export const gptqLayout: CheckpointLayout = {
  name: "gptq",
  recognise(checkpoint) {
    const stated = quantizationConfig(checkpoint.config) ?? {};
    refuseReordered(checkpoint, stated);
    const modules = qweightModules(checkpoint)
      .filter((module) => !isPackedAlongOutputs(checkpoint, module))
      .map((module) => gptqModule(checkpoint, module, stated["bits"]));
    if (modules.length === 0) return [];
    const format = statedFormat(stated);
    const { version, note } = decideVersion(checkpoint, modules, format);
    const borrows = isFromGptqModel(stated);
    return modules.map((module) => {
      const groups = groupsOf(checkpoint, module, stated["group_size"]);
      return gptqWeight(checkpoint, { module, groups, version, format, borrows }, note);
    });
  },
};

/** "gptq_v2" under either name: GPTQModel wrote checkpoint_format up to 4, newer programs write format. */
function statedFormat(stated: ConfigObject): unknown {
  return stated["checkpoint_format"] ?? stated["format"];
}

/** GPTQModel names itself as the quantizer of what it saves. */
function isFromGptqModel(stated: ConfigObject): boolean {
  const quantizer = asConfigObject(stated["meta"])?.["quantizer"];
  return [quantizer].flat().some((name) => typeof name === "string" && name.startsWith("gptqmodel"));
}

/** Forms of `checkpoint_format` that are packed as this layout reads them. */
const READ = ["gptq", "gptq_v2", "gptq_p"] as const;
const READ_FORMATS: readonly unknown[] = [undefined, null, "", ...READ];

/** @throws `layouts/unread-format` for codes in the order of one kernel */
function refuseReordered(checkpoint: Checkpoint, stated: ConfigObject): void {
  const method = stated["quant_method"];
  const format = statedFormat(stated);
  const tile = checkpoint.tensors.find(
    ({ name, dtype }) => name.endsWith(".B") && dtype === "I32" && checkpoint.tensor(`${name.slice(0, -2)}.s`),
  );
  if (tile !== undefined) throw unreadFormat(`The codes of ${quoteName(tile.name.slice(0, -2))} are`, "marlin", READ);
  const named = stated["is_marlin_format"] === true ? "marlin" : format;
  if (method === "gptq" && !READ_FORMATS.includes(named)) {
    throw unreadFormat(`${checkpoint.name}: the codes are`, named, READ);
  }
}

function groupsOf(checkpoint: Checkpoint, module: GptqModule, stated: unknown): ColumnGroups {
  const { columns, groups, groupIndex, scales } = module;
  if (groupIndex === undefined) {
    const size = columns % groups === 0 ? columns / groups : stated;
    if (typeof size === "number" && Math.ceil(columns / size) === groups) return plainGroups(columns, groups, size);
    throw wrongTensor(
      "gptq",
      scales,
      `of a number of groups that divides ${columns} inputs, or the config must state group_size`,
    );
  }
  const index = checkpoint.descriptions?.get(groupIndex.name);
  if (index === undefined) throw wrongTensor("gptq", groupIndex, "I32 of at most 1048576 inputs, read on opening");
  return columnGroups(groupIndex.name, index, groups);
}

function gptqWeight(checkpoint: Checkpoint, reading: GptqReading, note: string | undefined): StoredQuantizedWeight {
  const { module, groups } = reading;
  const { bits, rows, columns, qweight, qzeros, scales, groupIndex } = module;
  const layout: AffineLayout = {
    kind: "affine",
    rows,
    columns,
    bits,
    granularity: groups.groupSize === columns ? "row" : "group",
    groupSize: groups.groupSize,
    zero: "integer",
    scaleDtype: scales.dtype,
  };
  const transform: TransformLayout = { kind: "permutation", columns };
  return foreignWeight({
    layout: "gptq",
    name: `${module.module}.weight`,
    shape: [rows, columns],
    dtype: scales.dtype,
    tensors: [qweight, qzeros, scales, ...(groupIndex ? [groupIndex] : [])],
    term: layout,
    transforms: groups.order ? [transform] : [],
    ...(note !== undefined && { notes: [note] }),
    async open(options) {
      const term = await readGptqTerm(checkpoint, layout, reading, options);
      return {
        transforms: groups.order ? [permutation(transform, groups.order)] : [],
        rows: async (begin, end) => copiedRows(term, begin, end),
      };
    },
  });
}

function permutation(layout: TransformLayout, order: Uint32Array): InputTransform {
  const indices = new Uint8Array(4 * order.length);
  writeU32(order, indices);
  return { layout, arrays: { indices } };
}
