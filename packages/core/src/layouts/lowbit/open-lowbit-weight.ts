import { DTYPES } from "../../dtype/dtype-table.js";
import type { Checkpoint, CheckpointTensor } from "../../safetensors/checkpoint.js";
import { checkRowStarts, checkTerm } from "../../terms/check-term.js";
import { checkTransform, type InputTransform, type TransformLayout } from "../../terms/input-transform.js";
import { sliceRowStarts } from "../../terms/sparse.js";
import type { Term, TermArrays, TermLayout } from "../../terms/term.js";
import { layoutRows } from "../../terms/term-arrays.js";
import type { ReadOptions, TermReader } from "../logical-weight.js";
import type { LowbitWeight } from "./lowbit-weight.js";
import { type WeightTensor, weightTensors } from "./weight-tensors.js";

/** An array of the weight and the tensor that holds it. */
interface StoredArray extends WeightTensor {
  readonly tensor: CheckpointTensor;
}
type Arrays = Record<string, Uint8Array>;
type RowReader = (begin: number, end: number, options?: ReadOptions) => Promise<Term>;

/** Reads what all rows share once; rows are read when they are asked for. */
export async function openLowbitWeight(
  checkpoint: Checkpoint,
  weight: LowbitWeight,
  tensors: ReadonlyMap<string, CheckpointTensor>,
  options?: ReadOptions,
): Promise<TermReader> {
  const stored = weightTensors(weight).map((spec): StoredArray => ({ ...spec, tensor: tensors.get(spec.name)! }));
  const arraysOf = (part: WeightTensor["part"], index: number) =>
    stored.filter((array) => array.part === part && array.index === index);
  const transforms = await Promise.all(
    weight.transforms.map((layout, i) => readTransform(checkpoint, layout, arraysOf("transforms", i), options)),
  );
  const readers = await Promise.all(
    weight.terms.map((layout, i) =>
      layout.kind === "sparse"
        ? openSparse(checkpoint, layout, arraysOf("terms", i), options)
        : openTerm(checkpoint, layout, arraysOf("terms", i), options),
    ),
  );
  return {
    transforms,
    rows: (begin, end, rowOptions) => Promise.all(readers.map((read) => read(begin, end, rowOptions))),
  };
}

async function readTransform(
  checkpoint: Checkpoint,
  layout: TransformLayout,
  stored: readonly StoredArray[],
  options?: ReadOptions,
): Promise<InputTransform> {
  const transform = { layout, arrays: await readWhole(checkpoint, stored, options) };
  checkTransform(transform);
  return transform;
}

async function openTerm(
  checkpoint: Checkpoint,
  layout: TermLayout,
  stored: readonly StoredArray[],
  options?: ReadOptions,
): Promise<RowReader> {
  const shared = await readWhole(
    checkpoint,
    stored.filter((array) => !array.perRow),
    options,
  );
  const perRow = stored.filter((array) => array.perRow);
  return async (begin, end, rowOptions) => {
    const arrays: Arrays = { ...shared };
    for (const { array, tensor } of perRow) {
      const rowBytes = tensor.byteLength / layout.rows;
      arrays[array] = await readSpan(checkpoint, tensor, begin * rowBytes, end * rowBytes, rowOptions);
    }
    return checked({ layout: layoutRows(layout, end - begin), arrays: arrays as unknown as TermArrays<TermLayout> });
  };
}

async function openSparse(
  checkpoint: Checkpoint,
  layout: Extract<TermLayout, { readonly kind: "sparse" }>,
  stored: readonly StoredArray[],
  options?: ReadOptions,
): Promise<RowReader> {
  const tensor = (name: string) => stored.find(({ array }) => array === name)!.tensor;
  const whole = await readSpan(checkpoint, tensor("rowStarts"), 0, tensor("rowStarts").byteLength, options);
  checkRowStarts(layout, whole);
  const indexBytes = DTYPES[layout.indexDtype].bits / 8;
  const valueBytes = DTYPES[layout.valueDtype].bits / 8;
  return async (begin, end, rowOptions) => {
    const { first, last, rowStarts } = sliceRowStarts(whole, begin, end);
    const [columnIndices, values] = await Promise.all([
      readSpan(checkpoint, tensor("columnIndices"), first * indexBytes, last * indexBytes, rowOptions),
      readSpan(checkpoint, tensor("values"), first * valueBytes, last * valueBytes, rowOptions),
    ]);
    return checked({
      layout: { ...layout, rows: end - begin, count: last - first },
      arrays: { rowStarts, columnIndices, values },
    });
  };
}

function checked(term: Term): Term {
  checkTerm(term);
  return term;
}

async function readWhole(
  checkpoint: Checkpoint,
  stored: readonly StoredArray[],
  options?: ReadOptions,
): Promise<Arrays> {
  const arrays: Arrays = {};
  for (const { array, tensor } of stored) {
    arrays[array] = await readSpan(checkpoint, tensor, 0, tensor.byteLength, options);
  }
  return arrays;
}

async function readSpan(
  checkpoint: Checkpoint,
  tensor: CheckpointTensor,
  begin: number,
  end: number,
  options?: ReadOptions,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - begin);
  if (bytes.byteLength > 0) await checkpoint.read(tensor, begin, bytes, options);
  return bytes;
}
