export type LayerSortKey =
  | "name"
  | "storage"
  | "parameters"
  | "bytes"
  | "bitsPerWeight"
  | "absMaximum"
  | "rms"
  | "kurtosis"
  | "outlierShare"
  | "nonFiniteCount";

/** How the tree-table is to be shown. Equal queries are answered from the same cached list. */
export interface LayerQuery {
  readonly sort: LayerSortKey;
  readonly descending: boolean;
  /** Text that names contain, or a glob when it has *, ? or []. Empty: all. */
  readonly filter: string;
  /** True: modules as a tree in natural order ("sort" then sorts within each module); false: a flat list. */
  readonly tree: boolean;
  /** Neighbouring equal blocks once. */
  readonly foldEqual: boolean;
  /** Ids of modules, folded blocks and quantized weights that are unfolded; "all" for every module (not parts). */
  readonly unfolded: readonly string[] | "all";
  /** Ids that are the other way round than `unfolded` says: with "all", modules that are folded and weights that are unfolded. */
  readonly except?: readonly string[];
}

/** Figures of one weight. */
export interface LayerStatistics {
  readonly name: string;
  readonly absMaximum: number;
  readonly rms: number;
  readonly std: number;
  /** Fourth central moment over std⁴: 3 for a normal distribution. */
  readonly kurtosis: number;
  readonly outlierShare: number;
  readonly nanCount: number;
  readonly infiniteCount: number;
  readonly zeroCount: number;
}

/** One line. A module, "0 … 29 (30 equal)", a weight, or a tensor that is a part of a quantized weight. */
export interface LayerLine {
  /** Stable over queries and sessions: the path in the tree. */
  readonly id: string;
  readonly kind: "module" | "weight" | "part";
  readonly depth: number;
  /** The part of the name that this line adds. */
  readonly label: string;
  /** Whole name of a weight or part. */
  readonly name?: string;
  readonly canUnfold: boolean;
  readonly isUnfolded: boolean;
  /** Equal modules that this line stands for; 1 otherwise. */
  readonly equal: number;
  /** For assistive technology: place among its siblings. */
  readonly positionInSet: number;
  readonly setSize: number;
  readonly storage: string;
  readonly shape: readonly number[];
  readonly parameters: number;
  readonly bytes: number;
  readonly claimedBitsPerWeight?: number;
  readonly storedBitsPerWeight?: number;
  readonly isQuantized: boolean;
  readonly statistics?: LayerStatistics;
}

export interface LayerWindow {
  /** Lines of the whole list. */
  readonly lines: number;
  /** Weights that the filter lets through. */
  readonly weights: number;
  readonly begin: number;
  readonly rows: readonly LayerLine[];
}

export interface LayerExport {
  readonly text: string;
  readonly lines: number;
}
