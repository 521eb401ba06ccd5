import type { StoredQuantizedWeight } from "../layouts/logical-weight.js";
import { LOWBIT_METADATA_KEY, type LowbitWeight } from "../layouts/lowbit/lowbit-weight.js";
import { arrayTensorName, weightTensors } from "../layouts/lowbit/weight-tensors.js";
import { writeLowbitSchema } from "../layouts/lowbit/write-lowbit-schema.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";
import { termArrays } from "../terms/term-arrays.js";
import type { ChunkTask, PlacedTerm, QuantizeTask } from "./chunk-task.js";
import { layOutOutput, type OutputFiles, type OutputSplit, type OutputUnit } from "./output-files.js";
import type { PlannedTensor, QuantizationPlan } from "./plan.js";

export interface QuantizationOutput extends OutputFiles {
  /** One task per planned tensor, in the order of the plan. */
  readonly tasks: readonly ChunkTask[];
}

/**
 * Lays out the output files of a plan and turns it into tasks.
 * @param stored quantized weights that the input holds already; they and their schema stay
 * @throws `layouts/name-collision`, and what the safetensors writer refuses
 */
export function layOutQuantization(
  plan: QuantizationPlan,
  checkpoint: Pick<Checkpoint, "metadata">,
  stored: readonly StoredQuantizedWeight[],
  split: OutputSplit,
  lowbitVersion: string,
): QuantizationOutput {
  const output = layOutWeights(plan, checkpoint, stored, split, (planned) => plannedWeight(planned, lowbitVersion));
  return { ...output, tasks: plan.tensors.map((planned) => task(planned, output)) };
}

/**
 * Lays out the output files of a plan.
 * @param stored as above
 * @param weightOf what a tensor becomes that is to be quantized
 * @throws as above
 */
export function layOutWeights(
  plan: QuantizationPlan,
  checkpoint: Pick<Checkpoint, "metadata">,
  stored: readonly StoredQuantizedWeight[],
  split: OutputSplit,
  weightOf: (planned: PlannedTensor) => LowbitWeight,
): OutputFiles {
  const weights = new Map<string, LowbitWeight>();
  const partOf = new Map(stored.flatMap((weight) => weight.tensors.map(({ name }) => [name, weight] as const)));
  const units: OutputUnit[] = [];
  const listed = new Set<StoredQuantizedWeight>();
  for (const planned of plan.tensors) {
    const { name, shard } = planned.tensor;
    const owner = partOf.get(name);
    if (planned.quantization) {
      const weight = weightOf(planned);
      weights.set(name, weight);
      units.push({ name, shard, tensors: weightTensors(weight) });
    } else if (owner === undefined) {
      units.push({ name, shard, tensors: [planned.tensor] });
    } else if (!listed.has(owner)) {
      listed.add(owner);
      const { name, shape, dtype, terms, transforms } = owner;
      // Weights in the layout of another tool stay as they are, and need no entry in the schema of ours.
      if (owner.provenance !== undefined) {
        weights.set(name, { name, shape, dtype, terms, transforms, provenance: owner.provenance });
      }
      units.push({ name, shard, tensors: owner.tensors });
    }
  }
  const plainNames = units.filter(({ name }) => !weights.has(name)).map(({ name }) => name);
  writeLowbitSchema([...weights.values()], plainNames); // names must be unique over all files
  return layOutOutput(units, split, (inFile) => ({
    ...inputMetadata(checkpoint, inFile),
    ...writeLowbitSchema(inFile.flatMap(({ name }) => weights.get(name) ?? [])).metadata,
  }));
}

function task(planned: PlannedTensor, { places }: OutputFiles): ChunkTask {
  const { tensor, quantization } = planned;
  if (quantization === undefined) return { kind: "copy", tensor, place: places.get(tensor.name)! };
  const { shape, method, options } = quantization;
  const terms = quantization.terms.map(
    (layout, index): PlacedTerm => ({
      layout,
      arrays: termArrays(layout).map((spec) => ({
        spec,
        place: places.get(arrayTensorName(tensor.name, "terms", index, spec.name))!,
      })),
    }),
  );
  return { kind: "quantize", tensor, shape, method, options, terms } satisfies QuantizeTask;
}

/** The schema entry of a tensor that becomes what the plan says. */
export function plannedWeight({ tensor, quantization }: PlannedTensor, lowbitVersion: string): LowbitWeight {
  const { name, shape, dtype } = tensor;
  const { method, options, terms, transforms } = quantization!;
  const provenance = { method, options: options as LowbitWeight["provenance"]["options"], lowbitVersion };
  return { name, shape, dtype, terms, transforms, provenance };
}

/** What other programs left in the metadata of the files that these units come from; the first file wins. */
function inputMetadata(
  { metadata }: Pick<Checkpoint, "metadata">,
  units: readonly OutputUnit[],
): Record<string, string> {
  const shards = new Set(units.map(({ shard }) => shard));
  const merged = Object.assign({}, ...[...shards].toReversed().map((shard) => metadata.get(shard) ?? {})) as Record<
    string,
    string
  >;
  const { [LOWBIT_METADATA_KEY]: _, ...others } = merged;
  return others;
}
