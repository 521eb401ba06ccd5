import { type GgufValue, isGgufCheckpoint } from "@lowbit/core/gguf";
import type { Checkpoint } from "@lowbit/core/safetensors";

const SHOWN_ENTRIES = 1000;
const SHOWN_KEY = 200;
const SHOWN_VALUE = 300;
const SHOWN_ELEMENTS = 8;

/** Free-form metadata of all files, each key and value once. Untrusted text: cut, and shown as text. */
export function metadataEntries(checkpoint: Checkpoint): { readonly key: string; readonly value: string }[] {
  const entries: { readonly key: string; readonly value: string }[] = [];
  const seen = new Set<string>();
  const add = (key: string, value: string): void => {
    const entry = { key: cut(key, SHOWN_KEY), value: cut(value, SHOWN_VALUE) };
    const text = JSON.stringify(entry);
    if (seen.has(text) || entries.length >= SHOWN_ENTRIES) return;
    seen.add(text);
    entries.push(entry);
  };
  for (const ofFile of checkpoint.metadata.values()) {
    for (const [key, value] of Object.entries(ofFile)) add(key, value);
  }
  if (isGgufCheckpoint(checkpoint)) {
    for (const [key, value] of checkpoint.gguf) add(key, ggufText(value));
  }
  return entries;
}

function ggufText(value: GgufValue): string {
  if (value.type !== "array") return String(value.value);
  const { elementType, length } = value;
  if (length > SHOWN_ELEMENTS) return `${length} values of type ${elementType}`;
  return value.values.map(String).join(", ");
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
