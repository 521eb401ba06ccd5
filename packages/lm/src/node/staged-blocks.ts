import { type LowbitWeight, recogniseWeights, type StoredQuantizedWeight } from "@lowbit/core/layouts";
import { lowbitVersion, type StagedOutput, type StagedWeight } from "@lowbit/core/node";
import type { ErrorSums, JournalEntry, PlannedTensor } from "@lowbit/core/pipeline";
import type { QuantizedLayer } from "@lowbit/core/quantizers";
import { replaceLayers } from "../calibration/replace-layers.js";
import type { ModelSource } from "../model/language-model.js";
import { type Block, blockLinears } from "../model/layers.js";
import { runnableLayer } from "../quantize/quantize-blocks.js";
import type { LayerFigures } from "../quantize/quantize-weight.js";

/** Figures of a weight as the journal keeps them. */
export interface RecordedWeight {
  readonly tensor: string;
  readonly errors: ErrorSums;
  readonly outputError?: number;
  readonly seconds: number;
}

/** Stage of a block: "block-00003". */
export function blockStage(index: number): string {
  return `block-${String(index).padStart(5, "0")}`;
}

/** Stage of quantized weights outside the blocks. */
export const OTHERS_STAGE = "others";

export function stagedWeight(
  { tensor: { name, shape, dtype }, quantization }: PlannedTensor,
  { terms, inputTransforms }: QuantizedLayer,
): StagedWeight {
  const { method, options } = quantization!;
  const provenance = {
    method,
    options: options as LowbitWeight["provenance"]["options"],
    lowbitVersion: lowbitVersion(),
  };
  const weight = {
    name,
    shape,
    dtype,
    terms: terms.map(({ layout }) => layout),
    transforms: inputTransforms.map(({ layout }) => layout),
    provenance,
  };
  return { weight, terms, transforms: inputTransforms };
}

export function recordedWeight(tensor: string, { errors, outputError, seconds }: LayerFigures): RecordedWeight {
  return { tensor, errors, ...(outputError !== undefined && { outputError }), seconds };
}

export function recordsOf({ record }: JournalEntry): readonly RecordedWeight[] {
  return record as readonly RecordedWeight[];
}

/** The block with the layers of its stage. */
export async function loadStagedBlock(original: Block, output: StagedOutput, source: ModelSource): Promise<Block> {
  const checkpoint = await output.open(blockStage(original.index));
  try {
    const weights = new Map(recogniseWeights(checkpoint).map((weight) => [weight.name, weight]));
    const replacements = [];
    for (const layer of blockLinears(original)) {
      const weight = weights.get(source.tensorName(layer.name)) as StoredQuantizedWeight | undefined;
      if (weight === undefined) continue;
      const reader = await weight.open();
      const terms = await reader.rows(0, layer.rows);
      replacements.push(runnableLayer({ ...layer, terms, inputTransforms: reader.transforms }));
    }
    return replaceLayers(original, replacements);
  } finally {
    await checkpoint.close();
  }
}
