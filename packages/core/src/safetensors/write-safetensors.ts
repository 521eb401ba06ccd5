import { alignUp, writeUint64 } from "../bytes/checked-integers.js";
import { DTYPES, type Dtype } from "../dtype/dtype-table.js";
import { LowbitError } from "../errors/index.js";
import { fillFile } from "./fill-file.js";
import { LENGTH_BYTES, MAX_HEADER_BYTES } from "./header.js";
import { tensorByteLength } from "./header-coverage.js";
import { quoteName, showShape } from "./header-problem.js";

/** A tensor to be written, without its bytes. */
export interface TensorSpec {
  readonly name: string;
  readonly dtype: Dtype;
  /** Outermost axis first. */
  readonly shape: readonly number[];
}

/** Where a tensor goes. */
export interface PlacedTensor extends TensorSpec {
  /** Position of its first byte in the file. */
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** A file laid out before any data exist: write `head` at 0 and each tensor at its place, in any order. */
export interface FileLayout {
  /** Header length and header, padded so that data begin at a multiple of 8. */
  readonly head: Uint8Array;
  /** In file order. */
  readonly tensors: readonly PlacedTensor[];
  /** Size of the complete file in bytes. */
  readonly byteLength: number;
}

const DTYPE_RANK: ReadonlyMap<string, number> = new Map(Object.keys(DTYPES).map((dtype, rank) => [dtype, rank]));

/** The header pads with spaces to this, so that the widest element is aligned when the file is mapped. */
const ALIGNMENT = 8;

/**
 * Lays out a file exactly as the reference writer does: widest dtype first (the order of the dtype table, reversed),
 * then names by code point; compact JSON; `__metadata__` first, when there is any. Metadata keys are sorted, where the
 * reference writer leaves them in random order. Same specs, same bytes.
 * @throws `safetensors/write-name`, `safetensors/size-overflow`, `safetensors/misaligned-bits`,
 * `safetensors/header-too-large`
 */
export function layOutFile(specs: readonly TensorSpec[], metadata: Readonly<Record<string, string>> = {}): FileLayout {
  checkNames(specs, metadata);
  const sorted = specs.toSorted(
    (a, b) => DTYPE_RANK.get(b.dtype)! - DTYPE_RANK.get(a.dtype)! || compareCodePoints(a.name, b.name),
  );
  const lengths = sorted.map((spec) => byteLengthOf(spec));
  const text = headerText(sorted, lengths, metadata);
  const json = new TextEncoder().encode(text);
  const headerBytes = alignUp(json.byteLength, ALIGNMENT);
  if (headerBytes > MAX_HEADER_BYTES) {
    throw new LowbitError(
      "safetensors/header-too-large",
      `The header would have ${headerBytes} bytes; at most ${MAX_HEADER_BYTES} are allowed.`,
      { found: headerBytes, allowed: MAX_HEADER_BYTES },
    );
  }
  const head = new Uint8Array(LENGTH_BYTES + headerBytes).fill(0x20);
  writeUint64(head, 0, headerBytes);
  head.set(json, LENGTH_BYTES);
  let byteOffset = head.byteLength;
  const tensors = sorted.map(({ name, dtype, shape }, index): PlacedTensor => {
    const byteLength = lengths[index]!;
    const placed = { name, dtype, shape, byteOffset, byteLength };
    byteOffset += byteLength;
    return placed;
  });
  return { head, tensors, byteLength: byteOffset };
}

/** A tensor to be written, with its bytes. */
export interface TensorData extends TensorSpec {
  readonly data: Uint8Array;
}

/** A whole file in memory, for small checkpoints and tests; large ones are laid out and written in pieces. */
export function writeSafetensors(
  tensors: readonly TensorData[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const layout = layOutFile(tensors, metadata);
  return fillFile(layout, new Map(tensors.map(({ name, data }) => [name, data])), "safetensors/write-length");
}

function headerText(
  sorted: readonly TensorSpec[],
  lengths: readonly number[],
  metadata: Readonly<Record<string, string>>,
): string {
  const members: string[] = [];
  const pairs = Object.entries(metadata).sort(([a], [b]) => compareCodePoints(a, b));
  if (pairs.length > 0) {
    const body = pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
    members.push(`"__metadata__":{${body.join(",")}}`);
  }
  let begin = 0;
  sorted.forEach(({ name, dtype, shape }, index) => {
    const end = begin + lengths[index]!;
    members.push(`${JSON.stringify(name)}:{"dtype":"${dtype}","shape":[${shape}],"data_offsets":[${begin},${end}]}`);
    begin = end;
  });
  return `{${members.join(",")}}`;
}

function byteLengthOf({ name, dtype, shape }: TensorSpec): number {
  const length = tensorByteLength(dtype, shape);
  if (typeof length === "number") return length;
  const reason = length === "safetensors/misaligned-bits" ? "does not fill whole bytes" : "has more than 2^53 − 1 bits";
  throw new LowbitError(length, `Tensor ${quoteName(name)}, ${showShape(dtype, shape)}, ${reason}.`, {
    tensor: name,
    dtype,
    shape: shape.slice(0, 16),
  });
}

function checkNames(specs: readonly TensorSpec[], metadata: Readonly<Record<string, string>>): void {
  const names = new Set<string>();
  for (const { name } of specs) {
    if (name === "__metadata__") throw badName(name, "is reserved for metadata");
    if (names.has(name)) throw badName(name, "is given to two tensors");
    names.add(name);
    checkText(name);
  }
  for (const [key, value] of Object.entries(metadata)) {
    checkText(key);
    checkText(value);
  }
}

const LONE_SURROGATE = /\p{Surrogate}/u;

function checkText(text: string): void {
  if (LONE_SURROGATE.test(text)) throw badName(text, "holds half of a surrogate pair, which UTF-8 cannot store");
}

function badName(name: string, reason: string): LowbitError {
  return new LowbitError("safetensors/write-name", `The name ${quoteName(name)} ${reason}.`, { name, reason });
}

/** Order of code points, which is the order of UTF-8 bytes; UTF-16 units alone put U+E000–U+FFFF after U+10000. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const x = a.charCodeAt(index);
    const y = b.charCodeAt(index);
    if (x !== y) return codePointRank(x) - codePointRank(y);
  }
  return a.length - b.length;
}

/** Moves surrogates, which stand for U+10000 and above, behind U+E000–U+FFFF. */
function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
