import { transposeWords } from "../gptq/words.js";

/** Nibble of a word that holds output 0 … 7 of its eight: 0 2 4 6 1 3 5 7 in a word, lowest nibble first. */
const NIBBLE_OF: readonly number[] = [0, 4, 1, 5, 2, 6, 3, 7];

/** Codes [outputs, inputs], one a byte, from words I32 [inputs, outputs/8]. */
export function unpackNibbles(words: Uint8Array, inputs: number, outputs: number): Uint8Array {
  const transposed = new Uint32Array(transposeWords(words, inputs, outputs / 8).buffer);
  const codes = new Uint8Array(inputs * outputs);
  for (let output = 0; output < outputs; output++) {
    const shift = 4 * NIBBLE_OF[output % 8]!;
    const from = Math.floor(output / 8) * inputs;
    const to = output * inputs;
    for (let i = 0; i < inputs; i++) codes[to + i] = (transposed[from + i]! >>> shift) & 15;
  }
  return codes;
}

/** The inverse of `unpackNibbles`. */
export function packNibbles(codes: Uint8Array, inputs: number, outputs: number): Uint8Array {
  const words = new Uint32Array((inputs * outputs) / 8);
  for (let output = 0; output < outputs; output++) {
    const shift = 4 * NIBBLE_OF[output % 8]!;
    const from = output * inputs;
    const to = Math.floor(output / 8) * inputs;
    for (let i = 0; i < inputs; i++) words[to + i]! |= codes[from + i]! << shift;
  }
  return transposeWords(new Uint8Array(words.buffer), outputs / 8, inputs);
}
