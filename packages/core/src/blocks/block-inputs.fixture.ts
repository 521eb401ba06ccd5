/** The inputs of __golden__/make_ggml_blocks.py, the same bits. */

const COUNT = 8192;

/** Park–Miller. */
function random(seed: number, count: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return state;
  });
}

const states = random(1, 4 * COUNT);
const state = (row: number, i: number) => states[row * COUNT + i]!;

function fromBits(bits: (i: number) => number): Float32Array {
  return new Float32Array(Uint32Array.from({ length: COUNT }, (_, i) => bits(i)).buffer);
}

function runOf(i: number): number {
  return Math.floor(i / 32);
}

function normal(): Float32Array {
  return Float32Array.from({ length: COUNT }, (_, i) => {
    const sum = [0, 1, 2, 3].reduce((total, row) => total + (state(row, i) % 65536), 0);
    return ((sum - 131072) / 2 ** 17) * 2 ** ((runOf(i) % 9) - 6);
  });
}

function ties(): Float32Array {
  return Float32Array.from({ length: COUNT }, (_, i) => (((state(0, i) % 33) - 16) / 2) * 2 ** ((runOf(i) % 5) - 3));
}

function patterns(): Float32Array {
  return fromBits((i) => {
    const bits = (state(0, i) % 65536) * 65536 + (state(1, i) % 65536);
    return bits % 2 ** 31 < 0x7f800000 ? bits : bits - 2 ** 30;
  });
}

function subnormal(): Float32Array {
  return fromBits((i) => (state(2, i) % 2) * 2 ** 31 + (state(0, i) % 65536) * (1 << (runOf(i) % 12)));
}

const VALUES = [
  -0,
  1,
  -1,
  65504,
  -65520,
  1e6,
  3.4028234663852886e38,
  -3.4028234663852886e38,
  1e-45,
  2 ** -126,
  0.5,
  -(2 ** -14),
  2 ** -24,
  2 ** -25,
  448,
  2688,
  3000,
  1e9,
];

function special(): Float32Array {
  const values = new Float32Array(COUNT);
  for (let run = 0; run < 256; run++) {
    const value = VALUES[run % VALUES.length]!;
    if (run < 64) values.fill(value, 32 * run, 32 * run + 32);
    else if (run < 192) {
      values[32 * run + (state(0, run) % 32)] = value;
      values[32 * run + (state(1, run) % 32)] = value / 2;
    }
  }
  return values;
}

function belowPowers(): Float32Array {
  const exponent = (i: number) => (runOf(i) % 254) + 1;
  const quarters = fromBits((i) => exponent(i) * 2 ** 23 - (i % 32)).map((value) => value / 4);
  const tops = fromBits((i) => exponent(i) * 2 ** 23 - (state(0, runOf(i)) % 60));
  return quarters.map((value, i) => (i % 32 === 0 ? tops[i]! : value));
}

/** 8192 weights each. */
export const BLOCK_INPUTS: Readonly<Record<string, Float32Array>> = {
  normal: normal(),
  ties: ties(),
  patterns: patterns(),
  subnormal: subnormal(),
  special: special(),
  "below-powers": belowPowers(),
};

/** The bytes of blocks that are decoded. */
export function randomBlockBytes(count: number): Uint8Array {
  return Uint8Array.from(random(7, count), (value) => value % 256);
}
