import { entry, makeFile, oneTensor, textBytes } from "./make-file.mjs";

const INDEX = "model.safetensors.index.json";
const FIRST = "model-00001-of-00002.safetensors";
const SECOND = "model-00002-of-00002.safetensors";

/** A file with one F32[2] tensor. */
const holding = (name) => makeFile(`{${JSON.stringify(name)}:${entry()}}`, 8);

/** Raw index text; `map` is JSON text. */
const index = (map, totalSize = '"metadata":{"total_size":16},') => textBytes(`{${totalSize}"weight_map":${map}}`);

const SOUND_MAP = `{"a":"${FIRST}","b":"${SECOND}"}`;
const SOUND = { [INDEX]: index(SOUND_MAP), [FIRST]: holding("a"), [SECOND]: holding("b") };

/** Directories, malformed or just about sound; `code` as for single files. Opened by the path of the directory. */
export const MODEL_ATTACKS = [
  { name: "sound-model", files: SOUND, code: "ok" },
  { name: "no-index-one-file", files: { "any.safetensors": holding("a") }, code: "ok" },
  { name: "no-index-two-shards", files: { [FIRST]: holding("a"), [SECOND]: holding("b") }, code: "ok" },
  { name: "no-total-size", files: { ...SOUND, [INDEX]: index(SOUND_MAP, "") }, code: "ok" },
  {
    name: "total-size-as-float",
    files: { ...SOUND, [INDEX]: index(SOUND_MAP, '"metadata":{"total_size":16.0},') },
    code: "ok",
  },
  {
    name: "index-of-single-file",
    files: { [INDEX]: index('{"a":"model.safetensors"}', ""), "model.safetensors": holding("a") },
    code: "ok",
  },
  {
    name: "index-with-other-members",
    files: { ...SOUND, [INDEX]: textBytes(`{"x":[{"y":null}],"weight_map":${SOUND_MAP}}`) },
    code: "ok",
  },
  { name: "file-beside-index-ignored", files: { ...SOUND, "other.safetensors": textBytes("not read") }, code: "ok" },

  {
    name: "index-prototype-names",
    files: {
      [INDEX]: index('{"__proto__":"model.safetensors","toString":"model.safetensors"}', ""),
      "model.safetensors": makeFile(`{"__proto__":${entry()},"toString":${entry({ offsets: "[8,16]" })}}`, 16),
    },
    code: "ok",
  },
  {
    name: "index-prototype-name-missing",
    files: { [INDEX]: index('{"constructor":"model.safetensors"}', ""), "model.safetensors": makeFile("{}") },
    code: "safetensors/index-missing-tensor",
  },
  {
    name: "index-other-normal-form",
    files: { [INDEX]: index('{"e\u0301":"model.safetensors"}', ""), "model.safetensors": holding("\u00e9") },
    code: "safetensors/index-extra-tensor",
  },

  { name: "empty-directory", files: {}, code: "safetensors/no-model" },
  { name: "only-other-files", files: { "config.json": textBytes("{}") }, code: "safetensors/no-model" },
  {
    name: "two-unusual-indexes",
    files: { "a.safetensors.index.json": index("{}"), "b.safetensors.index.json": index("{}") },
    code: "safetensors/ambiguous-index",
  },
  { name: "no-index-shard-missing", files: { [SECOND]: holding("b") }, code: "safetensors/index-missing-shard" },
  {
    name: "no-index-same-tensor-twice",
    files: { "x.safetensors": holding("a"), "y.safetensors": holding("a") },
    code: "safetensors/duplicate-tensor",
  },

  { name: "index-empty", files: { ...SOUND, [INDEX]: textBytes("") }, code: "safetensors/index-json" },
  {
    name: "index-cut",
    files: { ...SOUND, [INDEX]: textBytes(`{"weight_map":{"a":"${FIRST}`) },
    code: "safetensors/index-json",
  },
  { name: "index-array", files: { ...SOUND, [INDEX]: textBytes("[]") }, code: "safetensors/index-json" },
  {
    name: "index-trailing-text",
    files: { ...SOUND, [INDEX]: textBytes(`{"weight_map":${SOUND_MAP}}}`) },
    code: "safetensors/index-json",
  },
  {
    name: "index-without-map",
    files: { ...SOUND, [INDEX]: textBytes('{"metadata":{}}') },
    code: "safetensors/index-json",
  },
  { name: "index-map-array", files: { ...SOUND, [INDEX]: index("[]") }, code: "safetensors/index-json" },
  { name: "index-shard-number", files: { ...SOUND, [INDEX]: index('{"a":1}') }, code: "safetensors/index-json" },
  { name: "index-shard-null", files: { ...SOUND, [INDEX]: index('{"a":null}') }, code: "safetensors/index-json" },
  {
    name: "index-invalid-utf8",
    files: { ...SOUND, [INDEX]: Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]) },
    code: "safetensors/index-json",
  },
  {
    name: "index-total-size-text",
    files: { ...SOUND, [INDEX]: index(SOUND_MAP, '"metadata":{"total_size":"16"},') },
    code: "safetensors/index-json",
  },
  {
    name: "index-total-size-negative",
    files: { ...SOUND, [INDEX]: index(SOUND_MAP, '"metadata":{"total_size":-16},') },
    code: "safetensors/index-json",
  },
  {
    name: "index-duplicate-tensor",
    files: { ...SOUND, [INDEX]: index(`{"a":"${FIRST}","b":"${SECOND}","a":"${SECOND}"}`) },
    code: "safetensors/index-duplicate-key",
  },
  {
    name: "index-duplicate-map",
    files: { ...SOUND, [INDEX]: textBytes(`{"weight_map":${SOUND_MAP},"weight_map":${SOUND_MAP}}`) },
    code: "safetensors/index-duplicate-key",
  },
  {
    name: "index-deep-nesting",
    files: { ...SOUND, [INDEX]: textBytes(`{"x":${"[".repeat(50_000)}`) },
    code: "safetensors/index-json",
  },
  {
    name: "index-endless-string",
    files: { ...SOUND, [INDEX]: textBytes(`{"${"x".repeat(6_000_000)}":1,"weight_map":${SOUND_MAP}}`) },
    code: "safetensors/index-json",
  },

  ...[
    "../a.safetensors",
    "..",
    "/etc/a.safetensors",
    "sub/a.safetensors",
    "..\\\\a.safetensors",
    "C:a.safetensors",
    "a\\u0000.safetensors",
    "",
  ].map((shard, number) => ({
    name: `path-escape-${number + 1}`,
    files: { [INDEX]: index(`{"a":"${shard}"}`), "a.safetensors": holding("a") },
    code: "safetensors/index-path-escape",
  })),
  {
    name: "shard-wrong-ending",
    files: { ...SOUND, [INDEX]: index('{"a":"model.bin"}') },
    code: "safetensors/index-shard-name",
  },
  {
    name: "shard-number-zero",
    files: { ...SOUND, [INDEX]: index('{"a":"model-00000-of-00002.safetensors"}') },
    code: "safetensors/index-shard-name",
  },
  {
    name: "shard-number-above-count",
    files: { ...SOUND, [INDEX]: index('{"a":"model-00003-of-00002.safetensors"}') },
    code: "safetensors/index-shard-name",
  },
  {
    name: "shard-counts-differ",
    files: { ...SOUND, [INDEX]: index(`{"a":"${FIRST}","b":"model-00002-of-00003.safetensors"}`) },
    code: "safetensors/index-shard-name",
  },
  {
    name: "shard-not-named",
    files: { ...SOUND, [INDEX]: index(`{"a":"${FIRST}"}`) },
    code: "safetensors/index-missing-shard",
  },
  {
    name: "shard-not-there",
    files: { [INDEX]: SOUND[INDEX], [FIRST]: SOUND[FIRST] },
    code: "safetensors/index-missing-shard",
  },
  { name: "shard-broken", files: { ...SOUND, [SECOND]: makeFile(oneTensor(), 7) }, code: "safetensors/data-truncated" },
  {
    name: "tensor-in-wrong-shard",
    files: { ...SOUND, [INDEX]: index(`{"a":"${SECOND}","b":"${FIRST}"}`) },
    code: "safetensors/index-wrong-shard",
  },
  {
    name: "tensor-missing",
    files: { ...SOUND, [INDEX]: index(`{"a":"${FIRST}","b":"${SECOND}","c":"${FIRST}"}`) },
    code: "safetensors/index-missing-tensor",
  },
  {
    name: "tensor-extra",
    files: {
      ...SOUND,
      [INDEX]: index(`{"a":"${FIRST}","c":"${SECOND}"}`),
      [SECOND]: makeFile(`{"b":${entry()},"c":${entry({ offsets: "[8,16]" })}}`, 16),
    },
    code: "safetensors/index-extra-tensor",
  },
  {
    name: "tensor-in-both-shards",
    files: {
      ...SOUND,
      [SECOND]: makeFile(`{"b":${entry()},"a":${entry({ offsets: "[8,16]" })}}`, 16),
      [INDEX]: index(SOUND_MAP, ""),
    },
    code: "safetensors/duplicate-tensor",
  },
  {
    name: "total-size-of-3-mb",
    files: { ...SOUND, [INDEX]: index(SOUND_MAP, `"metadata":{"total_size":${"1".repeat(3_000_000)}},`) },
    code: "safetensors/index-json",
  },
  {
    name: "total-size-of-6-mb",
    files: { ...SOUND, [INDEX]: index(SOUND_MAP, `"metadata":{"total_size":${"1".repeat(6_000_000)}},`) },
    code: "safetensors/index-json",
  },
  {
    name: "total-size-off-by-one",
    files: { ...SOUND, [INDEX]: index(SOUND_MAP, '"metadata":{"total_size":17},') },
    code: "safetensors/index-total-size",
  },
];
