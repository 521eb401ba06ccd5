import type { Checkpoint, CheckpointTensor } from "../../safetensors/checkpoint.js";
import { matrixShape } from "../../tensor/matrix-shape.js";
import type { CodebookLayout } from "../../terms/codebook.js";
import { readScales, writeScales } from "../../terms/scale-array.js";
import { layoutRows } from "../../terms/term-arrays.js";
import { checkFinite } from "../float-codebooks.js";
import { foreignWeight } from "../foreign-weight.js";
import type { ReadOptions, StoredQuantizedWeight } from "../logical-weight.js";
import { checkPartner, description, partner, wrongTensor } from "../partner-tensors.js";
import { readAll, readBytes } from "../read-bytes.js";
import { groupSizeOf } from "../row-groups.js";
import { groupScales, halvesToRows } from "./flat-blocks.js";
import { type QuantState, readQuantState } from "./quant-state.js";

const LAYOUT = "bitsandbytes";

/**
 * NF4 and FP4: half bytes and one scale for every block of the flattened weight. Where a block ends inside a row, the
 * groups of the term are as long as both allow and repeat scales. The table is that of the file.
 * @param stateTensor "NAME.quant_state.bitsandbytes__nf4"
 */
export function fourBitWeight(
  checkpoint: Checkpoint,
  name: string,
  type: string,
  stateTensor: CheckpointTensor,
): StoredQuantizedWeight {
  const state = readQuantState(stateTensor.name, description(checkpoint, LAYOUT, stateTensor));
  const codes = partner(checkpoint, LAYOUT, name, name);
  const part = (ending: string) => partner(checkpoint, LAYOUT, name, `${name}.${ending}`);
  const [absmax, table] = [part("absmax"), part("quant_map")];
  const elements = state.shape.reduce((product, size) => product * size, 1);
  // The bytes may be stored under another dtype (bnb_4bit_quant_storage).
  if (codes.byteLength !== Math.ceil(elements / 2)) {
    throw wrongTensor(LAYOUT, codes, `${Math.ceil(elements / 2)} bytes, two codes of [${state.shape.join(", ")}] each`);
  }
  const blocks = Math.ceil(elements / state.blockSize);
  checkPartner(LAYOUT, absmax, [state.nested ? "U8" : "F32"], [[blocks]]);
  checkPartner(LAYOUT, table, ["F32"], [[16]]);
  const nested = state.nested && {
    ...state.nested,
    absmax: part("nested_absmax"),
    table: part("nested_quant_map"),
  };
  if (nested) {
    checkPartner(LAYOUT, nested.absmax, ["F32"], [[Math.ceil(blocks / nested.blockSize)]]);
    checkPartner(LAYOUT, nested.table, ["F32"], [[256]]);
  }
  const { rows, columns } = matrixShape(state.shape);
  const groupSize = groupSizeOf(columns, state.blockSize);
  const term: CodebookLayout = {
    kind: "codebook",
    rows,
    columns,
    bits: 4,
    granularity: groupSize === columns ? "row" : "group",
    groupSize,
    codebook: type,
    scaleDtype: "F32",
  };
  return foreignWeight({
    layout: LAYOUT,
    name,
    shape: state.shape,
    dtype: state.dtype,
    tensors: [codes, absmax, table, ...(nested ? [nested.absmax, nested.table] : []), stateTensor],
    term,
    async open(options) {
      const tableArray = await readAll(checkpoint, table, options);
      checkFinite(LAYOUT, table.name, readScales(tableArray, "F32"));
      const scales = await openScales(checkpoint, absmax, nested, options);
      return {
        async rows(begin, end, rowOptions) {
          const firstByte = Math.floor((begin * columns) / 2);
          const lastByte = Math.ceil((end * columns) / 2);
          const halves = await readBytes(checkpoint, codes, firstByte, lastByte, rowOptions);
          return {
            layout: layoutRows(term, end - begin),
            arrays: {
              codes: halvesToRows(halves, firstByte, columns, begin, end),
              scale: await rowScales(scales, state, term, begin, end, rowOptions),
              table: tableArray,
            },
          };
        },
      };
    },
  });
}

/** Scales of blocks `begin` … `end − 1`. */
type ReadScales = (begin: number, end: number, options?: ReadOptions) => Promise<Float32Array>;

async function rowScales(
  read: ReadScales,
  { blockSize }: QuantState,
  { columns, groupSize }: CodebookLayout,
  begin: number,
  end: number,
  options?: ReadOptions,
): Promise<Uint8Array> {
  const firstBlock = Math.floor((begin * columns) / blockSize);
  const blocks = await read(firstBlock, Math.ceil((end * columns) / blockSize), options);
  const firstGroup = (begin * columns) / groupSize;
  const groups = ((end - begin) * columns) / groupSize;
  const stored = new Uint8Array(4 * groups);
  writeScales(groupScales(blocks, firstBlock, blockSize, groupSize, firstGroup, groups), "F32", stored);
  return stored;
}

interface NestedScales {
  readonly blockSize: number;
  readonly offset: number;
  readonly absmax: CheckpointTensor;
  readonly table: CheckpointTensor;
}

/** F32 scales, or f32(f32(table[code] · nestedScale) + offset). */
async function openScales(
  checkpoint: Checkpoint,
  absmax: CheckpointTensor,
  nested: NestedScales | undefined,
  options?: ReadOptions,
): Promise<ReadScales> {
  if (nested === undefined) {
    return async (begin, end, rowOptions) => {
      const scales = readScales(await readBytes(checkpoint, absmax, 4 * begin, 4 * end, rowOptions), "F32");
      checkFinite(LAYOUT, absmax.name, scales);
      return scales;
    };
  }
  const table = readScales(await readAll(checkpoint, nested.table, options), "F32");
  const outer = readScales(await readAll(checkpoint, nested.absmax, options), "F32");
  checkFinite(LAYOUT, nested.table.name, table);
  checkFinite(LAYOUT, nested.absmax.name, outer);
  return async (begin, end, rowOptions) => {
    const codes = await readBytes(checkpoint, absmax, begin, end, rowOptions);
    return Float32Array.from(codes, (code, i) => {
      const scale = outer[Math.floor((begin + i) / nested.blockSize)]!;
      return Math.fround(table[code]! * scale) + nested.offset;
    });
  };
}
