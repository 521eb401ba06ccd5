import { LowbitError } from "@lowbit/core/errors";
import { describeBlock } from "../model/block-description.js";
import type { Block } from "../model/layers.js";

/** @throws `calibration/block-mismatch` unless `block` has the layers of `original`, of the same names and sizes */
export function checkReplacement(original: Block, block: Block): void {
  const [expected, found] = [original, block].map((each) => describeBlock(each, 0).groups.flat());
  const wrong = expected!.findIndex((layer, i) => JSON.stringify(layer) !== JSON.stringify(found![i]));
  if (wrong < 0 && expected!.length === found!.length && original.index === block.index) return;
  const layer = expected![Math.max(0, wrong)]!;
  const other = found![Math.max(0, wrong)];
  throw new LowbitError(
    "calibration/block-mismatch",
    `Block ${original.index} is to be replaced by block ${block.index}; ${layer.name} [${layer.rows}, ${layer.columns}] meets ${
      other === undefined ? "no layer" : `${other.name} [${other.rows}, ${other.columns}]`
    }.`,
    { block: original.index, layer: layer.name, found: other?.name ?? null },
  );
}
