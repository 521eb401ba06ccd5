import { LowbitError } from "../errors/index.js";
import { quoteName } from "../safetensors/header-problem.js";
import type { ByteWriter } from "./byte-writer.js";
import { ARRAY_ID, GGUF_SCALARS, type GgufMetadata, type GgufScalar, type GgufScalarType } from "./gguf-value.js";
import { MAX_KEY_BYTES } from "./parse-metadata.js";

/** Writes every key with its value, in the order of the map. @throws `gguf/write-value`, `gguf/write-name` */
export function encodeMetadata(writer: ByteWriter, metadata: GgufMetadata): void {
  for (const [key, value] of metadata) {
    encodeKey(writer, key);
    if (value.type !== "array") {
      writer.uint32(GGUF_SCALARS[value.type].id);
      encodeScalar(writer, value.type, value.value, key);
      continue;
    }
    const { elementType, length, values } = value;
    if (values.length !== length) {
      throw new LowbitError(
        "gguf/write-value",
        `${quoteName(key)} states ${length} elements and holds ${values.length}.`,
        {
          key,
          found: values.length,
          expected: length,
        },
      );
    }
    writer.uint32(ARRAY_ID);
    writer.uint32(GGUF_SCALARS[elementType].id);
    writer.uint64(length);
    for (const element of values) encodeScalar(writer, elementType, element, key);
  }
}

/** ggml refuses empty keys; the specification bounds them. */
function encodeKey(writer: ByteWriter, key: string): void {
  const before = writer.length;
  writer.text(key);
  const bytes = writer.length - before - 8;
  if (bytes >= 1 && bytes <= MAX_KEY_BYTES) return;
  throw new LowbitError("gguf/write-name", `A metadata key has ${bytes} bytes; 1 to ${MAX_KEY_BYTES} are allowed.`, {
    found: bytes,
    allowed: MAX_KEY_BYTES,
  });
}

const INTEGER_BITS: Partial<Record<GgufScalarType, { readonly bits: number; readonly signed: boolean }>> = {
  uint8: { bits: 8, signed: false },
  int8: { bits: 8, signed: true },
  uint16: { bits: 16, signed: false },
  int16: { bits: 16, signed: true },
  uint32: { bits: 32, signed: false },
  int32: { bits: 32, signed: true },
  uint64: { bits: 64, signed: false },
  int64: { bits: 64, signed: true },
};

function encodeScalar(writer: ByteWriter, type: GgufScalarType, value: GgufScalar, key: string): void {
  const integer = INTEGER_BITS[type];
  if (integer !== undefined && isInteger(value) && isWithin(value, integer)) {
    writer.integer(BigInt(value), integer.bits / 8);
  } else if (type === "string" && typeof value === "string") {
    writer.text(value);
  } else if (type === "bool" && typeof value === "boolean") {
    writer.integer(value ? 1n : 0n, 1);
  } else if ((type === "float32" || type === "float64") && typeof value === "number") {
    writer.float(value, GGUF_SCALARS[type].bytes);
  } else {
    throw new LowbitError("gguf/write-value", `${quoteName(key)} is ${String(value)}, which is no ${type}.`, {
      key,
      found: String(value),
      type,
    });
  }
}

function isWithin(
  value: number | bigint,
  { bits, signed }: { readonly bits: number; readonly signed: boolean },
): boolean {
  const whole = BigInt(value);
  return (signed ? BigInt.asIntN(bits, whole) : BigInt.asUintN(bits, whole)) === whole;
}

function isInteger(value: GgufScalar): value is number | bigint {
  return typeof value === "bigint" || Number.isSafeInteger(value);
}
