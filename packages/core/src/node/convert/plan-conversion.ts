import { isFloatDtype } from "../../dtype/dtype-table.js";
import { LowbitError } from "../../errors/index.js";
import { fittingLayouts } from "../../layouts/fitting-layouts.js";
import type { LayoutWriter, PackedWeight } from "../../layouts/layout-writer.js";
import type { LogicalWeight, StoredQuantizedWeight } from "../../layouts/logical-weight.js";
import type { LowbitWeight } from "../../layouts/lowbit/lowbit-weight.js";
import { weightTensors } from "../../layouts/lowbit/weight-tensors.js";
import { recogniseWeights } from "../../layouts/recognise.js";
import { EXPLAINED_WEIGHTS, type RefusedWeight } from "../../layouts/refused-weights.js";
import { storageName } from "../../layouts/storage-name.js";
import { refuseUnreadMethod } from "../../layouts/unread-method.js";
import { throwIfAborted } from "../../pipeline/abort.js";
import { relativeError } from "../../pipeline/error-sums.js";
import { defaultKeepReason, impossibleReason } from "../../pipeline/keep-reason.js";
import { weightErrors } from "../../pipeline/weight-errors.js";
import { matrixShape } from "../../tensor/matrix-shape.js";
import type { RowBlock } from "../../tensor/row-block.js";
import { lowbitVersion } from "../lowbit-version.js";
import type { CheckpointConversion } from "./checkpoint-conversion.js";
import type { PlannedWeight } from "./planned-weight.js";
import { decodeWhole, readValues, readWholeWeight } from "./whole-weight.js";

export interface PlannedConversion {
  readonly weights: readonly PlannedWeight[];
  /** Weights that need requantizing, which was not allowed. */
  readonly refused: readonly RefusedWeight[];
}

/**
 * Decides what every weight becomes. Quantized weights are packed once, so that it is known before anything is written
 * whether they fit.
 * @throws `model/quantization-method`, `convert/does-not-fit`, and what reading throws
 */
export async function planConversion(conversion: CheckpointConversion): Promise<PlannedConversion> {
  const { input, checkpoint, signal } = conversion;
  const all = recogniseWeights(checkpoint);
  refuseUnreadMethod(input, checkpoint, all);
  const isQuantized = all.some(({ kind }) => kind === "quantized");
  const weights: PlannedWeight[] = [];
  const refused: RefusedWeight[] = [];
  for (const weight of all) {
    throwIfAborted(signal);
    const planned = await planWeight(weight, conversion, isQuantized, refused.length < EXPLAINED_WEIGHTS);
    if ("reason" in planned) {
      refused.push(planned);
      weights.push(kept(weight));
    } else weights.push(planned);
  }
  return { weights, refused };
}

async function planWeight(
  weight: LogicalWeight,
  conversion: CheckpointConversion,
  isQuantized: boolean,
  explains: boolean,
): Promise<PlannedWeight | RefusedWeight> {
  const { target, keeps, transposes } = conversion;
  if (keeps?.(weight.name) === true) return kept(weight);
  if (target.kind === "plain") return planPlain(weight, target.dtype, transposes?.(weight.name) ?? false);
  if (weight.kind === "quantized") {
    return target.kind === "lowbit"
      ? planRestated(weight)
      : planPacked(weight, target.writer, target.type, conversion, explains);
  }
  if (target.kind === "lowbit" || isQuantized || !isQuantizable(weight)) return kept(weight);
  return planFloats(weight, target.writer, target.type, conversion, explains);
}

function kept(weight: LogicalWeight): PlannedWeight {
  return {
    weight,
    tensors: weight.tensors.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
    action: { kind: "keep" },
  };
}

function planPlain(
  weight: LogicalWeight,
  wanted: "F16" | "BF16" | "F32" | undefined,
  isTransposed: boolean,
): PlannedWeight {
  const isPlain = weight.kind === "plain";
  if (isPlain && !isTransposed && (wanted === undefined || wanted === weight.dtype || !isFloatDtype(weight.dtype))) {
    return kept(weight);
  }
  const dtype = wanted ?? (isFloatDtype(weight.dtype) ? weight.dtype : "F32");
  const { name, shape } = weight;
  const stored = isTransposed ? shape.toReversed() : shape;
  return { weight, tensors: [{ name, dtype, shape: stored }], action: { kind: "decode", dtype, isTransposed } };
}

function planRestated(weight: StoredQuantizedWeight): PlannedWeight {
  const { name, shape, dtype, terms, transforms } = weight;
  const origin = { method: "convert", options: { from: storageName(weight) }, lowbitVersion: lowbitVersion() };
  const restated: LowbitWeight = { name, shape, dtype, terms, transforms, provenance: weight.provenance ?? origin };
  return { weight, tensors: weightTensors(restated), action: { kind: "restate", weight: restated } };
}

async function planPacked(
  weight: StoredQuantizedWeight,
  writer: LayoutWriter,
  type: string | undefined,
  conversion: CheckpointConversion,
  explains: boolean,
): Promise<PlannedWeight | RefusedWeight> {
  const whole = await readWholeWeight(weight);
  const packed = writer.pack(whole, type);
  if (!("reason" in packed)) return planned(weight, packed, { kind: "pack", packed: withoutBytes(packed), type });
  const values = () => decodeWhole(whole, conversion.backend);
  const requantizing = type ?? writer.types[0]!;
  if (conversion.allowRequantize) return planRequantized(weight, values(), writer, requantizing, conversion);
  const { name } = weight;
  if (!explains) return { name, reason: packed.reason };
  return {
    name,
    reason: packed.reason,
    relativeError: cost(values(), writer, requantizing, conversion),
    fitting: fittingLayouts(whole),
  };
}

/** A plain matrix: only with requantizing. */
async function planFloats(
  weight: LogicalWeight,
  writer: LayoutWriter,
  type: string | undefined,
  conversion: CheckpointConversion,
  explains: boolean,
): Promise<PlannedWeight | RefusedWeight> {
  const { checkpoint, backend, allowRequantize } = conversion;
  const requantizing = type ?? writer.types[0]!;
  const reason = `it is plain ${weight.dtype}`;
  if (!allowRequantize && !explains) return { name: weight.name, reason };
  const { rows, columns } = matrixShape(weight.shape);
  const measured = allowRequantize ? rows : Math.min(rows, Math.max(1, Math.ceil(MEASURED_WEIGHTS / columns)));
  const block = await readValues(checkpoint, weight, backend, measured);
  if (allowRequantize) return planRequantized(weight, block, writer, requantizing, conversion);
  return { name: weight.name, reason, relativeError: cost(block, writer, requantizing, conversion) };
}

/** Weights of a plain matrix that tell what requantizing costs. */
const MEASURED_WEIGHTS = 2 ** 22;

function planRequantized(
  weight: LogicalWeight,
  block: RowBlock,
  writer: LayoutWriter,
  type: string,
  { backend, targetName }: CheckpointConversion,
): PlannedWeight {
  const packed = packRequantized(weight, block, writer, type, backend, targetName);
  return planned(weight, packed, { kind: "requantize", packed: withoutBytes(packed), type });
}

/** @throws `convert/does-not-fit` for a shape that the layout cannot hold at all */
export function packRequantized(
  { name, shape, dtype }: LogicalWeight,
  block: RowBlock,
  writer: LayoutWriter,
  type: string,
  backend: CheckpointConversion["backend"],
  targetName: string,
): PackedWeight {
  const terms = writer.requantize(block, type, backend);
  const packed = writer.pack({ name, shape, dtype, terms, transforms: [] }, type);
  if (!("reason" in packed)) return packed;
  throw new LowbitError("convert/does-not-fit", `${targetName} cannot hold ${name}: ${packed.reason}.`, {
    target: targetName,
    weight: name,
    reason: packed.reason,
  });
}

function cost(block: RowBlock, writer: LayoutWriter, type: string, { backend }: CheckpointConversion): number {
  const { values, rows, columns } = block;
  const terms = writer.requantize(block, type, backend);
  const approximation = decodeWhole({ name: "", shape: [rows, columns], dtype: "F32", terms, transforms: [] }, backend);
  return relativeError(weightErrors({ values, rows, columns }, approximation.values, backend));
}

function planned(weight: LogicalWeight, packed: PackedWeight, action: PlannedWeight["action"]): PlannedWeight {
  return { weight, tensors: packed.tensors.map(({ name, dtype, shape }) => ({ name, dtype, shape })), action };
}

const NO_BYTES = new Uint8Array();

function withoutBytes({ tensors, facts, rounded }: PackedWeight): PackedWeight {
  return {
    tensors: tensors.map(({ name, dtype, shape }) => ({ name, dtype, shape, data: NO_BYTES })),
    facts,
    ...(rounded !== undefined && { rounded }),
  };
}

function isQuantizable(weight: LogicalWeight): boolean {
  const tensor = weight.tensors[0]!;
  return impossibleReason(tensor, new Set()) === undefined && defaultKeepReason(tensor) === undefined;
}
