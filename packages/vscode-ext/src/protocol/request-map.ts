import type { ComparedStructure, CompareQuery, CompareWeightsPage } from "./compare-messages.js";
import type { LayerExport, LayerQuery, LayerStatistics, LayerWindow } from "./layer-messages.js";
import type { ModelOverview } from "./overview-messages.js";
import type { QuantizeForecast, QuantizeReport, QuantizeSettings } from "./quantize-messages.js";
import type { OutlierRuleSetting } from "./settings.js";
import type {
  Distribution,
  GroupScales,
  MapPicture,
  MapQuery,
  Profiles,
  TensorFacts,
  ValueWindow,
  ValueWindowQuery,
  WeightSide,
} from "./tensor-messages.js";
import type { MethodForm, TrialResult, TrialSettings } from "./trial-messages.js";

/** What a request asks for, what it is answered with, and what it tells on the way. */
interface Exchange<P, R, Progress = never> {
  readonly params: P;
  readonly result: R;
  readonly progress: Progress;
}

/** How far a request is. */
export interface WorkProgress {
  /** What is being looked at: the name of a weight. */
  readonly label: string;
  readonly done: number;
  readonly total: number;
  /** Seconds left; absent at the beginning. */
  readonly etaSeconds?: number;
}

type Empty = Readonly<Record<string, never>>;

/**
 * The requests that the engine answers, each about one open model. The names are the whole vocabulary between webview
 * and engine: a name that is not in this table is refused.
 */
export interface EngineRequests {
  /** Opens the model if it is not open; from the headers alone. A file that cannot be opened is an answer, not an error. */
  "model/overview": Exchange<Empty, ModelOverview>;

  /** Some lines of the tree-table, as sorted, filtered and unfolded. */
  "layers/window": Exchange<LayerQuery & { readonly begin: number; readonly end: number }, LayerWindow>;
  /** The line in which a weight stands once the returned folded ids on its way are unfolded; -1 where the filter leaves it out. */
  "layers/locate": Exchange<
    LayerQuery & { readonly name: string },
    { readonly line: number; readonly unfolded: readonly string[] }
  >;
  /** Statistics of weights, one after another; those known already come at once. Every result is also a progress message. */
  "layers/statistics": Exchange<
    { readonly names: readonly string[] | "all" },
    { readonly measured: number; readonly skipped: number },
    WorkProgress & { readonly statistics?: LayerStatistics }
  >;
  /** The whole table as text. */
  "layers/export": Exchange<LayerQuery & { readonly format: "csv" | "json" | "tsv" }, LayerExport>;

  "tensor/facts": Exchange<{ readonly name: string }, TensorFacts>;
  /** Statistics and histogram, with the quantization levels of one row and group where there are any. */
  "tensor/distribution": Exchange<
    {
      readonly name: string;
      readonly side: WeightSide;
      readonly bins: number;
      readonly levelsAt?: { readonly row: number; readonly column: number };
      /** Decides `outlierThreshold` and `outlierCount`; the settings' rule when absent. */
      readonly rule?: OutlierRuleSetting;
    },
    Distribution,
    WorkProgress
  >;
  "tensor/profiles": Exchange<{ readonly name: string; readonly side: WeightSide }, Profiles, WorkProgress>;
  /** A picture of a window of the matrix; first a coarse one (as progress), then the complete one. */
  "tensor/map": Exchange<MapQuery, MapPicture, WorkProgress & { readonly coarse?: MapPicture }>;
  "tensor/values": Exchange<ValueWindowQuery, ValueWindow>;
  "tensor/groups": Exchange<{ readonly name: string; readonly side: WeightSide }, GroupScales, WorkProgress>;

  /** Opens the other checkpoint of the comparison; the host has put its place into `path`. */
  "compare/open": Exchange<{ readonly path: string }, ComparedStructure>;
  /** Measures every pair; results come page by page through `compare/weights`. */
  "compare/run": Exchange<Empty, { readonly compared: number }, WorkProgress>;
  "compare/weights": Exchange<CompareQuery, CompareWeightsPage>;
  "compare/export": Exchange<{ readonly format: "csv" | "json" | "tsv" }, LayerExport>;
  "compare/close": Exchange<Empty, Empty>;

  /** The data-free methods with their options: forms are made from it. */
  "trial/methods": Exchange<Empty, { readonly methods: readonly MethodForm[] }>;
  /** Quantizes one weight in memory. Its id serves as `side` in the tensor requests. */
  "trial/run": Exchange<TrialSettings, TrialResult, WorkProgress>;
  /** The trials of a weight that are still kept, oldest first. */
  "trial/list": Exchange<{ readonly weight: string }, { readonly trials: readonly TrialResult[] }>;
  "trial/remove": Exchange<{ readonly trial: string }, Empty>;

  /** What a run would do: the command line's `--dry-run`. */
  "quantize/forecast": Exchange<QuantizeSettings, QuantizeForecast>;
  "quantize/run": Exchange<QuantizeSettings, QuantizeReport, WorkProgress>;
}

/** What only the editor can do for a page: dialogs, the clipboard, files, other editors. The host answers these. */
export interface HostRequests {
  /** Asks where to, writes the file; the path is absent when the user cancelled. */
  "host/save": Exchange<
    { readonly fileName: string; readonly content: string | Uint8Array },
    { readonly path?: string }
  >;
  /** Asks where to, runs the export, writes the file: a large table never passes through the page. */
  "host/export-layers": Exchange<LayerQuery & { readonly format: "csv" | "json" }, { readonly path?: string }>;
  "host/export-comparison": Exchange<{ readonly format: "csv" | "json" }, { readonly path?: string }>;
  "host/copy": Exchange<{ readonly text: string }, Empty>;
  /** Asks which checkpoint to compare with. */
  "host/pick-checkpoint": Exchange<Empty, { readonly path?: string }>;
  /** Asks for the path of the output. */
  "host/pick-output": Exchange<{ readonly suggestion: string }, { readonly path?: string }>;
  /** Starts the run with a notification; answers when it has ended. `output` is absent when it was cancelled. */
  "host/quantize": Exchange<QuantizeSettings, { readonly output?: string }>;
  /** Opens a model beside this one, on its Compare page with `compareWith` where that is given. */
  "host/open-model": Exchange<{ readonly path: string; readonly compareWith?: string }, Empty>;
}

export type AllRequests = EngineRequests & HostRequests;
export type EngineRequestName = keyof EngineRequests;
export type HostRequestName = keyof HostRequests;
export type RequestName = keyof AllRequests;
export type ParamsOf<N extends RequestName> = AllRequests[N]["params"];
export type ResultOf<N extends RequestName> = AllRequests[N]["result"];
export type ProgressOf<N extends RequestName> = AllRequests[N]["progress"];
