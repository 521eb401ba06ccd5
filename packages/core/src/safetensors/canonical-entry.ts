import type { Dtype } from "../dtype/dtype-table.js";
import { dtypeOfSpelling } from "./dtype-spelling.js";
import type { HeaderEntry } from "./header-entry.js";

const NAME = '"([^"\\\\\\x00-\\x1f]{0,512})"';
const COUNT = "(?:0|[1-9][0-9]{0,14})";
const KIND = `"dtype": ?"([A-Z0-9_]{1,16}", ?"shape": ?\\[(?:${COUNT}(?:, ?${COUNT}){0,7})?)\\]`;
const OFFSETS = `"data_offsets": ?\\[(${COUNT}), ?(${COUNT})\\]`;

/** A way of writing entries, and which group of the match holds what. */
interface EntryForm {
  readonly pattern: RegExp;
  readonly kind: number;
  readonly begin: number;
  readonly end: number;
}

/** The order of the reference writer, and the alphabetical order of writers that sort keys. */
const FORMS: readonly EntryForm[] = [
  { pattern: new RegExp(`${NAME}: ?\\{${KIND}, ?${OFFSETS}\\}`, "y"), kind: 2, begin: 3, end: 4 },
  { pattern: new RegExp(`${NAME}: ?\\{${OFFSETS}, ?${KIND}\\}`, "y"), begin: 2, end: 3, kind: 4 },
];

/** Dtype and shape, which many tensors of a model share. */
interface TensorKind {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

/**
 * Matches tensor entries that are formatted as the usual writers do it: three fields in a usual order, no escapes, no
 * white space but single spaces. One native match instead of a hundred steps of the scanner, which counts where nothing
 * is compiled yet; and dtype and shape are read once for all tensors that share them. Everything else is left to the
 * scanner, which alone reports faults: faulty entries, and long names and shapes, on which the stack of the regular
 * expression could overflow.
 */
export class CanonicalEntryMatcher {
  readonly #asciiText: string;
  readonly #kinds = new Map<string, TensorKind>();
  #form: EntryForm = FORMS[0]!;
  /** One past the entry that was matched last. */
  end = 0;

  constructor(asciiText: string) {
    this.#asciiText = asciiText;
  }

  /** The entry at `position`, or undefined when it is not in canonical form or no sound tensor entry. */
  match(position: number): HeaderEntry | undefined {
    const { pattern, kind, begin, end } = this.#form;
    pattern.lastIndex = position;
    const groups = pattern.exec(this.#asciiText);
    if (groups === null) return this.#matchOtherForm(position);
    const name = groups[1]!;
    const text = groups[kind]!;
    const tensor = this.#kinds.get(text) ?? this.#addKind(text);
    if (tensor === undefined || name === "__metadata__") return undefined;
    this.end = pattern.lastIndex;
    const { dtype, shape } = tensor;
    return { name, dtype, shape, begin: Number(groups[begin]), end: Number(groups[end]), namePosition: position };
  }

  #matchOtherForm(position: number): HeaderEntry | undefined {
    const other = FORMS.find((form) => form !== this.#form)!;
    other.pattern.lastIndex = position;
    if (!other.pattern.test(this.#asciiText)) return undefined;
    this.#form = other;
    return this.match(position);
  }

  /** Reads a text like `F32", "shape": [2, 3`. */
  #addKind(text: string): TensorKind | undefined {
    const dtype = dtypeOfSpelling(text.slice(0, text.indexOf('"')));
    if (dtype === undefined) return undefined;
    const counts = text.slice(text.indexOf("[") + 1);
    const kind = { dtype, shape: counts === "" ? [] : counts.split(",").map(Number) };
    this.#kinds.set(text, kind);
    return kind;
  }
}
