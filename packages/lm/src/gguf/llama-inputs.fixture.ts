import type { KernelBackend } from "@lowbit/core/backend";
import { llamaRounding } from "@lowbit/llama-oracle";
import { ComputeOps } from "../forward/compute-ops.js";
import { logitsBy } from "../forward/sequence-logits.fixture.js";
import type { Tensor } from "../forward/tensor.js";
import type { LanguageModel } from "../model/language-model.js";
import type { LinearLayer } from "../model/layers.js";
import type { GgufExportType } from "./gguf-export.js";

/** The type that a layer's weight has in the GGUF file. */
export type TypeOfLayer = (layer: LinearLayer) => GgufExportType;

class LlamaOps extends ComputeOps {
  readonly #typeOf: TypeOfLayer;

  constructor(backend: KernelBackend, typeOf: TypeOfLayer) {
    super(backend);
    this.#typeOf = typeOf;
  }

  override linear(layer: LinearLayer, x: Tensor): Tensor {
    return this.scope(() => {
      const rounded = this.make(x.rows, x.columns);
      rounded.values.set(x.values);
      llamaRounding(this.#typeOf(layer))(rounded.values);
      return super.linear(layer, rounded);
    });
  }
}

/** Logits [ids, vocabulary] of one sequence, inputs of matrices rounded as llama.cpp does for their types. */
export function llamaLikeLogits(
  model: LanguageModel,
  backend: KernelBackend,
  ids: readonly number[],
  typeOf: TypeOfLayer,
): Float32Array {
  return logitsBy(new LlamaOps(backend, typeOf), model, ids);
}
