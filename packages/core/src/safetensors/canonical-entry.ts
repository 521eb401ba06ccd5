import type { Dtype } from "../dtype/dtype-table.js";
import { dtypeOfSpelling } from "./dtype-spelling.js";
import type { HeaderEntry } from "./header-entry.js";
import { ownText } from "./own-text.js";

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

/** What stands between the name of an entry and its first offset: dtype and shape, written as in an entry before. */
interface Template {
  readonly text: string;
  readonly kind: TensorKind;
}

/** A block of a model has seven matrices and two norms, mostly of fewer shapes. */
const MOST_TEMPLATES = 8;

/** As in the expressions above. */
const MOST_NAME_CHARACTERS = 512;
const MOST_DIGITS = 15;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;

/**
 * Matches tensor entries that are formatted as the usual writers do it: three fields in a usual order, no escapes, no
 * white space but single spaces. One native match instead of a hundred steps of the scanner, which counts where nothing
 * is compiled yet; and dtype and shape are read once for all tensors that share them: an entry that differs from one
 * before in name and offsets alone is compared with its text. Everything else is left to the scanner, which alone reports faults: faulty entries, and long names and shapes, on which the stack of the regular
 * expression could overflow.
 */
export class CanonicalEntryMatcher {
  readonly #asciiText: string;
  readonly #kinds = new Map<string, TensorKind>();
  #form: EntryForm = FORMS[0]!;
  readonly #templates: Template[] = [];
  /** Where the number ends that was read last. */
  #numberEnd = 0;
  /** One past the entry that was matched last. */
  end = 0;

  constructor(asciiText: string) {
    this.#asciiText = asciiText;
  }

  /** The entry at `position`, or undefined when it is not in canonical form or no sound tensor entry. */
  match(position: number): HeaderEntry | undefined {
    return this.#matchTemplate(position) ?? this.#matchForm(position);
  }

  #matchTemplate(position: number): HeaderEntry | undefined {
    const text = this.#asciiText;
    const nameEnd = this.#templates.length === 0 ? -1 : plainNameEnd(text, position);
    if (nameEnd < 0) return undefined;
    const template = this.#templates.find((known) => text.startsWith(known.text, nameEnd));
    if (template === undefined) return undefined;
    const begin = this.#readCount(nameEnd + template.text.length);
    if (begin === undefined || text[this.#numberEnd] !== ",") return undefined;
    const end = this.#readCount(this.#numberEnd + (text[this.#numberEnd + 1] === " " ? 2 : 1));
    const name = text.slice(position + 1, nameEnd);
    if (end === undefined || !text.startsWith("]}", this.#numberEnd) || name === "__metadata__") return undefined;
    this.end = this.#numberEnd + 2;
    const { dtype, shape } = template.kind;
    return { name, dtype, shape, begin, end, namePosition: position };
  }

  /** The number at `position`; undefined where it is long or has leading zeros. */
  #readCount(position: number): number | undefined {
    const text = this.#asciiText;
    let at = position;
    let value = 0;
    for (; at - position <= MOST_DIGITS; at++) {
      const digit = text.charCodeAt(at) - ZERO;
      if (!(digit >= 0 && digit <= 9)) break; // also at the end, where it is no number
      value = value * 10 + digit;
    }
    const digits = at - position;
    if (digits === 0 || digits > MOST_DIGITS || (digits > 1 && text.charCodeAt(position) === ZERO)) return undefined;
    this.#numberEnd = at;
    return value;
  }

  #matchForm(position: number): HeaderEntry | undefined {
    const { pattern, kind, begin, end } = this.#form;
    pattern.lastIndex = position;
    const groups = pattern.exec(this.#asciiText);
    if (groups === null) return this.#matchOtherForm(position);
    const name = groups[1]!;
    const text = groups[kind]!;
    const tensor = this.#kinds.get(text) ?? this.#addKind(text);
    if (tensor === undefined || name === "__metadata__") return undefined;
    this.end = pattern.lastIndex;
    if (this.#form === FORMS[0]) this.#addTemplate(groups[0], name, tensor);
    const { dtype, shape } = tensor;
    return { name, dtype, shape, begin: Number(groups[begin]), end: Number(groups[end]), namePosition: position };
  }

  #matchOtherForm(position: number): HeaderEntry | undefined {
    const other = FORMS.find((form) => form !== this.#form)!;
    other.pattern.lastIndex = position;
    if (!other.pattern.test(this.#asciiText)) return undefined;
    this.#form = other;
    return this.#matchForm(position);
  }

  #addTemplate(entry: string, name: string, kind: TensorKind): void {
    const text = ownText(entry.slice(1 + name.length, entry.lastIndexOf("[") + 1));
    this.#templates.unshift({ text, kind });
    if (this.#templates.length > MOST_TEMPLATES) this.#templates.pop();
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

/** Where the closing quote of the name at `position` stands; −1 where it is no name, long, or has escapes. */
function plainNameEnd(text: string, position: number): number {
  if (text.charCodeAt(position) !== QUOTE) return -1;
  const first = position + 1;
  for (let at = first; at - first <= MOST_NAME_CHARACTERS; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (!(code >= 0x20) || code === BACKSLASH) return -1;
  }
  return -1;
}
