import { type LogicalWeight, storageName } from "@lowbit/core/layouts";
import type { GgufConversionTensor, GgufTensorSource } from "@lowbit/core/node";
import type { GgufExportTensor, GgufExportType } from "../../gguf/gguf-export.js";
import { sourceRows } from "../../gguf/row-order.js";

/** What a tensor becomes, known before anything is written. */
export interface PlannedGgufTensor extends GgufConversionTensor {
  readonly from: string;
  readonly outcome: "kept" | "exact" | "rounded" | "requantized";
  readonly rounded?: string;
  /** The recipe's type, whose blocks do not fill the rows. */
  readonly instead?: GgufExportType;
}

/** Where the values of a streamed tensor are read. */
type StreamedFrom = Extract<GgufTensorSource, { kind: "encode" }>["from"];

/** The tensor of the input with its bytes. */
export function keptTensor(tensor: GgufExportTensor, weight: LogicalWeight): PlannedGgufTensor {
  const [stored] = weight.tensors;
  const type = (stored!.blockType ?? weight.dtype) as GgufExportType;
  return {
    name: tensor.name,
    shape: tensor.shape,
    type,
    inputBytes: weight.byteLength,
    from: storageName(weight),
    outcome: "kept",
    source: { kind: "copy", tensor: stored! },
  };
}

/** Factors of a whole tensor (NVFP4) stay beside blocks that stay. */
export function keptFactors({ source }: GgufExportTensor): PlannedGgufTensor[] {
  if (source.kind !== "weight" || source.weight.tensors[0]!.blockType === undefined) return [];
  return source.weight.tensors.slice(1).map((tensor) => ({
    name: tensor.name,
    shape: tensor.shape,
    type: "F32",
    inputBytes: tensor.byteLength,
    from: "F32",
    outcome: "kept",
    source: { kind: "copy", tensor },
  }));
}

/** Encoded by blocks of rows, in the chunk pipeline. */
export function streamedTensor(
  tensor: GgufExportTensor,
  weight: LogicalWeight,
  type: GgufExportType,
  outcome: PlannedGgufTensor["outcome"],
  from: StreamedFrom,
  importance: Float32Array | undefined,
): PlannedGgufTensor {
  const { order } = tensor.source as Extract<GgufExportTensor["source"], { kind: "weight" }>;
  return {
    name: tensor.name,
    shape: tensor.shape,
    type,
    inputBytes: weight.byteLength,
    from: storageName(weight),
    outcome,
    ...roundedValues(weight, type, outcome),
    source: {
      kind: "encode",
      from,
      ...(order !== undefined && { rowOrder: sourceRows(order, tensor.shape[0]!) }),
      ...(importance !== undefined && { importance }),
    },
  };
}

/** Made as a whole. */
export function wholeTensor(
  { name, shape, source }: GgufExportTensor,
  from: string,
  type: GgufExportType,
  outcome: PlannedGgufTensor["outcome"],
  make: () => Promise<Uint8Array>,
): PlannedGgufTensor {
  const inputBytes = source.kind === "weight" ? source.weight.byteLength : source.values.byteLength;
  return { name, shape, type, inputBytes, from, outcome, source: { kind: "bytes", make } };
}

/** What is rounded where values become another type. */
export function roundedValues(
  weight: LogicalWeight,
  type: GgufExportType,
  outcome: PlannedGgufTensor["outcome"],
): Pick<PlannedGgufTensor, "rounded"> {
  return outcome === "rounded" ? { rounded: `${storageName(weight)} values to ${type}` } : {};
}
