import type { InputTransform } from "../../terms/input-transform.js";
import { writeScales } from "../../terms/scale-array.js";
import type { ScaleDtype } from "../../terms/term.js";
import { allocateTerm } from "../../terms/term-arrays.js";
import type { ChannelScaleLayout } from "../../terms/transforms/channel-scale.js";
import { AFFINE_GRID_OPTIONS, affineLayout, claimedAffineBits, optionConflict } from "../affine-options.js";
import type { CalibratedQuantizer } from "../calibrated-quantizer.js";
import type { StatisticKind } from "../layer-statistics.js";
import { requiredStatistic } from "../required-statistic.js";
import { SCALE_DTYPE_OPTION } from "../scale-options.js";
import { roundToNearest, sampleRows } from "./approximate-rows.js";
import { clipGroups } from "./clip-groups.js";
import { scaleColumns, searchScales } from "./search-scales.js";

export interface AwqOptions {
  readonly bits: number;
  readonly group: number | "row";
  readonly zero: "symmetric" | "integer" | "float" | "minimum";
  readonly scaleSearch: boolean;
  readonly clipSearch: boolean;
  readonly searchRows: number;
  readonly scaleDtype: ScaleDtype;
}

const DEFAULT_SEARCH_ROWS = 2048;

/** Activation-aware quantization: columns with large inputs are scaled up before rounding, ranges are clipped. */
export const awq: CalibratedQuantizer<AwqOptions> = {
  name: "awq",
  summary: "Round to nearest after a scale per input channel and a clip per group, both searched by output error.",
  source: "AWQ (Lin et al. 2023), section 3.2; clip search: auto_clip of its released code",
  options: {
    bits: { kind: "integer", default: 4, minimum: 2, maximum: 8, help: "Bits of a code." },
    group: {
      kind: "group",
      default: 128,
      allows: ["group", "row"],
      help: "Weights of a row that share a scale and a zero.",
    },
    zero: AFFINE_GRID_OPTIONS.zero,
    scaleSearch: { kind: "boolean", default: true, help: "Search a scale for every input channel." },
    clipSearch: { kind: "boolean", default: true, help: "Search the range of every group." },
    searchRows: {
      kind: "integer",
      default: DEFAULT_SEARCH_ROWS,
      minimum: 1,
      maximum: 1048576,
      help: "Rows that the scale search looks at, spread evenly; all of them in layers that have no more.",
    },
    scaleDtype: SCALE_DTYPE_OPTION,
  },
  check({ scaleSearch, searchRows }) {
    if (scaleSearch || searchRows === DEFAULT_SEARCH_ROWS) return;
    throw optionConflict("awq", "searchRows", "scaleSearch false", "no rows are searched");
  },
  needs({ scaleSearch, clipSearch }) {
    const needed: StatisticKind[] = [];
    if (scaleSearch || clipSearch) needed.push("hessian");
    if (scaleSearch) needed.push("mean-abs");
    return needed;
  },
  layout: (shape, options) => ({
    terms: [affineLayout(shape, options)],
    transforms: options.scaleSearch ? [scaleLayout(shape.columns, options)] : [],
  }),
  claimedBitsPerWeight: (shape, options) => claimedAffineBits(affineLayout(shape, options)),
  quantizeLayer(layer, options, backend) {
    const { weights } = layer;
    const layout = affineLayout(weights, options);
    const addApproximation = roundToNearest(layout, backend);
    const inputTransforms: InputTransform[] = [];
    let inverse: Float32Array = new Float32Array(weights.columns).fill(1);
    let scaled = weights;
    if (options.scaleSearch) {
      const input = { hessian: requiredStatistic(layer, "hessian"), meanAbs: requiredStatistic(layer, "mean-abs") };
      const sample = sampleRows(weights, options.searchRows);
      ({ inverse } = searchScales([sample], input, addApproximation, options.scaleDtype, backend));
      scaled = scaleColumns(weights, inverse);
      inputTransforms.push(channelScale(inverse, options));
    }
    if (options.clipSearch) {
      const hessian = requiredStatistic(layer, "hessian");
      clipGroups(scaled, inverse, hessian, layout.groupSize, addApproximation, backend);
    }
    const term = allocateTerm(layout);
    backend.affineFit(scaled, term, { includeZero: false });
    return { terms: [term], inputTransforms };
  },
};

function scaleLayout(columns: number, { scaleDtype }: AwqOptions): ChannelScaleLayout {
  return { kind: "channel-scale", columns, scaleDtype };
}

function channelScale(inverse: Float32Array, options: AwqOptions): InputTransform {
  const layout = scaleLayout(inverse.length, options);
  const scale = new Uint8Array(inverse.length * (options.scaleDtype === "F32" ? 4 : 2));
  writeScales(inverse, options.scaleDtype, scale);
  return { layout, arrays: { scale } };
}
