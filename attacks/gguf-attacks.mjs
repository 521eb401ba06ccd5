import { array, info, integer, joined, makeGguf, oneTensorGguf, pair, text, u32, u64 } from "./make-gguf.mjs";

const HUGE = 2n ** 64n - 1n;
const SIGN = 2n ** 63n;
const letters = (count) => "x".repeat(count);
const align = (value) => pair("general.alignment", "uint32", u32(value));
const withPair = (...parts) => makeGguf({ pairs: parts });
const texts = (...values) => joined(...values.map((value) => text(value)));

/** Two F32[2] tensors; `offset` of the second. */
const two = (second, file = {}) =>
  makeGguf({ tensors: [info({ name: "a" }), info({ name: "b", offset: 32, ...second })], dataBytes: 64, ...file });

/**
 * Single GGUF files, malformed or just about sound: `code` is what lowbit must answer, "ok" when it must read the file.
 * `reference` is the answer of ggml's own reader (of llama-cpp-python 0.3.36, header alone) where it differs, `why` the reason for ours.
 */
export const GGUF_ATTACKS = [
  // The fixed part
  { name: "empty", bytes: new Uint8Array(0), code: "gguf/magic" },
  { name: "three-bytes", bytes: Uint8Array.from([71, 71, 85]), code: "gguf/magic" },
  { name: "magic-only", bytes: makeGguf().slice(0, 4), code: "gguf/file-too-small" },
  { name: "cut-in-version", bytes: makeGguf().slice(0, 6), code: "gguf/file-too-small" },
  { name: "cut-in-counts", bytes: makeGguf().slice(0, 23), code: "gguf/file-too-small" },
  { name: "nothing-inside", bytes: makeGguf(), code: "ok" },
  { name: "other-magic", bytes: makeGguf({ magic: "GGML" }), code: "gguf/magic" },
  { name: "magic-reversed", bytes: makeGguf({ magic: "FUGG" }), code: "gguf/magic" },
  { name: "magic-lower-case", bytes: makeGguf({ magic: "gguf" }), code: "gguf/magic" },
  { name: "safetensors-inside", bytes: joined(u64(2), new TextEncoder().encode("{}")), code: "gguf/magic" },
  { name: "version-0", bytes: makeGguf({ version: 0 }), code: "gguf/unknown-version" },
  { name: "version-1", bytes: makeGguf({ version: 1 }), code: "gguf/old-version" },
  { name: "version-2", bytes: makeGguf({ version: 2 }), code: "ok" },
  { name: "version-4", bytes: makeGguf({ version: 4 }), code: "gguf/unknown-version" },
  { name: "version-max", bytes: makeGguf({ version: 2 ** 32 - 1 }), code: "gguf/unknown-version" },
  { name: "big-endian-3", bytes: makeGguf({ version: 0x03000000 }), code: "gguf/byte-order" },
  { name: "big-endian-1", bytes: makeGguf({ version: 0x01000000 }), code: "gguf/byte-order" },
  { name: "tensor-count-max", bytes: makeGguf({ tensorCount: HUGE }), code: "gguf/count" },
  { name: "tensor-count-sign", bytes: makeGguf({ tensorCount: SIGN }), code: "gguf/count" },
  { name: "tensor-count-2-53", bytes: makeGguf({ tensorCount: 2n ** 53n }), code: "gguf/count" },
  { name: "tensor-count-one-too-many", bytes: oneTensorGguf({}, { tensorCount: 2, dataBytes: 0 }), code: "gguf/count" },
  { name: "pair-count-max", bytes: makeGguf({ pairCount: HUGE }), code: "gguf/count" },
  { name: "pair-count-billion", bytes: makeGguf({ pairCount: 1_000_000_000 }), code: "gguf/count" },
  { name: "pair-count-one-too-many", bytes: makeGguf({ pairCount: 2, pairs: [align(32)] }), code: "gguf/past-end" },
  {
    name: "counts-share-bytes",
    bytes: makeGguf({ pairs: [align(32)], pairCount: 1, tensorCount: 1 }),
    code: "gguf/count",
  },

  // Keys and texts
  { name: "key-empty", bytes: withPair(pair("", "uint8", Uint8Array.of(1))), code: "gguf/key-length" },
  { name: "key-length-max", bytes: withPair(joined(text("k", HUGE), new Uint8Array(20))), code: "gguf/past-end" },
  { name: "key-length-past-end", bytes: withPair(joined(text("k", 40), new Uint8Array(20))), code: "gguf/past-end" },
  { name: "key-65535", bytes: withPair(pair(letters(65_535), "uint8", Uint8Array.of(1))), code: "ok" },
  {
    name: "key-65536",
    bytes: withPair(pair(letters(65_536), "uint8", Uint8Array.of(1))),
    code: "gguf/key-length",
    reference: "ok",
    why: "the limit of the specification",
  },
  {
    name: "key-not-utf8",
    bytes: withPair(pair(Uint8Array.of(0xff), "uint8", Uint8Array.of(1))),
    code: "gguf/text-utf8",
    reference: "ok",
    why: "the specification demands UTF-8",
  },
  {
    name: "key-surrogate",
    bytes: withPair(pair(Uint8Array.of(0xed, 0xa0, 0x80), "uint8", Uint8Array.of(1))),
    code: "gguf/text-utf8",
    reference: "ok",
    why: "the specification demands UTF-8",
  },
  { name: "key-prototype", bytes: withPair(pair("__proto__", "uint8", Uint8Array.of(1))), code: "ok" },
  { name: "key-control-characters", bytes: withPair(pair("\u001b[31m\n", "uint8", Uint8Array.of(1))), code: "ok" },
  { name: "key-twice", bytes: withPair(align(32), align(32)), code: "gguf/duplicate-key" },
  {
    name: "key-twice-other-type",
    bytes: withPair(align(32), pair("general.alignment", "string", text("32"))),
    code: "gguf/duplicate-key",
  },
  {
    name: "key-other-normal-form",
    bytes: withPair(pair("e\u0301", "uint8", Uint8Array.of(1)), pair("\u00e9", "uint8", Uint8Array.of(1))),
    code: "ok",
  },
  { name: "text-length-max", bytes: withPair(pair("k", "string", text("v", HUGE))), code: "gguf/past-end" },
  {
    name: "text-length-negative",
    bytes: withPair(pair("k", "string", text("v", 2n ** 64n - 2n))),
    code: "gguf/past-end",
  },
  { name: "text-length-4-gib", bytes: withPair(pair("k", "string", text("v", 2n ** 32n))), code: "gguf/past-end" },
  { name: "text-length-one-more", bytes: withPair(pair("k", "string", text("v", 2))), code: "gguf/past-end" },
  {
    name: "text-not-utf8",
    bytes: withPair(pair("k", "string", text(Uint8Array.of(0xc0, 0xaf)))),
    code: "gguf/text-utf8",
    reference: "ok",
    why: "the specification demands UTF-8",
  },
  {
    name: "text-cut-in-letter",
    bytes: withPair(pair("k", "string", text(Uint8Array.of(0xe2, 0x82)))),
    code: "gguf/text-utf8",
    reference: "ok",
    why: "the specification demands UTF-8",
  },
  { name: "text-with-nul", bytes: withPair(pair("k", "string", text("a\u0000b"))), code: "ok" },

  // Values
  { name: "value-type-13", bytes: withPair(pair("k", 13, u64(0))), code: "gguf/value-type" },
  { name: "value-type-max", bytes: withPair(pair("k", 2 ** 32 - 1, u64(0))), code: "gguf/value-type" },
  { name: "value-cut", bytes: withPair(pair("k", "uint64", u32(0))), code: "gguf/past-end" },
  { name: "value-missing", bytes: withPair(pair("kk", "uint8", new Uint8Array(0))), code: "gguf/past-end" },
  {
    name: "bool-2",
    bytes: withPair(pair("k", "bool", Uint8Array.of(2))),
    code: "gguf/bool-value",
    reference: "ok",
    why: "the specification allows 0 and 1",
  },
  {
    name: "bool-255",
    bytes: withPair(pair("k", "bool", Uint8Array.of(255))),
    code: "gguf/bool-value",
    reference: "ok",
    why: "the specification allows 0 and 1",
  },
  { name: "float-nan", bytes: withPair(pair("k", "float32", u32(0x7fc00000))), code: "ok" },
  { name: "uint64-max", bytes: withPair(pair("k", "uint64", u64(HUGE))), code: "ok" },

  // Arrays
  { name: "array-empty", bytes: withPair(pair("k", "array", array("string", 0))), code: "ok" },
  {
    name: "array-of-arrays",
    bytes: withPair(pair("k", "array", array("array", 1, array("uint8", 0)))),
    code: "gguf/nested-array",
  },
  {
    name: "array-nested-deep",
    bytes: withPair(pair("k", "array", joined(...Array.from({ length: 1000 }, () => array("array", 1))))),
    code: "gguf/nested-array",
  },
  { name: "array-type-13", bytes: withPair(pair("k", "array", array(13, 1, u64(0)))), code: "gguf/value-type" },
  { name: "array-length-max", bytes: withPair(pair("k", "array", array("uint8", HUGE))), code: "gguf/array-length" },
  {
    name: "array-length-overflow",
    bytes: withPair(pair("k", "array", array("uint64", 2n ** 61n))),
    code: "gguf/array-length",
  },
  {
    name: "array-length-one-more",
    bytes: withPair(pair("k", "array", array("uint16", 3, u32(0)))),
    code: "gguf/array-length",
  },
  {
    name: "array-of-texts-too-many",
    bytes: withPair(pair("k", "array", array("string", 3, texts("a", "")))),
    code: "gguf/array-length",
  },
  {
    name: "array-of-texts-ends-early",
    bytes: withPair(pair("k", "array", array("string", 3, joined(texts("abcdefgh", "abcdefgh"), u32(0))))),
    code: "gguf/past-end",
  },
  {
    name: "array-of-texts-length-max",
    bytes: withPair(pair("k", "array", array("string", 2, joined(text("a"), text("b", HUGE), u64(0))))),
    code: "gguf/past-end",
  },
  {
    name: "array-of-texts-high-half",
    bytes: withPair(pair("k", "array", array("string", 1, joined(text("a", 2n ** 32n + 1n), u64(0))))),
    code: "gguf/past-end",
  },
  {
    name: "array-eats-the-tensors",
    bytes: makeGguf({ pairs: [pair("k", "array", array("uint8", 64))], tensors: [info(), info()] }),
    code: "gguf/count",
  },

  // Alignment
  { name: "alignment-0", bytes: oneTensorGguf({}, { pairs: [align(0)] }), code: "gguf/alignment" },
  { name: "alignment-1", bytes: oneTensorGguf({}, { pairs: [align(1)], alignment: 1, dataBytes: 8 }), code: "ok" },
  { name: "alignment-33", bytes: oneTensorGguf({}, { pairs: [align(33)] }), code: "gguf/alignment" },
  { name: "alignment-64", bytes: oneTensorGguf({}, { pairs: [align(64)], alignment: 64 }), code: "ok" },
  { name: "alignment-2-31", bytes: oneTensorGguf({}, { pairs: [align(2 ** 31)] }), code: "gguf/data-truncated" },
  { name: "alignment-max", bytes: oneTensorGguf({}, { pairs: [align(2 ** 32 - 1)] }), code: "gguf/alignment" },
  {
    name: "alignment-uint64",
    bytes: oneTensorGguf({}, { pairs: [pair("general.alignment", "uint64", u64(32))] }),
    code: "gguf/alignment",
  },
  {
    name: "alignment-text",
    bytes: oneTensorGguf({}, { pairs: [pair("general.alignment", "string", text("32"))] }),
    code: "gguf/alignment",
  },
  {
    name: "alignment-array",
    bytes: oneTensorGguf({}, { pairs: [pair("general.alignment", "array", array("uint32", 1, u32(32)))] }),
    code: "gguf/alignment",
  },

  // Descriptions of tensors
  { name: "name-empty", bytes: oneTensorGguf({ name: "" }), code: "ok" },
  { name: "name-63", bytes: oneTensorGguf({ name: letters(63) }), code: "ok" },
  { name: "name-64", bytes: oneTensorGguf({ name: letters(64) }), code: "gguf/name-length" },
  { name: "name-63-bytes-of-umlauts", bytes: oneTensorGguf({ name: `${"ü".repeat(31)}x` }), code: "ok" },
  { name: "name-64-bytes-of-umlauts", bytes: oneTensorGguf({ name: "ü".repeat(32) }), code: "gguf/name-length" },
  {
    name: "name-not-utf8",
    bytes: oneTensorGguf({ name: Uint8Array.of(0x80) }),
    code: "gguf/text-utf8",
    reference: "ok",
    why: "the specification demands UTF-8",
  },
  { name: "name-prototype", bytes: oneTensorGguf({ name: "__proto__" }), code: "ok" },
  { name: "name-path", bytes: oneTensorGguf({ name: "../../etc/passwd" }), code: "ok" },
  { name: "name-twice", bytes: two({ name: "a" }), code: "gguf/duplicate-tensor" },
  { name: "axes-0", bytes: oneTensorGguf({ sizes: [] }), code: "ok" },
  { name: "axes-4", bytes: oneTensorGguf({ sizes: [1, 1, 1, 2] }), code: "ok" },
  { name: "axes-5", bytes: oneTensorGguf({ sizes: [1, 1, 1, 1, 1] }), code: "gguf/axes" },
  { name: "axes-max", bytes: oneTensorGguf({ axes: 2 ** 32 - 1 }), code: "gguf/axes" },
  { name: "axes-missing", bytes: oneTensorGguf({ axes: 4 }, { dataBytes: 0 }), code: "gguf/axis-size" },
  {
    name: "axis-0",
    bytes: oneTensorGguf({ sizes: [0] }),
    code: "gguf/axis-size",
    reference: "ok",
    why: "no model has a weight without elements, and ggml's own size checks divide by axes",
  },
  { name: "axis-sign", bytes: oneTensorGguf({ sizes: [SIGN] }), code: "gguf/axis-size" },
  { name: "axis-minus-one", bytes: oneTensorGguf({ sizes: [HUGE, HUGE] }), code: "gguf/axis-size" },
  { name: "axes-overflow-64", bytes: oneTensorGguf({ sizes: [2n ** 32n, 2n ** 32n] }), code: "gguf/size-overflow" },
  { name: "axes-overflow-to-2", bytes: oneTensorGguf({ sizes: [2n ** 33n, 2n ** 32n] }), code: "gguf/size-overflow" },
  {
    name: "bytes-overflow-53",
    bytes: oneTensorGguf({ sizes: [2n ** 51n, 2] }),
    code: "gguf/size-overflow",
    reference: "ok",
    why: "a double holds sizes up to 2^53 − 1 exactly; no file is that large",
  },
  { name: "info-cut", bytes: makeGguf({ tensors: [info()] }).slice(0, 24 + 29), code: "gguf/past-end" },

  // Types
  { name: "type-removed-4", bytes: oneTensorGguf({ sizes: [32], type: 4 }), code: "gguf/retired-type" },
  { name: "type-removed-5", bytes: oneTensorGguf({ sizes: [32], type: 5 }), code: "gguf/retired-type" },
  { name: "type-removed-31", bytes: oneTensorGguf({ sizes: [32], type: 31 }), code: "gguf/retired-type" },
  { name: "type-removed-33", bytes: oneTensorGguf({ sizes: [32], type: 33 }), code: "gguf/retired-type" },
  {
    name: "type-of-activations-9",
    bytes: oneTensorGguf({ sizes: [32], type: 9 }, { dataBytes: 64 }),
    code: "gguf/working-type",
    reference: "ok",
    why: "a type that ggml uses while computing",
  },
  {
    name: "type-of-activations-15",
    bytes: oneTensorGguf({ sizes: [256], type: 15 }, { dataBytes: 320 }),
    code: "gguf/working-type",
    reference: "ok",
    why: "a type that ggml uses while computing",
  },
  { name: "type-43", bytes: oneTensorGguf({ type: 43 }), code: "gguf/unknown-type" },
  { name: "type-prism-142", bytes: oneTensorGguf({ sizes: [128], type: 142 }), code: "gguf/unknown-type" },
  { name: "type-max", bytes: oneTensorGguf({ type: 2 ** 32 - 1 }), code: "gguf/unknown-type" },
  { name: "type-prototype", bytes: oneTensorGguf({ type: 0x6f6c6c65 }), code: "gguf/unknown-type" },
  {
    name: "type-36-as-removed",
    bytes: oneTensorGguf({ sizes: [128], type: 36 }, { dataBytes: 96 }),
    code: "gguf/fork-type",
  },
  {
    name: "type-36-as-i2-s",
    bytes: oneTensorGguf({ sizes: [128], type: 36 }, { dataBytes: 64 }),
    code: "ok",
    reference: "refused",
    why: "a type of bitnet.cpp",
  },
  {
    name: "type-36-as-i2-s-before-another",
    bytes: makeGguf({ tensors: [info({ sizes: [128], type: 36 }), info({ name: "b", offset: 64 })], dataBytes: 96 }),
    code: "ok",
    reference: "refused",
    why: "a type of bitnet.cpp",
  },
  { name: "type-37", bytes: oneTensorGguf({ sizes: [128], type: 37 }, { dataBytes: 128 }), code: "gguf/fork-type" },
  { name: "type-38", bytes: oneTensorGguf({ sizes: [128], type: 38 }, { dataBytes: 64 }), code: "gguf/fork-type" },
  { name: "type-39-as-mxfp4", bytes: oneTensorGguf({ sizes: [128], type: 39 }, { dataBytes: 96 }), code: "ok" },
  {
    name: "type-39-as-tl2",
    bytes: oneTensorGguf({ sizes: [1024], type: 39 }, { dataBytes: 256 }),
    code: "gguf/fork-type",
    reference: "ok",
    why: "ggml takes it for MXFP4, whose data would end behind the file",
  },
  { name: "row-of-31", bytes: oneTensorGguf({ sizes: [31], type: 2 }), code: "gguf/row-length" },
  { name: "rows-make-whole-blocks", bytes: oneTensorGguf({ sizes: [16, 2], type: 2 }), code: "gguf/row-length" },
  {
    name: "row-of-128-in-256",
    bytes: oneTensorGguf({ sizes: [128, 2], type: 12 }, { dataBytes: 160 }),
    code: "gguf/row-length",
  },

  // Places
  { name: "offset-1", bytes: oneTensorGguf({ offset: 1 }), code: "gguf/offset" },
  { name: "offset-32", bytes: oneTensorGguf({ offset: 32 }, { dataBytes: 64 }), code: "gguf/offset" },
  { name: "offset-max", bytes: oneTensorGguf({ offset: HUGE }), code: "gguf/offset" },
  { name: "offset-back-into-the-header", bytes: oneTensorGguf({ offset: 2n ** 64n - 32n }), code: "gguf/offset" },
  { name: "second-overlaps", bytes: two({ offset: 0 }), code: "gguf/offset" },
  { name: "second-unpadded", bytes: two({ offset: 8 }), code: "gguf/offset" },
  { name: "second-with-hole", bytes: two({ offset: 64 }, { dataBytes: 96 }), code: "gguf/offset" },
  {
    name: "listed-backwards",
    bytes: makeGguf({ tensors: [info({ name: "b", offset: 32 }), info()], dataBytes: 64 }),
    code: "gguf/offset",
  },
  { name: "sound-two", bytes: two({}), code: "ok" },
  { name: "last-unpadded", bytes: two({}, { dataBytes: 40 }), code: "ok" },
  {
    name: "data-one-byte-short",
    bytes: two({}, { dataBytes: 39 }),
    code: "gguf/data-truncated",
    reference: "ok",
    why: "ggml looks at the data only when it loads them",
  },
  {
    name: "data-absent",
    bytes: oneTensorGguf({}, { dataBytes: 0 }),
    code: "gguf/data-truncated",
    reference: "ok",
    why: "ggml looks at the data only when it loads them",
  },
  {
    name: "data-past-2-31",
    bytes: oneTensorGguf({ sizes: [2 ** 30] }),
    code: "gguf/data-truncated",
    reference: "ok",
    why: "ggml looks at the data only when it loads them",
  },
  {
    name: "data-past-2-52",
    bytes: oneTensorGguf({ sizes: [2n ** 50n] }),
    code: "gguf/data-truncated",
    reference: "ok",
    why: "ggml looks at the data only when it loads them",
  },
];

/** A pair of a set. */
const splitPairs = (number, count, tensors) => [
  pair("split.no", "uint16", integer(number, 2)),
  pair("split.count", "uint16", integer(count, 2)),
  pair("split.tensors.count", "int32", u32(tensors)),
];
const part = (number, count, tensors, name) =>
  makeGguf({ pairs: splitPairs(number, count, tensors), tensors: [info({ name })], dataBytes: 32 });

const FIRST = "model-00001-of-00002.gguf";
const SECOND = "model-00002-of-00002.gguf";
const SOUND = { [FIRST]: part(0, 2, 2, "a"), [SECOND]: part(1, 2, 2, "b") };
const encoder = new TextEncoder();

/** Directories with GGUF files; `code` as for single files. Opened by `open`, or by the path of the directory. */
export const GGUF_MODEL_ATTACKS = [
  { name: "gguf-one-file", files: { "any.gguf": oneTensorGguf() }, code: "ok" },
  { name: "gguf-sound-set", files: SOUND, code: "ok" },
  { name: "gguf-sound-set-by-first", files: SOUND, open: FIRST, code: "ok" },
  { name: "gguf-sound-set-by-second", files: SOUND, open: SECOND, code: "ok" },
  { name: "gguf-without-ending", files: { blob: oneTensorGguf() }, open: "blob", code: "ok" },
  { name: "gguf-named-safetensors", files: { "m.safetensors": oneTensorGguf() }, open: "m.safetensors", code: "ok" },
  {
    name: "safetensors-named-gguf",
    files: { "m.gguf": joined(u64(2), encoder.encode("{}")) },
    open: "m.gguf",
    code: "gguf/magic",
  },
  {
    name: "gguf-two-models",
    files: { "a.gguf": oneTensorGguf(), "b.gguf": oneTensorGguf() },
    code: "gguf/ambiguous-directory",
  },
  { name: "gguf-set-and-model", files: { ...SOUND, "b.gguf": oneTensorGguf() }, code: "gguf/ambiguous-directory" },
  { name: "gguf-second-missing", files: { [FIRST]: SOUND[FIRST] }, code: "gguf/split-missing" },
  { name: "gguf-first-missing", files: { [SECOND]: SOUND[SECOND] }, code: "gguf/split-missing" },
  { name: "gguf-part-renamed", files: { "model.gguf": SOUND[FIRST] }, code: "gguf/split-name" },
  {
    name: "gguf-parts-swapped",
    files: { [FIRST]: SOUND[SECOND], [SECOND]: SOUND[FIRST] },
    code: "gguf/split-mismatch",
  },
  { name: "gguf-count-differs", files: { ...SOUND, [SECOND]: part(1, 3, 2, "b") }, code: "gguf/split-mismatch" },
  { name: "gguf-tensor-count-differs", files: { ...SOUND, [SECOND]: part(1, 2, 3, "b") }, code: "gguf/split-mismatch" },
  {
    name: "gguf-second-is-no-part",
    files: { ...SOUND, [SECOND]: oneTensorGguf({ name: "b" }) },
    code: "gguf/split-mismatch",
  },
  { name: "gguf-same-tensor-twice", files: { ...SOUND, [SECOND]: part(1, 2, 2, "a") }, code: "gguf/duplicate-tensor" },
  {
    name: "gguf-count-names-many",
    files: { "model-00001-of-00001.gguf": part(0, 65_535, 1, "a") },
    code: "gguf/split-mismatch",
  },
  {
    name: "gguf-second-cut",
    files: { ...SOUND, [SECOND]: SOUND[SECOND].slice(0, 130) },
    code: "gguf/past-end",
  },
  {
    name: "safetensors-first",
    files: { "model.safetensors": joined(u64(2), encoder.encode("{}")), "a.gguf": oneTensorGguf() },
    code: "ok",
  },
  {
    name: "config-no-json",
    files: { "model.safetensors": joined(u64(2), encoder.encode("{}")), "config.json": encoder.encode("{") },
    code: "pipeline/config-invalid",
  },
  {
    name: "config-beside-gguf-not-read",
    files: { "a.gguf": oneTensorGguf(), "config.json": encoder.encode("{") },
    code: "ok",
  },
];
