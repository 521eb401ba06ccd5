/**
 * Seeded generator of safetensors files and shard indexes: a sound one by the grammar, then up to four damages of its
 * values, its text or its bytes. The same seed gives the same inputs everywhere.
 */

const DTYPE_BITS = { BOOL: 8, F4: 4, F6_E2M3: 6, U8: 8, F8_E4M3: 8, F16: 16, BF16: 16, F32: 32, I64: 64, FP4: 4 };
const NAMES = [
  "a",
  "b",
  "model.layers.0.weight",
  "",
  "__proto__",
  "é",
  "\u{1f9e0}",
  "a\\b",
  'q"q',
  "\u0007",
  "__metadata__",
];

/** JSON texts that stand where a number or another value should. */
const NASTY_VALUES = [
  "-1",
  "-0",
  "1.0",
  "1e3",
  "1e999",
  "9007199254740991",
  "9007199254740993",
  "18446744073709551615",
].concat([
  "18446744073709551616",
  "4294967296",
  "2147483648",
  "null",
  "true",
  '"1"',
  "[]",
  "{}",
  "[[[]]]",
  "01",
  "NaN",
  "",
]);
const NASTY_TOKENS = [
  '"',
  "\\",
  "\\u0000",
  "\\ud800",
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  " ",
  "\n",
  "\u0000",
  "/*",
  "null",
  "0",
  "9",
  "-",
  ".",
  "e",
  '"a":',
  "\ufeff",
];

/** mulberry32: a number from 0 to 1, exclusive. */
export function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One input: `kind` is "file" or "index"; `fileSize` may lie about what follows the bytes of a file. */
export function fuzzInput(random) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const upTo = (limit) => Math.floor(random() * (limit + 1));
  const damages = upTo(4);
  const isIndex = random() < 0.1;
  let text = isIndex ? soundIndex(pick, upTo) : soundHeader(pick, upTo);
  let dataBytes = isIndex ? 0 : text.dataBytes;
  if (!isIndex) text = text.json;
  let late = 0;
  for (let damage = 0; damage < damages; damage++) {
    const kind = upTo(9);
    if (kind < 3) text = replaceNumber(text, pick, upTo);
    else if (kind < 5) text = insert(text, pick(NASTY_TOKENS), upTo);
    else if (kind === 5) text = repeatSlice(text, upTo);
    else if (kind === 6) text = text.slice(0, upTo(text.length));
    else late++;
  }
  let bytes = new TextEncoder().encode(text);
  for (let damage = 0; damage < late; damage++) bytes = damageBytes(bytes, pick, upTo);
  if (isIndex) return { kind: "index", bytes, pieceBytes: pick([7, 16, 100, 2 ** 20]) };
  if (random() < 0.1) dataBytes = Math.max(0, dataBytes + pick([-1, 1, -dataBytes, 2 ** 33]));
  const length =
    random() < 0.05 ? pick([0n, 1n, 2n ** 63n, 2n ** 64n - 1n, 65_536n, 100_000_001n]) : BigInt(bytes.length);
  const file = new Uint8Array(8 + bytes.length);
  new DataView(file.buffer).setBigUint64(0, length, true);
  file.set(bytes, 8);
  const whole = random() < 0.02 ? file.slice(0, upTo(file.length)) : file;
  return { kind: "file", bytes: whole, fileSize: whole.length + (whole === file ? dataBytes : 0) };
}

function soundHeader(pick, upTo) {
  const space = pick(["", "", "", " ", "\n  "]);
  const members = [];
  if (upTo(3) === 0) {
    const pairs = Array.from(
      { length: upTo(3) },
      () => `${JSON.stringify(pick(NAMES))}:${space}${JSON.stringify(pick(NAMES))}`,
    );
    members.push(`"__metadata__":${space}{${pairs.join(",")}}`);
  }
  let begin = 0;
  for (let tensor = upTo(6); tensor > 0; tensor--) {
    const dtype = pick(Object.keys(DTYPE_BITS));
    const shape = Array.from({ length: upTo(3) }, () => pick([0, 1, 2, 3, 8, 256]));
    if (DTYPE_BITS[dtype] % 8 !== 0) shape.push(4);
    const end = begin + (shape.reduce((product, size) => product * size, 1) * DTYPE_BITS[dtype]) / 8;
    const fields = [
      `"dtype":${space}"${dtype}"`,
      `"shape":${space}[${shape}]`,
      `"data_offsets":[${begin},${space}${end}]`,
    ];
    if (upTo(9) === 0) fields.push(`"${pick(["dtype", "x"])}":${pick(NASTY_VALUES)}`);
    if (upTo(9) === 0) fields.reverse();
    else if (upTo(4) === 0) fields.sort();
    const name = upTo(3) === 0 ? pick(NAMES) : `tensor.${tensor}`;
    members.push(`${JSON.stringify(name)}:{${fields.join(",")}}`);
    begin = end;
  }
  if (upTo(5) === 0) members.reverse();
  return { json: `{${members.join(`,${space}`)}}${" ".repeat(upTo(7))}`, dataBytes: begin };
}

function soundIndex(pick, upTo) {
  const count = 1 + upTo(3);
  const entries = Array.from({ length: upTo(8) }, (_, tensor) => {
    const name = upTo(5) === 0 ? pick(NAMES) : `tensor.${tensor}`;
    const shard = upTo(9) === 0 ? pick(NAMES) : `m-0000${1 + upTo(count - 1)}-of-0000${count}.safetensors`;
    return `${JSON.stringify(name)}: ${JSON.stringify(shard)}`;
  });
  const members = [`"weight_map": {${entries.join(", ")}}`];
  if (upTo(1) === 0) members.unshift(`"metadata": {"total_size": ${pick(["0", "12", "1.0", ...NASTY_VALUES])}}`);
  if (upTo(5) === 0) members.push(`"other": ${pick(NASTY_VALUES)}`);
  return `{${members.join(", ")}}`;
}

function replaceNumber(text, pick, upTo) {
  const numbers = [...text.matchAll(/[0-9]+/g)];
  if (numbers.length === 0) return text;
  const { index, 0: digits } = numbers[upTo(numbers.length - 1)];
  return text.slice(0, index) + pick(NASTY_VALUES) + text.slice(index + digits.length);
}

function insert(text, token, upTo) {
  const at = upTo(text.length);
  return text.slice(0, at) + token + text.slice(at + (upTo(1) === 0 ? token.length : 0));
}

function repeatSlice(text, upTo) {
  const begin = upTo(text.length);
  const end = begin + upTo(text.length - begin);
  const times = text.length < 5000 && upTo(20) === 0 ? 500 : 1;
  return text.slice(0, end) + text.slice(begin, end).repeat(times) + text.slice(end);
}

function damageBytes(bytes, pick, upTo) {
  const at = upTo(bytes.length);
  const kind = upTo(2);
  if (kind === 0) return bytes.map((byte, index) => (index === at ? byte ^ (1 << upTo(7)) : byte));
  if (kind === 1)
    return bytes.map((byte, index) => (index === at ? pick([0, 0x80, 0xc0, 0xe2, 0xff, 0x22, 0x7b]) : byte));
  const copy = new Uint8Array(bytes.length + 1);
  copy.set(bytes.subarray(0, at));
  copy[at] = upTo(255);
  copy.set(bytes.subarray(at), at + 1);
  return copy;
}
