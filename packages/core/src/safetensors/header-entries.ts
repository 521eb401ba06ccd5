import { CanonicalEntryMatcher } from "./canonical-entry.js";
import { type HeaderEntry, scanEntry } from "./header-entry.js";
import { reportDuplicate, scanMetadata } from "./header-metadata.js";
import type { ProblemReport } from "./header-problem.js";
import type { JsonScanner } from "./json-scanner.js";

const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

export interface HeaderEntries {
  readonly entries: readonly HeaderEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Reads the header object. Entries with a problem are reported and left out. */
export function scanEntries(scanner: JsonScanner, report: ProblemReport): HeaderEntries {
  const entries: HeaderEntry[] = [];
  const positions = new Map<string, number>();
  let metadata: Readonly<Record<string, string>> = {};
  const matcher = scanner.asciiText === undefined ? undefined : new CanonicalEntryMatcher(scanner.asciiText);
  scanner.take(OPEN_OBJECT);
  if (!scanner.tryTake(CLOSE_OBJECT)) {
    do {
      scanner.peek();
      const position = scanner.position;
      const canonical = matcher?.match(position);
      const name = canonical?.name ?? scanner.readString();
      const first = positions.get(name);
      if (first !== undefined) reportDuplicate(report, name, first, position);
      positions.set(name, position);
      if (canonical !== undefined) {
        scanner.position = matcher!.end;
        if (first === undefined) entries.push(canonical);
        continue;
      }
      scanner.take(COLON);
      if (name === "__metadata__") metadata = scanMetadata(scanner, report);
      else {
        const entry = scanEntry(scanner, report, name, position);
        if (entry !== undefined && first === undefined) entries.push(entry);
      }
    } while (scanner.tryTake(COMMA));
    scanner.take(CLOSE_OBJECT);
  }
  if (scanner.peek() >= 0) throw scanner.unexpected("the end of the header");
  return { entries, metadata };
}
