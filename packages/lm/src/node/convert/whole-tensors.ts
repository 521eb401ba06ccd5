import { type BlockTypeName, blockType } from "@lowbit/core/blocks";
import { ggufTensorBytes } from "@lowbit/core/gguf";
import type { LogicalWeight, WholeWeight } from "@lowbit/core/layouts";
import { type ErrorSums, weightErrors } from "@lowbit/core/pipeline";
import { decodeTerms } from "@lowbit/core/terms";
import { openExportRows } from "../../gguf/export-rows.js";
import type { GgufExportTensor, GgufExportType } from "../../gguf/gguf-export.js";
import { placeRows } from "../../gguf/place-rows.js";
import { decodeValues, encodeValues, type GgufEncoding, type ValueRows } from "./gguf-values.js";

export interface WholeTensorOptions extends GgufEncoding {
  readonly measuresErrors: boolean;
}

/** Makes the bytes of tensors that do not go through the chunk pipeline: the ones that are packed or transposed. */
export class WholeTensors {
  /** By tensor; filled while tensors are made. */
  readonly errors: Map<string, ErrorSums> = new Map();
  readonly #options: WholeTensorOptions;

  constructor(options: WholeTensorOptions) {
    this.#options = options;
  }

  /** The bytes of a tensor whose values are encoded. */
  async encode(tensor: GgufExportTensor, type: GgufExportType): Promise<Uint8Array> {
    const { backend, checkpoint } = this.#options;
    const opened = await openExportRows(tensor, checkpoint, backend);
    const { rows, columns } = opened;
    const values = new Float32Array(rows * columns);
    await opened.read(0, rows, values);
    const block = { values, rows, columns };
    const bytes = new Uint8Array(ggufTensorBytes({ ...tensor, type }));
    encodeValues(tensor, block, type, bytes, this.#options);
    if (this.#options.measuresErrors) this.#measure(tensor, block, type, bytes);
    return inFileOrder(tensor, bytes, rows);
  }

  /** The bytes of a weight that a block type holds. */
  async pack(tensor: GgufExportTensor, weight: LogicalWeight, type: BlockTypeName): Promise<Uint8Array> {
    const { backend, measuresErrors } = this.#options;
    const whole = (await this.terms(tensor, weight))!;
    const result = blockType(type).pack!(whole.terms) as { readonly blocks: Uint8Array; readonly rounded?: string };
    const [rows, columns] = [tensor.shape[0]!, tensor.shape.at(-1)!];
    if (measuresErrors && result.rounded !== undefined) {
      const values = new Float32Array(rows * columns);
      decodeTerms(whole.terms, values, backend);
      this.#measure(tensor, { values, rows, columns }, type, result.blocks);
    }
    return inFileOrder(tensor, result.blocks, rows);
  }

  /** The terms of a tensor; undefined where they are of a transposed weight. */
  async terms(tensor: GgufExportTensor, weight: LogicalWeight): Promise<WholeWeight | undefined> {
    const { backend, checkpoint } = this.#options;
    const { stored, rows } = await openExportRows(tensor, checkpoint, backend);
    if (stored === undefined) return undefined;
    const { name, shape, dtype } = weight;
    return { name, shape, dtype, terms: await stored.terms(0, rows), transforms: stored.transforms };
  }

  #measure({ name }: GgufExportTensor, block: ValueRows, type: GgufExportType, bytes: Uint8Array): void {
    const { backend } = this.#options;
    this.errors.set(name, weightErrors(block, decodeValues(type, bytes, block, backend), backend));
  }
}

/** Bytes of rows in the weight's own order as they stand in the file. */
function inFileOrder({ source }: GgufExportTensor, bytes: Uint8Array, rows: number): Uint8Array {
  if (source.kind === "values" || source.order === undefined) return bytes;
  const rowBytes = bytes.byteLength / rows;
  const result = new Uint8Array(bytes.byteLength);
  for (const run of placeRows(source.order, 0, rowBytes, bytes)) result.set(run.bytes, run.row * rowBytes);
  return result;
}
