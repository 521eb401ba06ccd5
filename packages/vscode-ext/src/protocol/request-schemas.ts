import * as v from "valibot";
import type { CompareSortKey } from "./compare-messages.js";
import type { LayerSortKey } from "./layer-messages.js";
import type { ParamsOf, RequestName } from "./request-map.js";
import type { MapQuantity } from "./tensor-messages.js";

// What a page may ask for. A page shows untrusted names and metadata, so what it sends is checked like a file: every
// length and count has a bound before anything is allocated for it.

const LIMITS = {
  name: 4096,
  text: 65_536,
  list: 10_000,
  bins: 4096,
  mapSide: 2048,
  valueSide: 256,
  windowLines: 10_000,
  options: 64,
  savedBytes: 256 * 1024 * 1024,
} as const;

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(LIMITS.name));
const text = v.pipe(v.string(), v.maxLength(LIMITS.text));
const path = v.pipe(v.string(), v.minLength(1), v.maxLength(LIMITS.name));
const filter = v.pipe(v.string(), v.maxLength(LIMITS.name));
const finite = v.pipe(v.number(), v.finite());
const index = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const upTo = (largest: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(largest));
const names = v.pipe(v.array(name), v.maxLength(LIMITS.list));
const empty = v.record(v.string(), v.never());

const side = v.variant("kind", [
  v.strictObject({ kind: v.literal("own") }),
  v.strictObject({ kind: v.literal("trial"), trial: name }),
  v.strictObject({ kind: v.literal("compared") }),
]);

const outlierRule = v.variant("kind", [
  v.strictObject({ kind: v.literal("sigma"), factor: v.pipe(finite, v.minValue(0)) }),
  v.strictObject({ kind: v.literal("quantile"), share: v.pipe(finite, v.minValue(0), v.maxValue(1)) }),
  v.strictObject({ kind: v.literal("absolute"), threshold: v.pipe(finite, v.minValue(0)) }),
]);

const layerSortKeys = [
  "name",
  "storage",
  "parameters",
  "bytes",
  "bitsPerWeight",
  "absMaximum",
  "rms",
  "kurtosis",
  "outlierShare",
  "nonFiniteCount",
] as const satisfies readonly LayerSortKey[];

const compareSortKeys = [
  "name",
  "relativeError",
  "sqnrDb",
  "cosineSimilarity",
  "meanSquaredError",
] as const satisfies readonly CompareSortKey[];

const mapQuantities = ["magnitude", "outliers", "sign", "scale", "error"] as const satisfies readonly MapQuantity[];

const layerQuery = {
  sort: v.picklist(layerSortKeys),
  descending: v.boolean(),
  filter,
  tree: v.boolean(),
  foldEqual: v.boolean(),
  unfolded: v.union([v.literal("all"), names]),
  except: v.exactOptional(names),
};

const lineRange = { begin: index, end: index };
const checkLineRange = <T extends { readonly begin: number; readonly end: number }>() =>
  v.check<T, string>(
    ({ begin, end }) => end >= begin && end - begin <= LIMITS.windowLines,
    `end must not be below begin, nor more than ${LIMITS.windowLines} above it`,
  );

const matrixWindow = v.strictObject({ row: index, rows: count, column: index, columns: count });
const valueWindow = v.strictObject({
  row: index,
  rows: upTo(LIMITS.valueSide),
  column: index,
  columns: upTo(LIMITS.valueSide),
});

const optionValues = v.pipe(
  v.record(name, v.union([finite, v.boolean(), filter])),
  v.check((options) => Object.keys(options).length <= LIMITS.options, `at most ${LIMITS.options} options`),
);

const quantizeSettings = v.strictObject({
  method: name,
  options: optionValues,
  output: path,
  keep: names,
  force: v.boolean(),
});

const textFormat = v.picklist(["csv", "json", "tsv"]);
const fileFormat = v.picklist(["csv", "json"]);

type KeyOf<T> = T extends unknown ? keyof T : never;
type SchemaTable = { readonly [N in RequestName]: v.GenericSchema<unknown, ParamsOf<N>> };

/** A compile error where a request has no schema, a schema lets something else through, or forgets an optional parameter. */
function completeTable<T extends SchemaTable>(
  table: T & {
    readonly [N in RequestName]: KeyOf<ParamsOf<N>> extends KeyOf<v.InferOutput<T[N]>> ? unknown : never;
  },
): SchemaTable {
  return table;
}

/** The schema of every request's params. */
export const REQUEST_SCHEMAS: SchemaTable = completeTable({
  "model/overview": empty,

  "layers/window": v.pipe(v.strictObject({ ...layerQuery, ...lineRange }), checkLineRange()),
  "layers/locate": v.strictObject({ ...layerQuery, name }),
  "layers/statistics": v.strictObject({ names: v.union([v.literal("all"), names]) }),
  "layers/export": v.strictObject({ ...layerQuery, format: textFormat }),

  "tensor/facts": v.strictObject({ name }),
  "tensor/distribution": v.strictObject({
    name,
    side,
    bins: upTo(LIMITS.bins),
    levelsAt: v.exactOptional(v.strictObject({ row: index, column: index })),
    rule: v.exactOptional(outlierRule),
  }),
  "tensor/profiles": v.strictObject({ name, side }),
  "tensor/map": v.strictObject({
    name,
    side,
    against: v.exactOptional(side),
    quantity: v.picklist(mapQuantities),
    window: matrixWindow,
    maxWidth: upTo(LIMITS.mapSide),
    maxHeight: upTo(LIMITS.mapSide),
    threshold: v.pipe(finite, v.minValue(0)),
  }),
  "tensor/values": v.strictObject({ name, side, against: v.exactOptional(side), window: valueWindow }),
  "tensor/groups": v.strictObject({ name, side }),

  "compare/open": v.strictObject({ path }),
  "compare/run": empty,
  "compare/weights": v.pipe(
    v.strictObject({ sort: v.picklist(compareSortKeys), descending: v.boolean(), filter, ...lineRange }),
    checkLineRange(),
  ),
  "compare/export": v.strictObject({ format: textFormat }),
  "compare/close": empty,

  "trial/methods": empty,
  "trial/run": v.strictObject({ weight: name, method: name, options: optionValues }),
  "trial/list": v.strictObject({ weight: name }),
  "trial/remove": v.strictObject({ trial: name }),

  "quantize/forecast": quantizeSettings,
  "quantize/run": quantizeSettings,

  "host/save": v.strictObject({
    fileName: v.pipe(name, v.regex(/^[^/\\]+$/, "a file name without a directory")),
    content: v.union([
      v.pipe(v.string(), v.maxLength(LIMITS.savedBytes)),
      v.pipe(
        v.instance(Uint8Array),
        v.check((bytes) => bytes.byteLength <= LIMITS.savedBytes, `at most ${LIMITS.savedBytes} bytes`),
      ),
    ]),
  }),
  "host/export-layers": v.strictObject({ ...layerQuery, format: fileFormat }),
  "host/export-comparison": v.strictObject({ format: fileFormat }),
  "host/copy": v.strictObject({ text: v.pipe(v.string(), v.maxLength(64 * 1024 * 1024)) }),
  "host/pick-checkpoint": empty,
  "host/pick-output": v.strictObject({ suggestion: text }),
  "host/quantize": quantizeSettings,
  "host/open-model": v.strictObject({ path, compareWith: v.exactOptional(path) }),
});
