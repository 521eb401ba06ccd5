/** How a number stands in a message that JSON could not say: NaN, Infinity, -Infinity. */
interface PackedNumber {
  readonly $number: "NaN" | "Infinity" | "-Infinity";
}

/**
 * Messages to a page are JSON but for typed arrays: the editor would make null of numbers that are not finite. What holds
 * none is handed back as it is, typed arrays always.
 */
export function packNumbers(value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) return { $number: String(value) } as PackedNumber;
  return mapParts(value, packNumbers);
}

/** The other way. */
export function unpackNumbers(value: unknown): unknown {
  if (isPacked(value)) return Number(value.$number);
  return mapParts(value, unpackNumbers);
}

function isPacked(value: unknown): value is PackedNumber {
  return (
    typeof value === "object" &&
    value !== null &&
    "$number" in value &&
    (value.$number === "NaN" || value.$number === "Infinity" || value.$number === "-Infinity")
  );
}

/** The array or object with every part mapped; the same one where nothing changed. */
function mapParts(value: unknown, map: (part: unknown) => unknown): unknown {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
    return value;
  let copy: Record<string, unknown> | unknown[] | undefined;
  for (const [key, part] of Object.entries(value)) {
    const mapped = map(part);
    if (mapped === part) continue;
    copy ??= Array.isArray(value) ? [...value] : { ...value };
    (copy as Record<string, unknown>)[key] = mapped;
  }
  return copy ?? value;
}
