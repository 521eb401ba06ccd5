import { entry, makeFile, oneTensor, rawBytes } from "./make-file.mjs";

/**
 * Single files, malformed or just about sound: `code` is what lowbit must answer, "ok" when it must read the file.
 * `reference` is the answer of the Python package `safetensors` 0.8 where it differs, `why` the reason for ours.
 */
export const HEADER_ATTACKS = [
  // The length
  { name: "empty-file", bytes: new Uint8Array(0), code: "safetensors/file-too-small" },
  { name: "seven-bytes", bytes: new Uint8Array(7), code: "safetensors/file-too-small" },
  { name: "length-zero", bytes: makeFile(""), code: "safetensors/header-start" },
  { name: "length-max-u64", bytes: makeFile("{}", 0, 2n ** 64n - 1n), code: "safetensors/header-too-large" },
  { name: "length-sign-bit", bytes: makeFile("{}", 0, 2n ** 63n), code: "safetensors/header-too-large" },
  { name: "length-above-limit", bytes: makeFile("{}", 0, 100_000_001n), code: "safetensors/header-too-large" },
  { name: "length-at-limit-file-small", bytes: makeFile("{}", 0, 100_000_000n), code: "safetensors/header-past-end" },
  { name: "length-one-past-end", bytes: makeFile("{}", 0, 3n), code: "safetensors/header-past-end" },
  { name: "length-cuts-json", bytes: makeFile(oneTensor(), 8, 20n), code: "safetensors/header-json" },
  { name: "length-reaches-into-data", bytes: makeFile("{}", 8, 6n), code: "safetensors/header-json" },
  { name: "no-length-only-json", bytes: rawBytes('{"a":{}}'), code: "safetensors/header-too-large" },

  // The text
  {
    name: "starts-with-space",
    bytes: makeFile(" {}     "),
    code: "safetensors/header-start",
    reference: "ok",
    why: "the format demands the brace as first byte, so that no other format can begin there",
  },
  { name: "starts-with-bom", bytes: makeFile(rawBytes("\\xef\\xbb\\xbf{}")), code: "safetensors/header-start" },
  { name: "array-header", bytes: makeFile("[]"), code: "safetensors/header-start" },
  { name: "utf8-stray-continuation", bytes: makeFile(rawBytes('{"\\x80":1}')), code: "safetensors/header-utf8" },
  { name: "utf8-overlong-slash", bytes: makeFile(rawBytes('{"\\xc0\\xaf":1}')), code: "safetensors/header-utf8" },
  { name: "utf8-surrogate", bytes: makeFile(rawBytes('{"\\xed\\xa0\\x80":1}')), code: "safetensors/header-utf8" },
  { name: "utf8-cut-at-end", bytes: makeFile(rawBytes("{}\\xe2\\x82")), code: "safetensors/header-utf8" },
  { name: "latin1-header", bytes: makeFile(rawBytes('{"caf\\xe9":1}')), code: "safetensors/header-utf8" },
  { name: "utf16-header", bytes: makeFile(rawBytes("{\\x00}\\x00")), code: "safetensors/header-json" },
  { name: "trailing-comma", bytes: makeFile(`{"a":${entry()},}`, 8), code: "safetensors/header-json" },
  { name: "single-quotes", bytes: makeFile("{'a':1}"), code: "safetensors/header-json" },
  { name: "comment", bytes: makeFile("{/* */}"), code: "safetensors/header-json" },
  { name: "two-objects", bytes: makeFile("{}{}"), code: "safetensors/header-json" },
  { name: "text-after-header", bytes: makeFile("{} x"), code: "safetensors/header-json" },
  { name: "nul-padding", bytes: makeFile("{}\u0000\u0000"), code: "safetensors/header-json" },
  { name: "control-character-in-name", bytes: makeFile(`{"a\u0001":${entry()}}`, 8), code: "safetensors/header-json" },
  { name: "bad-escape", bytes: makeFile(`{"\\x61":${entry()}}`, 8), code: "safetensors/header-json" },
  { name: "lone-surrogate-escape", bytes: makeFile(`{"\\ud800":${entry()}}`, 8), code: "safetensors/header-json" },
  { name: "unclosed-string", bytes: makeFile('{"a'), code: "safetensors/header-json" },
  { name: "escape-at-end", bytes: makeFile('{"a\\'), code: "safetensors/header-json" },
  { name: "deep-nesting", bytes: makeFile(`{"a":${"[".repeat(100_000)}`), code: "safetensors/header-json" },
  { name: "nan-literal", bytes: makeFile(oneTensor({ shape: "[NaN]" }), 8), code: "safetensors/header-json" },
  { name: "hex-number", bytes: makeFile(oneTensor({ shape: "[0x2]" }), 8), code: "safetensors/header-json" },
  { name: "leading-zero", bytes: makeFile(oneTensor({ shape: "[02]" }), 8), code: "safetensors/header-json" },
  { name: "plus-sign", bytes: makeFile(oneTensor({ shape: "[+2]" }), 8), code: "safetensors/header-json" },

  // Keys
  {
    name: "duplicate-tensor",
    bytes: makeFile(`{"a":${entry()},"a":${entry({ offsets: "[8,16]" })}}`, 16),
    code: "safetensors/duplicate-key",
  },
  {
    name: "duplicate-tensor-same-span",
    bytes: makeFile(`{"a":${entry()},"a":${entry()}}`, 8),
    code: "safetensors/duplicate-key",
    reference: "ok",
    why: "two readers may take two different entries; the format forbids duplicate keys",
  },
  {
    name: "duplicate-tensor-escaped",
    bytes: makeFile(`{"a":${entry()},"\\u0061":${entry({ offsets: "[8,16]" })}}`, 16),
    code: "safetensors/duplicate-key",
  },
  {
    name: "duplicate-field",
    bytes: makeFile('{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}', 8),
    code: "safetensors/duplicate-key",
  },
  {
    name: "duplicate-shape-other-value",
    bytes: makeFile('{"a":{"dtype":"F32","shape":[2],"shape":[1],"data_offsets":[0,8]}}', 8),
    code: "safetensors/duplicate-key",
  },
  {
    name: "duplicate-extra-field",
    bytes: makeFile('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1,"x":2}}', 8),
    code: "safetensors/duplicate-key",
    reference: "ok",
    why: "the format forbids duplicate keys",
  },
  {
    name: "duplicate-metadata-key",
    bytes: makeFile('{"__metadata__":{"k":"1","k":"2"}}'),
    code: "safetensors/duplicate-key",
    reference: "ok",
    why: "which of the two counts would be a reader's secret",
  },
  {
    name: "duplicate-metadata",
    bytes: makeFile('{"__metadata__":{},"__metadata__":{}}'),
    code: "safetensors/duplicate-key",
  },
  { name: "prototype-name", bytes: makeFile(`{"__proto__":${entry()}}`, 8), code: "ok" },
  { name: "constructor-name", bytes: makeFile(`{"constructor":${entry()}}`, 8), code: "ok" },
  { name: "to-string-name", bytes: makeFile(`{"toString":${entry()}}`, 8), code: "ok" },
  { name: "name-escape-sequence", bytes: makeFile(`{"\\u001b[2J\\u009b31m\\u202e":${entry()}}`, 8), code: "ok" },
  { name: "name-of-dots", bytes: makeFile(`{"${".".repeat(200_000)}":${entry()}}`, 8), code: "ok" },
  {
    name: "names-of-one-normal-form",
    bytes: makeFile(`{"\u00e9":${entry()},"e\u0301":${entry({ offsets: "[8,16]" })}}`, 16),
    code: "ok",
  },
  {
    name: "canonical-metadata-as-tensor",
    bytes: makeFile(`{"__metadata__":${entry()}}`),
    code: "safetensors/metadata-type",
  },
  {
    name: "alphabetical-fields",
    bytes: makeFile('{"a":{"data_offsets":[0,8],"dtype":"F32","shape":[2]}}', 8),
    code: "ok",
  },
  {
    name: "alphabetical-fields-duplicate",
    bytes: makeFile('{"a":{"data_offsets":[0,8],"dtype":"F32","shape":[2]},"\\u0061":1}', 8),
    code: "safetensors/duplicate-key",
  },
  { name: "empty-tensors-20000", bytes: makeFile(emptyTensors(20_000)), code: "ok" },
  { name: "empty-name", bytes: makeFile(`{"":${entry()}}`, 8), code: "ok" },
  { name: "name-with-nul-escape", bytes: makeFile(`{"a\\u0000b":${entry()}}`, 8), code: "ok" },
  { name: "name-beyond-bmp", bytes: makeFile(`{"\u{1f9e0}":${entry()}}`, 8), code: "ok" },
  { name: "name-surrogate-pair-escape", bytes: makeFile(`{"\\ud83e\\udde0":${entry()}}`, 8), code: "ok" },
  { name: "name-of-64-kib", bytes: makeFile(`{"${"n".repeat(65_536)}":${entry()}}`, 8), code: "ok" },

  // Metadata
  { name: "metadata-number", bytes: makeFile('{"__metadata__":{"k":1}}'), code: "safetensors/metadata-type" },
  { name: "metadata-nested", bytes: makeFile('{"__metadata__":{"k":{}}}'), code: "safetensors/metadata-type" },
  { name: "metadata-value-null", bytes: makeFile('{"__metadata__":{"k":null}}'), code: "safetensors/metadata-type" },
  { name: "metadata-array", bytes: makeFile('{"__metadata__":["k"]}'), code: "safetensors/metadata-type" },
  { name: "metadata-string", bytes: makeFile('{"__metadata__":"k"}'), code: "safetensors/metadata-type" },
  { name: "metadata-null", bytes: makeFile('{"__metadata__":null}'), code: "ok" },
  { name: "metadata-empty", bytes: makeFile('{"__metadata__":{}}'), code: "ok" },
  { name: "metadata-last", bytes: makeFile(`{"a":${entry()},"__metadata__":{"k":"v"}}`, 8), code: "ok" },
  { name: "metadata-prototype-key", bytes: makeFile('{"__metadata__":{"__proto__":"v"}}'), code: "ok" },

  // Entries
  { name: "entry-null", bytes: makeFile('{"a":null}'), code: "safetensors/entry-type" },
  {
    name: "entry-array",
    bytes: makeFile('{"a":["F32",[2],[0,8]]}', 8),
    code: "safetensors/entry-type",
    reference: "ok",
    why: "the format describes an entry as an object; the reference reader's array form is an accident of its parser",
  },
  {
    name: "missing-dtype",
    bytes: makeFile('{"a":{"shape":[2],"data_offsets":[0,8]}}', 8),
    code: "safetensors/missing-field",
  },
  {
    name: "missing-shape",
    bytes: makeFile('{"a":{"dtype":"F32","data_offsets":[0,8]}}', 8),
    code: "safetensors/missing-field",
  },
  {
    name: "missing-offsets",
    bytes: makeFile('{"a":{"dtype":"F32","shape":[2]}}', 8),
    code: "safetensors/missing-field",
  },
  { name: "empty-entry", bytes: makeFile('{"a":{}}'), code: "safetensors/missing-field" },
  {
    name: "extra-field",
    bytes: makeFile('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"note":[1,{"x":null}]}}', 8),
    code: "ok",
  },
  { name: "dtype-number", bytes: makeFile(oneTensor({ dtype: "32" }), 8), code: "safetensors/entry-type" },
  { name: "dtype-unknown", bytes: makeFile(oneTensor({ dtype: '"I4"' }), 8), code: "safetensors/unknown-dtype" },
  { name: "dtype-lower-case", bytes: makeFile(oneTensor({ dtype: '"f32"' }), 8), code: "safetensors/unknown-dtype" },
  {
    name: "dtype-prototype",
    bytes: makeFile(oneTensor({ dtype: '"constructor"' }), 8),
    code: "safetensors/unknown-dtype",
  },
  {
    name: "dtype-alias",
    bytes: makeFile(oneTensor({ dtype: '"UE8"', shape: "[8]" }), 8),
    code: "ok",
    reference: "refused",
    why: "other readers know this spelling",
  },
  { name: "shape-number", bytes: makeFile(oneTensor({ shape: "2" }), 8), code: "safetensors/entry-type" },
  { name: "shape-null", bytes: makeFile(oneTensor({ shape: "null" }), 8), code: "safetensors/entry-type" },
  { name: "shape-negative", bytes: makeFile(oneTensor({ shape: "[-2]" }), 8), code: "safetensors/invalid-integer" },
  {
    name: "shape-two-negatives",
    bytes: makeFile(oneTensor({ shape: "[-1,-2]" }), 8),
    code: "safetensors/invalid-integer",
  },
  {
    name: "shape-minus-zero",
    bytes: makeFile(oneTensor({ shape: "[-0]", offsets: "[0,0]" })),
    code: "safetensors/invalid-integer",
  },
  { name: "shape-fraction", bytes: makeFile(oneTensor({ shape: "[2.0]" }), 8), code: "safetensors/invalid-integer" },
  { name: "shape-exponent", bytes: makeFile(oneTensor({ shape: "[2e0]" }), 8), code: "safetensors/invalid-integer" },
  { name: "shape-string", bytes: makeFile(oneTensor({ shape: '["2"]' }), 8), code: "safetensors/invalid-integer" },
  {
    name: "shape-2-to-64",
    bytes: makeFile(oneTensor({ shape: "[18446744073709551616]" }), 8),
    code: "safetensors/invalid-integer",
  },
  {
    name: "shape-2-to-53-plus-1",
    bytes: makeFile(oneTensor({ shape: "[9007199254740993]" }), 8),
    code: "safetensors/invalid-integer",
  },
  {
    name: "shape-zero-times-2-to-60",
    bytes: makeFile(oneTensor({ shape: "[0,1152921504606846976]", offsets: "[0,0]" })),
    code: "safetensors/invalid-integer",
    reference: "ok",
    why: "a double cannot hold the size exactly, and no real tensor has it",
  },
  {
    name: "product-wraps-to-2",
    bytes: makeFile(oneTensor({ shape: "[4294967296,4294967296,2]" }), 8),
    code: "safetensors/size-overflow",
  },
  {
    name: "product-overflow-then-zero",
    bytes: makeFile(oneTensor({ shape: "[4294967296,4294967296,4,0]", offsets: "[0,0]" })),
    code: "safetensors/size-overflow",
  },
  {
    name: "bits-overflow",
    bytes: makeFile(oneTensor({ dtype: '"F64"', shape: "[9007199254740991]" }), 8),
    code: "safetensors/size-overflow",
  },
  { name: "scalar", bytes: makeFile(oneTensor({ shape: "[]", offsets: "[0,4]" }), 4), code: "ok" },
  { name: "zero-axis", bytes: makeFile(oneTensor({ shape: "[0,5]", offsets: "[0,0]" })), code: "ok" },
  {
    name: "rank-300000",
    bytes: makeFile(oneTensor({ shape: `[${"1,".repeat(299_999)}1]`, offsets: "[0,4]" }), 4),
    code: "ok",
  },
  {
    name: "number-of-300000-digits",
    bytes: makeFile(oneTensor({ shape: `[${"1".repeat(300_000)}]` }), 8),
    code: "safetensors/invalid-integer",
  },
  {
    name: "number-of-5-mb",
    bytes: makeFile(oneTensor({ shape: `[${"1".repeat(5_000_000)}]` }), 8),
    code: "safetensors/invalid-integer",
  },
  {
    name: "fraction-of-5-mb",
    bytes: makeFile(oneTensor({ offsets: `[0,8.${"0".repeat(5_000_000)}]` }), 8),
    code: "safetensors/invalid-integer",
  },
  {
    name: "exponent-of-5-mb",
    bytes: makeFile(`{"a":{"dtype":1e${"9".repeat(5_000_000)},"shape":[2],"data_offsets":[0,8]}}`, 8),
    code: "safetensors/entry-type",
  },
  {
    name: "metadata-number-of-5-mb",
    bytes: makeFile(`{"__metadata__":{"k":-${"7".repeat(5_000_000)}}}`),
    code: "safetensors/metadata-type",
  },
  {
    name: "number-of-5-mb-without-end",
    bytes: makeFile(`{"a":${"1".repeat(5_000_000)}`),
    code: "safetensors/entry-type",
  },
  {
    name: "dtype-of-1-mb",
    bytes: makeFile(oneTensor({ dtype: `"${"F".repeat(1_000_000)}"` }), 8),
    code: "safetensors/unknown-dtype",
  },
  { name: "name-of-1-mb", bytes: makeFile(`{"${"n".repeat(1_000_000)}":${entry()}}`, 8), code: "ok" },
  {
    name: "rank-1000",
    bytes: makeFile(oneTensor({ shape: `[${Array(1000).fill(1)}]`, offsets: "[0,4]" }), 4),
    code: "ok",
  },
  {
    name: "f4-half-byte",
    bytes: makeFile(oneTensor({ dtype: '"F4"', shape: "[3]", offsets: "[0,2]" }), 2),
    code: "safetensors/misaligned-bits",
  },
  {
    name: "f4-whole-bytes",
    bytes: makeFile(oneTensor({ dtype: '"F4"', shape: "[4]", offsets: "[0,2]" }), 2),
    code: "ok",
  },
  {
    name: "f6-three-quarters",
    bytes: makeFile(oneTensor({ dtype: '"F6_E2M3"', shape: "[3]", offsets: "[0,3]" }), 3),
    code: "safetensors/misaligned-bits",
  },
  {
    name: "f6-whole-bytes",
    bytes: makeFile(oneTensor({ dtype: '"F6_E3M2"', shape: "[4]", offsets: "[0,3]" }), 3),
    code: "ok",
  },

  // Offsets
  { name: "offsets-one", bytes: makeFile(oneTensor({ offsets: "[0]" }), 8), code: "safetensors/entry-type" },
  { name: "offsets-three", bytes: makeFile(oneTensor({ offsets: "[0,4,8]" }), 8), code: "safetensors/entry-type" },
  {
    name: "offsets-object",
    bytes: makeFile(oneTensor({ offsets: '{"0":0,"1":8}' }), 8),
    code: "safetensors/entry-type",
  },
  {
    name: "offsets-negative",
    bytes: makeFile(oneTensor({ offsets: "[-8,0]" }), 8),
    code: "safetensors/invalid-integer",
  },
  {
    name: "offsets-fraction",
    bytes: makeFile(oneTensor({ offsets: "[0.5,8.5]" }), 8),
    code: "safetensors/invalid-integer",
  },
  {
    name: "offsets-reversed",
    bytes: makeFile(oneTensor({ offsets: "[8,0]" }), 8),
    code: "safetensors/offsets-reversed",
  },
  { name: "span-too-short", bytes: makeFile(oneTensor({ offsets: "[0,4]" }), 4), code: "safetensors/span-mismatch" },
  { name: "span-too-long", bytes: makeFile(oneTensor({ offsets: "[0,12]" }), 12), code: "safetensors/span-mismatch" },
  { name: "hole-at-start", bytes: makeFile(oneTensor({ offsets: "[4,12]" }), 12), code: "safetensors/hole" },
  {
    name: "hole-between",
    bytes: makeFile(`{"a":${entry()},"b":${entry({ offsets: "[12,20]" })}}`, 20),
    code: "safetensors/hole",
  },
  {
    name: "overlap-partial",
    bytes: makeFile(`{"a":${entry()},"b":${entry({ offsets: "[4,12]" })}}`, 12),
    code: "safetensors/overlap",
  },
  { name: "overlap-same-span", bytes: makeFile(`{"a":${entry()},"b":${entry()}}`, 8), code: "safetensors/overlap" },
  {
    name: "overlap-inner",
    bytes: makeFile(`{"a":${entry({ shape: "[4]", offsets: "[0,16]" })},"b":${entry({ offsets: "[4,12]" })}}`, 16),
    code: "safetensors/overlap",
  },
  {
    name: "empty-tensor-inside-another",
    bytes: makeFile(`{"a":${entry()},"b":${entry({ shape: "[0]", offsets: "[4,4]" })}}`, 8),
    code: "safetensors/overlap",
  },
  {
    name: "empty-tensor-between",
    bytes: makeFile(
      `{"a":${entry()},"b":${entry({ offsets: "[8,16]" })},"e":${entry({ shape: "[0]", offsets: "[8,8]" })}}`,
      16,
    ),
    code: "ok",
  },
  { name: "any-order", bytes: makeFile(`{"b":${entry({ offsets: "[8,16]" })},"a":${entry()}}`, 16), code: "ok" },
  { name: "unaligned-data", bytes: makeFile(`${oneTensor()} `, 8), code: "ok" },
  { name: "data-missing", bytes: makeFile(oneTensor()), code: "safetensors/data-truncated" },
  { name: "data-one-byte-short", bytes: makeFile(oneTensor(), 7), code: "safetensors/data-truncated" },
  {
    name: "data-far-beyond",
    bytes: makeFile(oneTensor({ shape: "[1000000000000]", offsets: "[0,4000000000000]" }), 8),
    code: "safetensors/data-truncated",
  },
  { name: "data-one-byte-long", bytes: makeFile(oneTensor(), 9), code: "safetensors/trailing-bytes" },
  { name: "no-tensors-but-data", bytes: makeFile("{}", 4), code: "safetensors/trailing-bytes" },
  {
    name: "zip-appended",
    bytes: appended(makeFile(oneTensor(), 8), "PK\u0003\u0004rest of a zip"),
    code: "safetensors/trailing-bytes",
  },
  { name: "no-tensors", bytes: makeFile("{}"), code: "ok" },
  { name: "no-tensors-padded", bytes: makeFile("{}      "), code: "ok" },
  { name: "padded-with-newlines", bytes: makeFile("{}\n\r\t "), code: "ok" },
  {
    name: "pretty-printed",
    bytes: makeFile(JSON.stringify({ a: { dtype: "F32", shape: [2], data_offsets: [0, 8] } }, null, 2), 8),
    code: "ok",
  },
];

function emptyTensors(count) {
  const members = Array.from({ length: count }, (_, i) => `"t${i}":${entry({ shape: "[0]", offsets: "[0,0]" })}`);
  return `{${members.join(",")}}`;
}

function appended(file, text) {
  const rest = new TextEncoder().encode(text);
  const whole = new Uint8Array(file.length + rest.length);
  whole.set(file);
  whole.set(rest, file.length);
  return whole;
}
