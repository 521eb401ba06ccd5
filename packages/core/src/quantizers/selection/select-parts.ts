import type { RowBlock } from "../../tensor/row-block.js";
import { type BlockPart, splitColumns, takePart } from "../fits/block-part.js";
import { searchZoneBorders, zoneNumbers } from "./magnitude-zones.js";
import { elementSaliency, rankColumns, type SaliencyMetric } from "./saliency.js";
import { searchSalientCount } from "./search-salient-count.js";

export interface PartSelection {
  readonly metric: SaliencyMetric;
  /** Most columns of a block that are salient. */
  readonly salientLimit: number;
  /**
   * What both searches measure their error on: the weights; or "saliency", as the released BiLLM code does, where also the
   * zeros in place of salient columns count in the quantiles.
   */
  readonly searchOn: "weights" | "saliency";
  readonly hasMean: boolean;
  readonly zones: 2 | 3;
  readonly salientZones: 1 | 2;
  /** Candidates for a zone border. */
  readonly steps: number;
  /** [rows, columns of the block], 0 where a weight is pruned; absent: none is. */
  readonly kept?: Uint8Array;
}

export interface BlockParts {
  readonly rest: BlockPart;
  /** Gets two binary terms. */
  readonly salient: BlockPart;
}

/**
 * The structure that BiLLM gives a block: its most salient columns, and magnitude zones among the other weights.
 * @param diagonal U_jj of the columns of the block
 */
export function selectParts(block: RowBlock, diagonal: Float32Array, selection: PartSelection): BlockParts {
  const { metric, salientLimit, hasMean, zones, salientZones, steps, kept } = selection;
  const isReference = selection.searchOn === "saliency";
  const saliency = { ...block, values: elementSaliency(block, metric, diagonal) };
  const ranked = rankColumns(saliency, kept);
  // The magnitude metric of the released code is w itself, with its sign.
  const searched = isReference && metric === "hessian" ? saliency : block;
  const search = {
    limit: salientLimit,
    hasMean,
    ...(kept ? { kept } : {}),
  };
  const count = searchSalientCount(searched, ranked, search);
  const columns = splitColumns(ranked, count);

  const split = (of: Uint32Array, order: 1 | 2, zonesOfPart: 1 | 2 | 3): BlockPart => {
    const part = takePart(block, of, order, kept);
    if (zonesOfPart === 1) return part;
    const measured = { rows: block.rows, columns: of.length, values: takePart(searched, of, order).values };
    const keptOfPart = kept ? part.zoneOf.map((zone) => 1 - zone) : undefined;
    const borders = searchZoneBorders(measured, {
      zones: zonesOfPart,
      steps,
      hasMean,
      ...(keptOfPart ? { kept: keptOfPart } : {}),
      extraZeros: isReference ? block.rows * count : 0,
    });
    const zoneOf = zoneNumbers(measured, borders);
    if (keptOfPart) for (let at = 0; at < zoneOf.length; at++) if (keptOfPart[at] === 0) zoneOf[at] = zonesOfPart;
    return { ...part, zones: zonesOfPart, zoneOf };
  };
  return { rest: split(columns.rest, 1, zones), salient: split(columns.salient, 2, salientZones) };
}
