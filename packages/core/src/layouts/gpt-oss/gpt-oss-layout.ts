import type { Checkpoint, CheckpointTensor } from "../../safetensors/checkpoint.js";
import type { CodebookLayout } from "../../terms/codebook.js";
import { layoutRows } from "../../terms/term-arrays.js";
import { CODEBOOK_NAMES, exponentScales, floatTable } from "../float-codebooks.js";
import { foreignWeight } from "../foreign-weight.js";
import type { CheckpointLayout, StoredQuantizedWeight } from "../logical-weight.js";
import { checkPartner, partner, wrongTensor } from "../partner-tensors.js";
import { readBytes } from "../read-bytes.js";
import { modelDtype } from "../stated-config.js";

const LAYOUT = "gpt-oss-mxfp4";
const GROUP = 32;

/**
 * MXFP4 as gpt-oss stores its experts: `…_blocks` U8 [experts, rows, groups, 16], two E2M1 floats a byte, neighbours, the
 * first in the low half; `…_scales` U8 [experts, rows, groups], exponents with bias 127. Rows of gate and up alternate and
 * stay as they are.
 */
export const gptOssLayout: CheckpointLayout = {
  name: LAYOUT,
  recognise(checkpoint) {
    const weights: StoredQuantizedWeight[] = [];
    for (const tensor of checkpoint.tensors) {
      if (tensor.dtype !== "U8") continue;
      const [, name, part] = /^(.+)_(blocks|scales)$/.exec(tensor.name) ?? [];
      if (name === undefined) continue;
      const blocks = partner(checkpoint, LAYOUT, name, `${name}_blocks`);
      if (part === "blocks") weights.push(readWeight(checkpoint, name, blocks));
      else checkPartner(LAYOUT, blocks, ["U8"]);
    }
    return weights;
  },
};

function readWeight(checkpoint: Checkpoint, name: string, blocks: CheckpointTensor): StoredQuantizedWeight {
  const scales = partner(checkpoint, LAYOUT, name, `${name}_scales`);
  const outer = blocks.shape.slice(0, -2);
  const groups = blocks.shape.at(-2);
  if (groups === undefined || outer.length === 0 || blocks.shape.at(-1) !== GROUP / 2) {
    throw wrongTensor(LAYOUT, blocks, `U8 [experts, rows, groups, ${GROUP / 2}]`);
  }
  checkPartner(LAYOUT, scales, ["U8"], [[...outer, groups]]);
  const rows = outer.reduce((product, size) => product * size, 1);
  const columns = groups * GROUP;
  const term: CodebookLayout = {
    kind: "codebook",
    rows,
    columns,
    bits: 4,
    granularity: "group",
    groupSize: GROUP,
    codebook: CODEBOOK_NAMES.F4,
    scaleDtype: "BF16",
  };
  return foreignWeight({
    layout: LAYOUT,
    name,
    shape: [...outer, columns],
    dtype: modelDtype(checkpoint.config) ?? "BF16",
    tensors: [blocks, scales],
    term,
    async open() {
      const table = floatTable("F4");
      return {
        async rows(begin, end, options) {
          const exponents = await readBytes(checkpoint, scales, begin * groups, end * groups, options);
          return {
            layout: layoutRows(term, end - begin),
            arrays: {
              codes: await readBytes(checkpoint, blocks, (begin * columns) / 2, (end * columns) / 2, options),
              scale: exponentScales(LAYOUT, scales.name, exponents),
              table,
            },
          };
        },
      };
    },
  });
}
