import { type ProblemReport, quoteName } from "./header-problem.js";
import type { JsonScanner } from "./json-scanner.js";

const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const QUOTE = 0x22;

/** Reads the value of `__metadata__`; values that are no strings are reported and left out. */
export function scanMetadata(scanner: JsonScanner, report: ProblemReport): Readonly<Record<string, string>> {
  const found = scanner.peek();
  const position = scanner.position;
  if (found !== OPEN_OBJECT) {
    scanner.skipValue();
    // The reference reader takes null for "no metadata".
    const text = scanner.textSince(position);
    if (text !== "null") {
      report(
        "safetensors/metadata-type",
        `__metadata__ at byte ${position} is ${text}; it must be an object of strings.`,
        { byteOffset: position, found: text },
      );
    }
    return {};
  }
  const pairs = new Map<string, string>();
  const positions = new Map<string, number>();
  scanner.take(OPEN_OBJECT);
  if (scanner.tryTake(CLOSE_OBJECT)) return {};
  do {
    scanner.peek();
    const keyPosition = scanner.position;
    const key = scanner.readString();
    scanner.take(COLON);
    const first = positions.get(key);
    if (first !== undefined) reportDuplicate(report, key, first, keyPosition);
    positions.set(key, keyPosition);
    if (scanner.peek() === QUOTE) pairs.set(key, scanner.readString());
    else {
      const start = scanner.position;
      scanner.skipValue();
      const text = scanner.textSince(start);
      report(
        "safetensors/metadata-type",
        `The metadata value of ${quoteName(key)} at byte ${start} is ${text}; metadata values must be strings.`,
        { key, byteOffset: start, found: text },
      );
    }
  } while (scanner.tryTake(COMMA));
  scanner.take(CLOSE_OBJECT);
  return Object.fromEntries(pairs);
}

/** Reports a key of the header or of its metadata that occurs twice. */
export function reportDuplicate(report: ProblemReport, key: string, first: number, second: number): void {
  report(
    "safetensors/duplicate-key",
    `The key ${quoteName(key)} occurs twice in the header (at bytes ${first} and ${second}); keys must be unique.`,
    { key, first, byteOffset: second },
  );
}
