import type { LowbitError } from "../errors/index.js";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;

/** Nesting beyond this is refused, as serde_json (the reference reader's parser) does: it protects the stack. */
const MAX_DEPTH = 128;

/** Digits that always fit below 2^53. */
const SAFE_DIGITS = 15;

const LONE_SURROGATE = /\p{Surrogate}/u;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export interface JsonScannerOptions {
  /** The same bytes as text, given only when every byte is ASCII, so that positions agree; makes strings cheap. */
  readonly asciiText?: string;
  /** Makes the error for a syntax fault at `position` of `bytes`. */
  readonly fail: (reason: string, position: number) => LowbitError;
}

/**
 * A strict RFC 8259 scanner that is pulled by its caller: unlike `JSON.parse` it lets duplicate keys be seen and knows
 * byte positions, and it makes no object that the caller did not ask for.
 */
export class JsonScanner {
  position: number;
  readonly bytes: Uint8Array;
  readonly #end: number;
  readonly asciiText: string | undefined;
  readonly #fail: (reason: string, position: number) => LowbitError;
  /** Whether the last failure came from the end of the bytes: more of them could have helped. */
  ranOut = false;

  constructor(bytes: Uint8Array, start: number, options: JsonScannerOptions) {
    this.bytes = bytes;
    this.position = start;
    this.#end = bytes.byteLength;
    this.asciiText = options.asciiText;
    this.#fail = options.fail;
  }

  /** The next byte that is no white space, without taking it; −1 at the end. */
  peek(): number {
    const bytes = this.bytes;
    let at = this.position;
    while (at < this.#end) {
      const byte = bytes[at]!;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
      at++;
    }
    this.position = at;
    return at < this.#end ? bytes[at]! : -1;
  }

  /** Takes `byte` when it comes next. */
  tryTake(byte: number): boolean {
    if (this.peek() !== byte) return false;
    this.position++;
    return true;
  }

  /** Takes `text` when exactly these characters come next, white space included. Only where the text of the bytes is known. */
  tryTakeText(text: string): boolean {
    if (this.asciiText?.startsWith(text, this.position) !== true) return false;
    this.position += text.length;
    return true;
  }

  /** @throws the caller's error unless `byte` comes next. */
  take(byte: number): void {
    if (!this.tryTake(byte)) throw this.unexpected(`"${String.fromCharCode(byte)}"`);
  }

  /** The error for what comes next, where `wanted` should have come. */
  unexpected(wanted: string): LowbitError {
    const found = this.peek();
    if (found < 0) {
      this.ranOut = true;
      return this.#fail(`it ends where ${wanted} should come`, this.position);
    }
    const shown = found >= 0x20 && found < 0x7f ? `"${String.fromCharCode(found)}"` : `byte 0x${found.toString(16)}`;
    return this.#fail(`${shown} stands where ${wanted} should come`, this.position);
  }

  /** The caller's error for something at `position` that is well-formed but not wanted. */
  faultAt(reason: string, position: number): LowbitError {
    return this.#fail(reason, position);
  }

  readString(): string {
    if (this.peek() !== QUOTE) throw this.unexpected("a string");
    const bytes = this.bytes;
    const start = this.position + 1;
    let at = start;
    while (at < this.#end) {
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        this.position = at + 1;
        return this.asciiText === undefined ? this.#decode(start, at) : this.asciiText.slice(start, at);
      }
      if (byte === BACKSLASH) return this.#readEscapedString(start, at);
      if (byte < 0x20) throw this.#fail("a string holds a control character", at);
      at++;
    }
    this.ranOut = true;
    throw this.#fail("a string has no end", start - 1);
  }

  /** A string with escapes, seldom: left to `JSON.parse`, which knows every escape. */
  #readEscapedString(start: number, firstEscape: number): string {
    let at = firstEscape;
    while (at < this.#end && this.bytes[at] !== QUOTE) at += this.bytes[at] === BACKSLASH ? 2 : 1;
    if (at >= this.#end) {
      this.ranOut = true;
      throw this.#fail("a string has no end", start - 1);
    }
    let value: string;
    try {
      value = JSON.parse(this.#decode(start - 1, at + 1));
    } catch {
      throw this.#fail("a string holds an invalid escape or a control character", start - 1);
    }
    if (LONE_SURROGATE.test(value)) throw this.#fail("a string holds half of a surrogate pair", start - 1);
    this.position = at + 1;
    return value;
  }

  #decode(start: number, end: number): string {
    try {
      return utf8.decode(this.bytes.subarray(start, end));
    } catch {
      throw this.#fail("a string is not valid UTF-8", start);
    }
  }

  /** A non-negative integer below 2^53 written in plain digits; any other JSON value is skipped and gives undefined. */
  readCount(): number | undefined {
    const first = this.peek();
    const start = this.position;
    const bytes = this.bytes;
    if (first > ZERO && first <= NINE) {
      let at = start + 1;
      let value = first - ZERO;
      while (at < this.#end && isDigit(bytes[at]!)) {
        value = value * 10 + (bytes[at]! - ZERO);
        at++;
      }
      if (at - start <= SAFE_DIGITS && at < this.#end && !continuesNumber(bytes[at]!)) {
        this.position = at;
        return value;
      }
    } else if (first === ZERO && start + 1 < this.#end) {
      const byte = bytes[start + 1]!;
      if (!continuesNumber(byte) && !isDigit(byte)) {
        this.position = start + 1;
        return 0;
      }
    }
    this.skipValue();
    const text = this.textSince(start);
    return /^[0-9]+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
  }

  /** Passes one value of any kind. */
  skipValue(depth = 0): void {
    if (depth > MAX_DEPTH) throw this.#fail(`values are nested deeper than ${MAX_DEPTH}`, this.position);
    const first = this.peek();
    if (first === QUOTE) this.readString();
    else if (first === 0x7b) this.#skipObject(depth);
    else if (first === 0x5b) this.#skipArray(depth);
    else if (first === MINUS || (first >= ZERO && first <= NINE)) this.#skipNumber();
    else this.#skipWord();
  }

  #skipObject(depth: number): void {
    this.take(0x7b);
    if (this.tryTake(0x7d)) return;
    do {
      this.readString();
      this.take(0x3a);
      this.skipValue(depth + 1);
    } while (this.tryTake(0x2c));
    this.take(0x7d);
  }

  #skipArray(depth: number): void {
    this.take(0x5b);
    if (this.tryTake(0x5d)) return;
    do this.skipValue(depth + 1);
    while (this.tryTake(0x2c));
    this.take(0x5d);
  }

  #skipNumber(): void {
    const start = this.position;
    if (this.bytes[start] === MINUS) this.position++;
    if (this.bytes[this.position] === ZERO) this.position++;
    else this.#skipDigits(start);
    if (this.bytes[this.position] === 0x2e) {
      this.position++;
      this.#skipDigits(start);
    }
    const letter = this.bytes[this.position];
    if (letter === 0x45 || letter === 0x65) {
      this.position++;
      const sign = this.bytes[this.position];
      if (sign === MINUS || sign === 0x2b) this.position++;
      this.#skipDigits(start);
    }
  }

  #skipDigits(start: number): void {
    let at = this.position;
    while (at < this.#end && isDigit(this.bytes[at]!)) at++;
    if (at === this.position) {
      this.ranOut = at >= this.#end;
      throw this.#fail("a number is malformed", start);
    }
    this.position = at;
  }

  #skipWord(): void {
    const start = this.position;
    for (const word of ["true", "false", "null"]) {
      const end = start + word.length;
      if (latin1(this.bytes, start, Math.min(end, this.#end)) === word) {
        this.position = end;
        return;
      }
      if (end > this.#end) this.ranOut = true;
    }
    throw this.unexpected("a value");
  }

  /** What was taken since `start`, at most 64 characters, for messages. */
  textSince(start: number): string {
    return latin1(this.bytes, start, Math.min(this.position, start + 64));
  }
}

/** The bytes as text when each of them is ASCII. */
export function decodeAscii(bytes: Uint8Array): string | undefined {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return undefined;
  }
  return text.length === bytes.byteLength ? text : undefined;
}

/** Bytes that may follow the digits of an integer when the number is no plain integer. */
function continuesNumber(byte: number): boolean {
  return byte === 0x2e || byte === 0x45 || byte === 0x65 || byte === MINUS || byte === 0x2b;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}
