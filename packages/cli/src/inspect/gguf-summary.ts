import { fileTypeName, type GgufCheckpoint, type GgufScalar, type GgufValue } from "@lowbit/core/gguf";
import { printable } from "../output/printable.js";
import { formatCount } from "../output/quantities.js";

/** Elements of an array that are shown; a vocabulary has hundreds of thousands. */
const SHOWN_ELEMENTS = 8;
const SHOWN_CHARACTERS = 200;

/** A few lines on what the metadata of a file say. */
export function ggufSummary(checkpoint: GgufCheckpoint): string[] {
  const { gguf, ggufVersion } = checkpoint;
  const architecture = scalar(gguf.get("general.architecture"));
  const fileType = scalar(gguf.get("general.file_type"));
  const own = (key: string): GgufScalar | undefined => scalar(gguf.get(`${architecture}.${key}`));
  const tokens = gguf.get("tokenizer.ggml.tokens");
  const figures: readonly (readonly [string, GgufScalar | undefined])[] = [
    ["name", scalar(gguf.get("general.name"))],
    ["architecture", architecture],
    ["file type", typeof fileType === "number" ? fileTypeName(fileType) : undefined],
    ["blocks", own("block_count")],
    ["width", own("embedding_length")],
    ["context", own("context_length")],
    ["vocabulary", tokens?.type === "array" ? `${formatCount(tokens.length)} tokens` : undefined],
  ];
  const lines = figures.flatMap(([label, value]) =>
    value === undefined ? [] : [printable(`${label.padEnd(14)}${shortened(String(value))}`)],
  );
  return [
    `GGUF version ${ggufVersion}, ${gguf.size} metadata keys (--json lists them)`,
    ...lines,
    ...readings(checkpoint),
  ];
}

/** Types whose number means something else to other programs. */
function readings(checkpoint: GgufCheckpoint): string[] {
  const seen = new Map<string, string>();
  for (const { name } of checkpoint.tensors) {
    const info = checkpoint.ggufTensor(name);
    if (info?.otherReading !== undefined) seen.set(info.type, `${info.typeId}: ${info.otherReading}`);
  }
  return [...seen].map(([type, other]) => `${type.padEnd(14)}decided by size; type number ${other}, otherwise`);
}

/** Metadata for JSON: long arrays as their first elements and their length. */
export function ggufJson(checkpoint: GgufCheckpoint): object {
  const metadata = Object.fromEntries([...checkpoint.gguf].map(([key, value]) => [key, valueJson(value)]));
  return { version: checkpoint.ggufVersion, metadata };
}

function valueJson(value: GgufValue): object {
  if (value.type !== "array") return { type: value.type, value: scalarJson(value.value) };
  const { elementType, length, values } = value;
  if (length <= SHOWN_ELEMENTS) return { type: "array", elementType, length, values: values.map(scalarJson) };
  return { type: "array", elementType, length, first: values.slice(0, SHOWN_ELEMENTS).map(scalarJson) };
}

/** JSON has no integers above 2^53. */
function scalarJson(value: GgufScalar): string | number | boolean {
  return typeof value === "bigint" ? String(value) : value;
}

function scalar(value: GgufValue | undefined): GgufScalar | undefined {
  return value === undefined || value.type === "array" ? undefined : value.value;
}

function shortened(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
