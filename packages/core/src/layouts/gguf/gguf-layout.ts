import { blockType } from "../../blocks/block-table.js";
import type { BlockType } from "../../blocks/block-type.js";
import type { Checkpoint, CheckpointTensor } from "../../safetensors/checkpoint.js";
import { matrixShape } from "../../tensor/matrix-shape.js";
import type { CheckpointLayout, StoredQuantizedWeight, TermReader } from "../logical-weight.js";
import { scaledLayout, scaledTerm } from "./scaled-term.js";

/**
 * Tensors in blocks of GGUF. A row is whole blocks, so rows are read as they stand and become one plain term. A tensor
 * `….scale` beside it is a factor of all its weights (NVFP4, BitNet).
 */
export const ggufLayout: CheckpointLayout = {
  name: "gguf",
  recognise(checkpoint) {
    return checkpoint.tensors
      .filter((tensor) => tensor.blockType !== undefined)
      .map((tensor) => storedWeight(checkpoint, tensor));
  },
};

function storedWeight(checkpoint: Checkpoint, tensor: CheckpointTensor): StoredQuantizedWeight {
  const type = blockType(tensor.blockType!);
  const { name, shape, byteLength } = tensor;
  const { rows, columns } = matrixShape(shape);
  const factor = factorOf(checkpoint, tensor);
  const layout = type.layout(rows, columns);
  return {
    kind: "quantized",
    layout: "gguf",
    name,
    shape,
    // The file does not say what the weights were; blocks decode to f32.
    dtype: "F32",
    byteLength: byteLength + (factor?.byteLength ?? 0),
    tensors: factor === undefined ? [tensor] : [tensor, factor],
    terms: [factor === undefined ? layout : scaledLayout(layout)],
    transforms: [],
    async open(options) {
      const reader = blockReader(checkpoint, tensor, type);
      if (factor === undefined) return reader;
      const bytes = new Uint8Array(4);
      await checkpoint.read(factor, 0, bytes, options);
      const value = new DataView(bytes.buffer).getFloat32(0, true);
      return {
        ...reader,
        rows: async (begin, end, readOptions) =>
          (await reader.rows(begin, end, readOptions)).map((term) => scaledTerm(term, value)),
      };
    },
  };
}

function factorOf(checkpoint: Checkpoint, { name }: CheckpointTensor): CheckpointTensor | undefined {
  const factor = name.endsWith(".weight") ? checkpoint.tensor(name.replace(/weight$/, "scale")) : undefined;
  return factor?.dtype === "F32" && factor.byteLength === 4 ? factor : undefined;
}

function blockReader(checkpoint: Checkpoint, tensor: CheckpointTensor, type: BlockType): TermReader {
  const { columns } = matrixShape(tensor.shape);
  const rowBytes = (columns / type.weights) * type.bytes;
  const sharedBytes = type.sharedBytes ?? 0;
  return {
    transforms: [],
    async rows(begin, end, options) {
      const rowsEnd = (end - begin) * rowBytes;
      const bytes = new Uint8Array(rowsEnd + sharedBytes);
      await checkpoint.read(tensor, begin * rowBytes, bytes.subarray(0, rowsEnd), options);
      if (sharedBytes > 0) {
        await checkpoint.read(tensor, tensor.byteLength - sharedBytes, bytes.subarray(rowsEnd), options);
      }
      return [type.unpack(bytes, end - begin, columns)];
    },
  };
}
