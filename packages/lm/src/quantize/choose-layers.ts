import { LowbitError } from "@lowbit/core/errors";
import { type PlannedTensor, planTotals, type QuantizationPlan } from "@lowbit/core/pipeline";
import { type MethodTable, STATISTIC_KINDS, type StatisticKind } from "@lowbit/core/quantizers";
import { storedByteLength, type TransformLayout } from "@lowbit/core/terms";
import type { ModelSource } from "../model/language-model.js";
import type { LayerTransforms } from "../transform/layer-transforms.js";
import type { LayerChoice } from "./layer-choice.js";
import { refuseTransposed } from "./transposed-layer.js";

/** Statistics that `transformLayer` knows of rotated inputs. */
const ROTATABLE: readonly StatisticKind[] = ["hessian", "mean-square"];

/** What happens to the layers of one block. */
export interface BlockChoices {
  readonly index: number;
  /** How many linear layers it has, kept ones included. */
  readonly layerCount: number;
  /** By name of the weight as layers have it; layers that are kept are not in it. */
  readonly choices: ReadonlyMap<string, PlannedLayer>;
}

export interface PlannedLayer extends LayerChoice {
  readonly planned: PlannedTensor;
}

export interface ModelChoices {
  /** The plan, with the transforms that layers get before those of their methods. */
  readonly plan: QuantizationPlan;
  readonly blocks: readonly BlockChoices[];
  /** Weights outside the blocks that a rule wants quantized: an embedding, the head. */
  readonly others: readonly PlannedLayer[];
  readonly layerTransforms?: LayerTransforms;
}

/**
 * Meets a plan of tensors with the layers of a model.
 * @throws `quantize/transposed-layer`, `quantize/outside-blocks`, `quantize/statistic-transform`
 */
export function chooseLayers(
  source: ModelSource,
  plan: QuantizationPlan,
  methods: MethodTable,
  layerTransforms?: LayerTransforms,
): ModelChoices {
  const open = new Map(
    plan.tensors.flatMap((planned) => (planned.quantization ? [[planned.tensor.name, planned] as const] : [])),
  );
  const inBlocks = new Map<string, PlannedTensor>();
  const blocks = Array.from({ length: source.config.blockCount }, (_, index): BlockChoices => {
    const { groups } = source.describeBlock(index);
    const choices = new Map<string, PlannedLayer>();
    groups.forEach((layers, group) => {
      for (const layer of layers) {
        const tensor = source.tensorName(layer.name);
        const found = open.get(tensor);
        if (found === undefined) continue;
        open.delete(tensor);
        const before = layerTransforms?.layouts(layer, group) ?? [];
        const planned = withTransforms(found, before);
        const choice = chosen(planned, methods);
        refuseRotated(tensor, choice, before);
        if (layer.isTransposed) refuseTransposed(tensor, { method: choice.method, transforms: before });
        inBlocks.set(tensor, planned);
        choices.set(layer.name, choice);
      }
    });
    return { index, layerCount: groups.flat().length, choices };
  });
  const others = [...open.values()].map((planned) => chosen(planned, methods));
  for (const { planned, method, options } of others) {
    const [kind] = "quantizeLayer" in method ? method.needs(options) : [];
    if (kind !== undefined) throw outsideBlocks(planned.tensor.name, method.name, kind);
  }
  const tensors = plan.tensors.map((planned) => inBlocks.get(planned.tensor.name) ?? planned);
  return {
    plan: { tensors, totals: planTotals(tensors) },
    blocks,
    others,
    ...(layerTransforms !== undefined && { layerTransforms }),
  };
}

/** Statistics that the choices need, in the order of STATISTIC_KINDS. */
export function neededStatistics({ blocks, layerTransforms }: ModelChoices): readonly StatisticKind[] {
  const all = blocks.flatMap(({ choices }) => [...choices.values()]);
  const needs = new Set(all.flatMap(({ method, options }) => ("quantizeLayer" in method ? method.needs(options) : [])));
  if (all.length > 0) for (const kind of layerTransforms?.needs ?? []) needs.add(kind);
  // Mean squares of rotated inputs are read off their Hessian: see `transformLayer`.
  const isRotated = all.some(({ planned }) => planned.quantization!.transforms.some(({ kind }) => kind === "hadamard"));
  if (isRotated && needs.has("mean-square")) needs.add("hessian");
  return STATISTIC_KINDS.filter((kind) => needs.has(kind));
}

function chosen(planned: PlannedTensor, methods: MethodTable): PlannedLayer {
  const { method, options } = planned.quantization!;
  return { planned, method: methods[method]!, options };
}

/** Here, and not only where the statistic of the first such layer is to be carried over. */
function refuseRotated(weight: string, { method, options }: LayerChoice, before: readonly TransformLayout[]): void {
  if (!("quantizeLayer" in method) || before.every(({ kind }) => kind !== "hadamard")) return;
  const kind = method.needs(options).find((needed) => !ROTATABLE.includes(needed));
  if (kind === undefined) return;
  throw new LowbitError(
    "quantize/statistic-transform",
    `${weight}: method "${method.name}" reads the statistic "${kind}", which cannot be carried over to rotated inputs; ${ROTATABLE.join(", ")} can.`,
    { weight, method: method.name, statistic: kind, allowed: ROTATABLE },
  );
}

function withTransforms(planned: PlannedTensor, layouts: readonly TransformLayout[]): PlannedTensor {
  if (layouts.length === 0) return planned;
  const quantization = planned.quantization!;
  const transforms = [...layouts, ...quantization.transforms];
  const outputBytes = storedByteLength(quantization.terms, transforms);
  const storedBitsPerWeight = (outputBytes * 8) / planned.weights;
  return { ...planned, outputBytes, quantization: { ...quantization, transforms, storedBitsPerWeight } };
}

function outsideBlocks(weight: string, method: string, kind: StatisticKind): LowbitError {
  return new LowbitError(
    "quantize/outside-blocks",
    `${weight} is no layer of a block; method "${method}" needs its ${kind}, which is collected of blocks only.`,
    { weight, method, needs: kind },
  );
}
