import { checkRotary } from "../check-layers.js";
import type { KernelOps } from "../kernel-backend.js";

/** Features i and i + rotarySize/2 of every head turn by the angle of the token's position: a·cos − b·sin, b·cos + a·sin. */
export const rotaryEmbedding: KernelOps["rotaryEmbedding"] = (x, tables, positions, inverse) => {
  checkRotary(x, tables, positions);
  const { values, rows, columns } = x;
  const half = tables.rotarySize / 2;
  for (let token = 0; token < rows; token++) {
    for (let head = token * columns; head < (token + 1) * columns; head += tables.headSize) {
      for (let i = 0; i < half; i++) {
        const cosine = tables.cosines[positions[token]! * half + i]!;
        const sine = tables.sines[positions[token]! * half + i]! * (inverse ? -1 : 1);
        const a = values[head + i]!;
        const b = values[head + half + i]!;
        values[head + i] = a * cosine - b * sine;
        values[head + half + i] = b * cosine + a * sine;
      }
    }
  }
};
