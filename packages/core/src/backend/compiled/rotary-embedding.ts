import type { RowBlock } from "../../tensor/row-block.js";
import { checkRotary } from "../check-layers.js";
import type { RotaryTables } from "../ops/layer-ops.js";
import { type KernelCaller, output } from "./kernel-caller.js";

export function rotaryEmbedding(
  kernels: KernelCaller,
  x: RowBlock,
  tables: RotaryTables,
  positions: Uint32Array,
  inverse: boolean,
): void {
  checkRotary(x, tables, positions);
  kernels.call(
    "rotary_embedding",
    0,
    x.rows,
    output(x.values),
    tables.cosines,
    tables.sines,
    positions,
    x.columns,
    tables.headSize,
    tables.rotarySize,
    Number(inverse),
  );
}
