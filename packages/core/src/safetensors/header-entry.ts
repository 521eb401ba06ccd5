import type { Dtype } from "../dtype/dtype-table.js";
import { dtypeOfSpelling } from "./dtype-spelling.js";
import { type ProblemReport, quoteName } from "./header-problem.js";
import type { JsonScanner } from "./json-scanner.js";

const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const QUOTE = 0x22;

/** One tensor as the header states it; nothing is checked against the file yet. */
export interface HeaderEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** First byte, counted from the end of the header. */
  readonly begin: number;
  /** One past the last byte, counted from the end of the header. */
  readonly end: number;
  /** Where the name stands in the file. */
  readonly namePosition: number;
}

/** Reads one entry; undefined when it has a problem, which is reported. */
export function scanEntry(
  scanner: JsonScanner,
  report: ProblemReport,
  tensor: string,
  position: number,
): HeaderEntry | undefined {
  let sound = true;
  const refuse: ProblemReport = (code, message, facts) => {
    sound = false;
    report(code, message, { tensor, byteOffset: position, ...facts });
  };
  if (scanner.peek() !== OPEN_OBJECT) {
    const start = scanner.position;
    scanner.skipValue();
    refuse("safetensors/entry-type", `Tensor ${quoteName(tensor)} is not described by an object.`, {
      byteOffset: start,
      found: scanner.textSince(start),
    });
    return undefined;
  }
  let dtype: Dtype | undefined;
  let shape: readonly number[] | undefined;
  let offsets: readonly number[] | undefined;
  let seen: string[] | undefined;
  let fields = 0;
  scanner.take(OPEN_OBJECT);
  if (!scanner.tryTake(CLOSE_OBJECT)) {
    do {
      scanner.peek();
      const keyPosition = scanner.position;
      const key = scanner.readString();
      scanner.take(COLON);
      const field = key === "dtype" ? DTYPE : key === "shape" ? SHAPE : key === "data_offsets" ? OFFSETS : 0;
      if (field === 0) {
        seen ??= [];
        if (seen.includes(key)) reportDuplicateField(refuse, tensor, key, keyPosition);
        if (seen.length < MAX_EXTRA_FIELDS) seen.push(key);
        scanner.skipValue();
        continue;
      }
      if ((fields & field) !== 0) reportDuplicateField(refuse, tensor, key, keyPosition);
      fields |= field;
      if (field === DTYPE) dtype = scanDtype(scanner, refuse, tensor);
      else if (field === SHAPE) shape = scanCounts(scanner, refuse, tensor, "shape");
      else offsets = scanOffsets(scanner, refuse, tensor);
    } while (scanner.tryTake(COMMA));
    scanner.take(CLOSE_OBJECT);
  }
  if (fields !== ALL_FIELDS) {
    const missing = FIELD_NAMES.filter((_, index) => (fields & (1 << index)) === 0);
    refuse("safetensors/missing-field", `Tensor ${quoteName(tensor)} lacks ${missing.join(" and ")}.`, { missing });
  }
  if (!sound || dtype === undefined || shape === undefined || offsets === undefined) return undefined;
  return { name: tensor, dtype, shape, begin: offsets[0]!, end: offsets[1]!, namePosition: position };
}

const FIELD_NAMES = ["dtype", "shape", "data_offsets"] as const;
const DTYPE = 1;
const SHAPE = 2;
const OFFSETS = 4;
const ALL_FIELDS = 7;

/** Unknown fields are passed over, as the reference reader does; only this many are compared for duplicates. */
const MAX_EXTRA_FIELDS = 16;

function reportDuplicateField(refuse: ProblemReport, tensor: string, key: string, keyPosition: number): void {
  refuse(
    "safetensors/duplicate-key",
    `Tensor ${quoteName(tensor)} states ${quoteName(key)} twice (again at byte ${keyPosition}).`,
    { key, byteOffset: keyPosition },
  );
}

function scanDtype(scanner: JsonScanner, refuse: ProblemReport, tensor: string): Dtype | undefined {
  if (scanner.peek() !== QUOTE) {
    refuseType(scanner, refuse, tensor, "dtype", "a string");
    return undefined;
  }
  const byteOffset = scanner.position;
  const spelling = scanner.readString();
  const dtype = dtypeOfSpelling(spelling);
  if (dtype === undefined) {
    refuse("safetensors/unknown-dtype", `Tensor ${quoteName(tensor)} has the unknown dtype ${quoteName(spelling)}.`, {
      byteOffset,
      dtype: spelling.slice(0, 64),
    });
  }
  return dtype;
}

function scanOffsets(scanner: JsonScanner, refuse: ProblemReport, tensor: string): readonly number[] | undefined {
  scanner.peek();
  const byteOffset = scanner.position;
  const counts = scanCounts(scanner, refuse, tensor, "data_offsets");
  if (counts === undefined || counts.length === 2) return counts;
  refuse(
    "safetensors/entry-type",
    `data_offsets of tensor ${quoteName(tensor)} has ${counts.length} numbers; it must have 2.`,
    { byteOffset, field: "data_offsets", found: counts.length },
  );
  return undefined;
}

function scanCounts(
  scanner: JsonScanner,
  refuse: ProblemReport,
  tensor: string,
  field: string,
): readonly number[] | undefined {
  if (scanner.peek() !== OPEN_ARRAY) {
    refuseType(scanner, refuse, tensor, field, "an array of numbers");
    return undefined;
  }
  scanner.take(OPEN_ARRAY);
  const counts: number[] = [];
  if (scanner.tryTake(CLOSE_ARRAY)) return counts;
  let sound = true;
  do {
    scanner.peek();
    const start = scanner.position;
    const count = scanner.readCount();
    if (count === undefined) {
      sound = false;
      const text = scanner.textSince(start);
      refuse(
        "safetensors/invalid-integer",
        `${field} of tensor ${quoteName(tensor)} holds ${text}; it must hold integers from 0 to 2^53 − 1.`,
        { byteOffset: start, field, found: text },
      );
    } else counts.push(count);
  } while (scanner.tryTake(COMMA));
  scanner.take(CLOSE_ARRAY);
  return sound ? counts : undefined;
}

function refuseType(scanner: JsonScanner, refuse: ProblemReport, tensor: string, field: string, wanted: string): void {
  const start = scanner.position;
  scanner.skipValue();
  const text = scanner.textSince(start);
  refuse("safetensors/entry-type", `${field} of tensor ${quoteName(tensor)} is ${text}; it must be ${wanted}.`, {
    byteOffset: start,
    field,
    found: text,
  });
}
