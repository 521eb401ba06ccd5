import type { RotaryTables } from "@lowbit/core/backend";
import type { DecoderConfig } from "../model/decoder-config.js";

/** cos and sin of every position below `positions`; undefined for models with learned positions. */
export function rotaryTables(config: DecoderConfig, positions: number): RotaryTables | undefined {
  if (config.positions.kind !== "rotary") return undefined;
  const { frequencies, attentionFactor } = config.positions;
  const half = frequencies.length;
  const cosines = new Float32Array(positions * half);
  const sines = new Float32Array(positions * half);
  for (let position = 0; position < positions; position++) {
    for (let i = 0; i < half; i++) {
      // The angle is f32, as in the models' training code.
      const angle = Math.fround(position * Math.fround(frequencies[i]!));
      cosines[position * half + i] = Math.cos(angle) * attentionFactor;
      sines[position * half + i] = Math.sin(angle) * attentionFactor;
    }
  }
  return { cosines, sines, positions, headSize: config.headSize, rotarySize: 2 * half };
}

/** The rows of positions `begin` … `end − 1`, in the same memory: row 0 is position `begin`. */
export function rotaryRows(tables: RotaryTables, begin: number, end: number): RotaryTables {
  const half = tables.rotarySize / 2;
  const rows = (angles: Float32Array): Float32Array => angles.subarray(begin * half, end * half);
  return { ...tables, cosines: rows(tables.cosines), sines: rows(tables.sines), positions: end - begin };
}
