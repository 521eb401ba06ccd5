import { ggufTensorBytes } from "@lowbit/core/gguf";
import {
  EXPLAINED_WEIGHTS,
  fittingLayouts,
  type LogicalWeight,
  type RefusedWeight,
  type WholeWeight,
} from "@lowbit/core/layouts";
import { relativeError, weightErrors } from "@lowbit/core/pipeline";
import { elementCount } from "@lowbit/core/tensor";
import { decodeTerms } from "@lowbit/core/terms";
import { openExportRows } from "../../gguf/export-rows.js";
import type { GgufExportTensor, GgufExportType } from "../../gguf/gguf-export.js";
import { decodeValues, encodeValues, type GgufEncoding } from "./gguf-values.js";

/** Weights of a plain matrix that tell what requantizing costs. */
const MEASURED_WEIGHTS = 2 ** 22;

/** Weights that a GGUF file cannot hold as they are; the first ones with the error that requantizing would add. */
export class GgufRefusals {
  readonly weights: RefusedWeight[] = [];
  readonly #encoding: GgufEncoding;

  constructor(encoding: GgufEncoding) {
    this.#encoding = encoding;
  }

  async addPlain(tensor: GgufExportTensor, weight: LogicalWeight, type: GgufExportType): Promise<void> {
    const reason = `it is plain ${weight.dtype}`;
    if (this.weights.length >= EXPLAINED_WEIGHTS) {
      this.weights.push({ name: tensor.name, reason });
      return;
    }
    const { backend, checkpoint } = this.#encoding;
    const opened = await openExportRows(tensor, checkpoint, backend);
    const rows = Math.min(opened.rows, Math.ceil(MEASURED_WEIGHTS / opened.columns));
    const values = new Float32Array(rows * opened.columns);
    await opened.read(0, rows, values);
    this.weights.push({ name: tensor.name, reason, relativeError: this.#cost(tensor, values, opened.columns, type) });
  }

  addQuantized(
    tensor: GgufExportTensor,
    reason: string,
    whole: WholeWeight | undefined,
    type: GgufExportType | undefined,
  ): void {
    const { name } = tensor;
    if (whole === undefined || this.weights.length >= EXPLAINED_WEIGHTS) {
      this.weights.push({ name, reason });
      return;
    }
    const fitting = fittingLayouts(whole);
    const values = new Float32Array(elementCount(whole.shape));
    decodeTerms(whole.terms, values, this.#encoding.backend);
    const cost = type === undefined ? {} : { relativeError: this.#cost(tensor, values, tensor.shape.at(-1)!, type) };
    this.weights.push({ name, reason, fitting, ...cost });
  }

  /** Relative error of values after encoding. */
  #cost(tensor: GgufExportTensor, values: Float32Array, columns: number, type: GgufExportType): number {
    const { backend } = this.#encoding;
    const block = { values, rows: values.length / columns, columns };
    const bytes = new Uint8Array(ggufTensorBytes({ name: tensor.name, shape: [block.rows, columns], type }));
    encodeValues(tensor, block, type, bytes, this.#encoding);
    return relativeError(weightErrors(block, decodeValues(type, bytes, block, backend), backend));
  }
}
