import { alignUp } from "../bytes/checked-integers.js";
import { LowbitError } from "../errors/index.js";
import { fillFile } from "../safetensors/fill-file.js";
import { quoteName } from "../safetensors/header-problem.js";
import { ByteWriter } from "./byte-writer.js";
import { storedBytes } from "./decide-type.js";
import { encodeMetadata } from "./encode-metadata.js";
import { ALIGNMENT_KEY, DEFAULT_ALIGNMENT, GGUF_MAGIC } from "./gguf-header.js";
import { type GgufTypeName, ggufType } from "./gguf-types.js";
import type { GgufMetadata, GgufValue } from "./gguf-value.js";
import { MAX_AXES, MAX_NAME_BYTES } from "./parse-tensor-infos.js";

/** A tensor to be written, without its bytes. */
export interface GgufTensorSpec {
  readonly name: string;
  /** Outermost axis first. */
  readonly shape: readonly number[];
  readonly type: GgufTypeName;
}

/** Where a tensor goes. */
export interface PlacedGgufTensor extends GgufTensorSpec {
  /** Position of its first byte in the file. */
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** A file laid out before any data exist: write `head` at 0 and each tensor at its place, in any order, zeros between. */
export interface GgufFileLayout {
  /** Everything before the data, padded to the alignment. */
  readonly head: Uint8Array;
  /** In file order. */
  readonly tensors: readonly PlacedGgufTensor[];
  /** Size of the complete file in bytes. */
  readonly byteLength: number;
}

export interface LayOutGgufOptions {
  /** A power of two from 8 to 2^20. Default: `general.alignment` of the metadata, else 32. */
  readonly alignment?: number;
}

const VERSION = 3;

/**
 * Lays out a file of version 3: metadata in the order of the map, tensors in the given order. Same input, same bytes.
 * @throws `gguf/write-name`, `gguf/write-value`, `gguf/name-length`, `gguf/duplicate-tensor`, `gguf/axes`,
 * `gguf/axis-size`, `gguf/row-length`, `gguf/size-overflow`, `gguf/unknown-type`, `gguf/alignment`
 */
export function layOutGguf(
  metadata: GgufMetadata,
  specs: readonly GgufTensorSpec[],
  options: LayOutGgufOptions = {},
): GgufFileLayout {
  const alignment = checkAlignment(options.alignment ?? statedAlignment(metadata.get(ALIGNMENT_KEY)));
  const written = withAlignment(metadata, alignment);
  const writer = new ByteWriter();
  for (const letter of GGUF_MAGIC) writer.integer(BigInt(letter.charCodeAt(0)), 1);
  writer.uint32(VERSION);
  writer.uint64(specs.length);
  writer.uint64(written.size);
  encodeMetadata(writer, written);

  const names = new Set<string>();
  const placed: PlacedGgufTensor[] = [];
  let offset = 0;
  for (const spec of specs) {
    checkSpec(spec, names);
    const { name, shape, type } = spec;
    const { id, byteLength } = typeOf(spec);
    placed.push({ name, shape, type, byteOffset: offset, byteLength });
    const sizes = shape.length === 0 ? [1] : shape;
    writer.text(name);
    writer.uint32(sizes.length);
    for (const size of sizes.toReversed()) writer.uint64(size);
    writer.uint32(id);
    writer.uint64(offset);
    offset = alignUp(offset + byteLength, alignment);
  }
  const head = writer.padded(alignment);
  const tensors = placed.map((tensor) => ({ ...tensor, byteOffset: head.byteLength + tensor.byteOffset }));
  return { head, tensors, byteLength: head.byteLength + offset };
}

/** A tensor to be written, with its bytes. */
export interface GgufTensorData extends GgufTensorSpec {
  readonly data: Uint8Array;
}

/** A whole file in memory, for small models and tests; large ones are laid out and written in pieces. */
export function writeGguf(
  metadata: GgufMetadata,
  tensors: readonly GgufTensorData[],
  options: LayOutGgufOptions = {},
): Uint8Array {
  const layout = layOutGguf(metadata, tensors, options);
  return fillFile(layout, new Map(tensors.map(({ name, data }) => [name, data])), "gguf/write-length");
}

/** Bytes of a tensor in a file. @throws `gguf/row-length`, `gguf/size-overflow`, `gguf/unknown-type` */
export function ggufTensorBytes(spec: GgufTensorSpec): number {
  return typeOf(spec).byteLength;
}

function typeOf(spec: GgufTensorSpec): { readonly id: number; readonly byteLength: number } {
  const type = ggufType(spec.type);
  if (type === undefined) {
    throw new LowbitError("gguf/unknown-type", `Tensor ${quoteName(spec.name)} is to be written as "${spec.type}".`, {
      tensor: spec.name,
      found: spec.type,
    });
  }
  const byteLength = storedBytes(spec, type);
  if (typeof byteLength !== "number") throw byteLength;
  return { id: type.id, byteLength };
}

function checkSpec({ name, shape }: GgufTensorSpec, names: Set<string>): void {
  const facts = { tensor: name };
  const nameBytes = new TextEncoder().encode(name).byteLength;
  if (nameBytes > MAX_NAME_BYTES) {
    throw new LowbitError(
      "gguf/name-length",
      `The name ${quoteName(name)} has ${nameBytes} bytes; at most ${MAX_NAME_BYTES} are allowed.`,
      { ...facts, found: nameBytes, allowed: MAX_NAME_BYTES },
    );
  }
  if (names.has(name)) {
    throw new LowbitError("gguf/duplicate-tensor", `Two tensors are called ${quoteName(name)}.`, facts);
  }
  names.add(name);
  if (shape.length > MAX_AXES) {
    throw new LowbitError(
      "gguf/axes",
      `Tensor ${quoteName(name)} has ${shape.length} axes; at most ${MAX_AXES} are allowed.`,
      {
        ...facts,
        found: shape.length,
        allowed: MAX_AXES,
      },
    );
  }
  const wrong = shape.find((size) => !Number.isSafeInteger(size) || size < 1);
  if (wrong !== undefined) {
    throw new LowbitError(
      "gguf/axis-size",
      `Tensor ${quoteName(name)} has an axis of ${wrong}; 1 or more is allowed.`,
      {
        ...facts,
        found: wrong,
      },
    );
  }
}

function statedAlignment(value: GgufValue | undefined): number {
  if (value === undefined) return DEFAULT_ALIGNMENT;
  return value.type === "uint32" ? (value.value as number) : Number.NaN;
}

function checkAlignment(alignment: number): number {
  if (Number.isInteger(Math.log2(alignment)) && alignment >= 8 && alignment <= 2 ** 20) return alignment;
  throw new LowbitError("gguf/alignment", `The alignment is ${alignment}; a power of two from 8 to 2^20 is allowed.`, {
    found: String(alignment),
  });
}

/** Says the alignment where readers cannot assume it. */
function withAlignment(metadata: GgufMetadata, alignment: number): GgufMetadata {
  if (alignment === DEFAULT_ALIGNMENT && !metadata.has(ALIGNMENT_KEY)) return metadata;
  return new Map([...metadata, [ALIGNMENT_KEY, { type: "uint32", value: alignment }]]);
}
