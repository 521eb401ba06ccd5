import type { GgufMetadata } from "./gguf-value.js";
import { splitName } from "./split-name.js";
import { SPLIT_COUNT_KEY, SPLIT_NUMBER_KEY, SPLIT_TENSORS_KEY } from "./split-set.js";
import { type GgufTensorSpec, ggufTensorBytes } from "./write-gguf.js";

/** One file of a model to be written: pass `metadata` and `tensors` to `layOutGguf`. */
export interface PlannedGgufFile<T extends GgufTensorSpec = GgufTensorSpec> {
  readonly name: string;
  readonly metadata: GgufMetadata;
  readonly tensors: readonly T[];
}

/**
 * Fills files in the given order up to `maxBytes` of tensor data (headers not counted, as llama.cpp's gguf-split does).
 * The first has all metadata, the others say only that they are parts. One file keeps the plain name.
 * @param stem name without ending: "model"
 * @param maxBytes 1 or more; Infinity for one file. A tensor that is larger gets a file of its own
 * @throws `gguf/row-length`, `gguf/size-overflow`, `gguf/unknown-type`
 */
export function planGgufSplits<T extends GgufTensorSpec>(
  stem: string,
  metadata: GgufMetadata,
  tensors: readonly T[],
  maxBytes: number,
): readonly PlannedGgufFile<T>[] {
  const groups: T[][] = [[]];
  let filled = 0;
  for (const tensor of tensors) {
    const bytes = ggufTensorBytes(tensor);
    if (filled + bytes > maxBytes && groups.at(-1)!.length > 0) {
      groups.push([]);
      filled = 0;
    }
    groups.at(-1)!.push(tensor);
    filled += bytes;
  }
  const own = withoutSplitKeys(metadata);
  if (groups.length === 1) return [{ name: `${stem}.gguf`, metadata: own, tensors }];
  return groups.map((group, index) => ({
    name: splitName(stem, index + 1, groups.length),
    metadata: new Map([...(index === 0 ? own : []), ...splitKeys(index, groups.length, tensors.length)]),
    tensors: group,
  }));
}

/** What a file that was a part says of its old set. */
function withoutSplitKeys(metadata: GgufMetadata): GgufMetadata {
  const keys = new Set([SPLIT_NUMBER_KEY, SPLIT_COUNT_KEY, SPLIT_TENSORS_KEY]);
  return new Map([...metadata].filter(([key]) => !keys.has(key)));
}

/** Types as llama.cpp demands them. */
function splitKeys(index: number, count: number, tensors: number): GgufMetadata {
  return new Map([
    [SPLIT_NUMBER_KEY, { type: "uint16", value: index }],
    [SPLIT_COUNT_KEY, { type: "uint16", value: count }],
    [SPLIT_TENSORS_KEY, { type: "int32", value: tensors }],
  ]);
}
