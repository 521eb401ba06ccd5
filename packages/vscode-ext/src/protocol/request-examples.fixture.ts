import { isHostRequest } from "./check-request.js";
import type { HostRequestName, ParamsOf, RequestName } from "./request-map.js";

const query = { sort: "name", descending: false, filter: "", tree: true, foldEqual: true, unfolded: "all" } as const;
const own = { kind: "own" } as const;
const window = { row: 0, rows: 16, column: 0, columns: 16 };
const name = "model.layers.0.mlp.up_proj.weight";
const quantize = {
  method: "rtn",
  options: { bits: 4, symmetric: true, scale: "f16" },
  output: "/o",
  keep: ["*head*"],
  force: false,
};

/** Params that are allowed, with every optional one. */
export const VALID_PARAMS: { readonly [N in RequestName]: ParamsOf<N> } = {
  "model/overview": {},
  "layers/window": { ...query, begin: 0, end: 50 },
  "layers/locate": { ...query, unfolded: ["a", "b"], name },
  "layers/statistics": { names: [name] },
  "layers/export": { ...query, format: "tsv" },
  "tensor/facts": { name },
  "tensor/distribution": {
    name,
    side: own,
    bins: 4096,
    levelsAt: { row: 1, column: 2 },
    rule: { kind: "sigma", factor: 3 },
  },
  "tensor/profiles": { name, side: { kind: "trial", trial: "t1" } },
  "tensor/map": {
    name,
    side: own,
    against: { kind: "compared" },
    quantity: "error",
    window,
    maxWidth: 2048,
    maxHeight: 1,
    threshold: 0,
  },
  "tensor/values": { name, side: own, against: own, window: { ...window, rows: 256, columns: 256 } },
  "tensor/groups": { name, side: own },
  "compare/open": { path: "/m" },
  "compare/run": {},
  "compare/weights": { sort: "sqnrDb", descending: true, filter: "*.q_proj*", begin: 5, end: 5 },
  "compare/export": { format: "json" },
  "compare/close": {},
  "trial/methods": {},
  "trial/list": { weight: name },
  "trial/run": { weight: name, method: "hqq", options: {} },
  "trial/remove": { trial: "t1" },
  "quantize/forecast": quantize,
  "quantize/run": quantize,
  "host/save": { fileName: "map.png", content: new Uint8Array(4) },
  "host/export-layers": { ...query, format: "csv" },
  "host/export-comparison": { format: "csv" },
  "host/copy": { text: "" },
  "host/pick-checkpoint": {},
  "host/pick-output": { suggestion: "" },
  "host/quantize": quantize,
  "host/open-model": { path: "/m", compareWith: "/n" },
};

export const REQUEST_NAMES: readonly RequestName[] = Object.keys(VALID_PARAMS) as RequestName[];

export const HOST_REQUEST_NAMES: readonly HostRequestName[] = REQUEST_NAMES.filter(isHostRequest);
