import { array, info, integer, joined, makeGguf, pair, TYPE_IDS, text } from "./make-gguf.mjs";

/** Seeded generator of GGUF files: a sound one, then up to four damages of its bytes. The same seed, the same inputs. */

/** Weights and bytes of a block, by type id; every class of ids is here, also ids that nobody may use. */
const BLOCKS = { 0: [1, 4], 1: [1, 2], 2: [32, 18], 8: [32, 34], 12: [256, 144], 24: [1, 1], 28: [1, 8], 30: [1, 2] };
const ODD_TYPES = [4, 9, 36, 37, 39, 43, 142, 2 ** 32 - 1];
const NAMES = [
  "a",
  "blk.0.attn_q.weight",
  "",
  "__proto__",
  "é",
  "\u{1f9e0}",
  "x".repeat(63),
  "x".repeat(64),
  "a\u0000",
];
const NASTY = [0n, 1n, 2n, 9n, 13n, 255n, 2n ** 16n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n, 2n ** 63n].concat(
  [2n ** 64n - 1n, 2n ** 64n - 32n],
);
const SCALARS = Object.keys(TYPE_IDS).filter((type) => type !== "array");
const BYTES = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  float32: 4,
  bool: 1,
  uint64: 8,
  int64: 8,
  float64: 8,
};

/** One input: `fileSize` may lie about the zeros that follow the bytes. */
export function fuzzGgufInput(random) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const upTo = (limit) => Math.floor(random() * (limit + 1));
  let bytes = soundFile(pick, upTo);
  for (let damage = upTo(4); damage > 0; damage--) bytes = damaged(bytes, pick, upTo);
  const longer = upTo(9) === 0 ? pick([1, 31, 64, 2 ** 16]) : 0;
  return { bytes, fileSize: bytes.length + longer, pieceBytes: pick([1, 7, 24, 100, 2 ** 20]) };
}

function soundFile(pick, upTo) {
  const pairs = Array.from({ length: upTo(5) }, (_, index) => soundPair(index, pick, upTo));
  const alignment = upTo(3) === 0 ? pick([8, 16, 32, 64]) : 32;
  if (alignment !== 32) pairs.push(pair("general.alignment", "uint32", integer(alignment, 4)));
  const tensors = [];
  let offset = 0;
  for (let index = upTo(5); index > 0; index--) {
    const type = Number(pick(Object.keys(BLOCKS)));
    const [weights, blockBytes] = BLOCKS[type];
    const sizes = [weights * (1 + upTo(3)), ...Array.from({ length: upTo(3) }, () => 1 + upTo(3))];
    const name = upTo(3) === 0 ? pick(NAMES) : `tensor.${index}`;
    tensors.push(info({ name, sizes, type: upTo(9) === 0 ? pick(ODD_TYPES) : type, offset }));
    offset += (sizes.reduce((product, size) => product * size, 1) / weights) * blockBytes;
    offset = Math.ceil(offset / alignment) * alignment;
  }
  return makeGguf({ version: pick([2, 3, 3, 3]), pairs, tensors, alignment, dataBytes: offset });
}

function soundPair(index, pick, upTo) {
  const key = upTo(3) === 0 ? pick(NAMES) : `key.${index}`;
  const type = pick(SCALARS);
  if (upTo(2) > 0) return pair(key, type, scalar(type, pick, upTo));
  const count = upTo(6);
  return pair(
    key,
    "array",
    array(type, count, joined(...Array.from({ length: count }, () => scalar(type, pick, upTo)))),
  );
}

function scalar(type, pick, upTo) {
  if (type === "string") return text(pick(NAMES));
  if (type === "bool") return integer(upTo(1), 1);
  return integer(pick(NASTY), BYTES[type]);
}

function damaged(bytes, pick, upTo) {
  const at = upTo(Math.max(0, bytes.length - 1));
  const kind = upTo(5);
  if (kind === 0) return bytes.slice(0, at);
  if (kind === 1) return joined(bytes.slice(0, at), Uint8Array.of(upTo(255)), bytes.slice(at));
  if (kind === 2) return joined(bytes.slice(0, at), bytes.slice(Math.min(bytes.length, at + 1 + upTo(8))));
  const copy = bytes.slice();
  if (kind === 3) copy[at] ^= 1 << upTo(7);
  else {
    // Counts, lengths and offsets sit anywhere; a value of their width is what hurts.
    const value = integer(pick(NASTY), kind === 4 ? 4 : 8);
    copy.set(value.subarray(0, Math.max(0, bytes.length - at)), at);
  }
  return copy;
}
