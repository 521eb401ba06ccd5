/** Left is always the open model, right the checkpoint that was chosen. */
export interface StructureDifferenceLine {
  readonly kind: "only-left" | "only-right" | "shape" | "dtype";
  readonly weight: string;
  readonly left?: string;
  readonly right?: string;
}

/** What is known from the headers. */
export interface ComparedStructure {
  readonly path: string;
  readonly name: string;
  /** Weights of the same name and shape: their error is measured, or for integers and the like, whether they are equal. */
  readonly pairs: number;
  /** The first 1000. */
  readonly differences: readonly StructureDifferenceLine[];
  readonly differenceCount: number;
  /** Why the names of a GGUF file could not be matched with those of the other model. */
  readonly reason?: string;
  /** The side that errors are measured against: the one that stores more bits per weight, the right one if both store as many. */
  readonly reference: "left" | "right";
  /** The same from a terminal, the reference first: "lowbit compare A B", a GGUF file converted before where need be. */
  readonly command: string;
}

export interface ComparedWeightLine {
  readonly name: string;
  readonly shape: readonly number[];
  /** Storage on either side. */
  readonly left: string;
  readonly right: string;
  /** Of integers and the like, which have no error; absent until they were compared. */
  readonly equal?: boolean;
  /** Absent until it was measured. */
  readonly error?: {
    readonly meanSquaredError: number;
    readonly relativeError: number;
    readonly sqnrDb: number;
    readonly cosineSimilarity: number;
    readonly nonFiniteCount: number;
  };
}

export type CompareSortKey = "name" | "relativeError" | "sqnrDb" | "cosineSimilarity" | "meanSquaredError";

export interface CompareQuery {
  readonly sort: CompareSortKey;
  readonly descending: boolean;
  readonly filter: string;
  readonly begin: number;
  readonly end: number;
}

/** One column of the error skyline: the same blocks as in the overview. */
export interface ErrorColumn {
  readonly label: string;
  readonly firstWeight: string;
  readonly sqnrDb: number;
  readonly relativeError: number;
  readonly measured: number;
}

export interface CompareWeightsPage {
  readonly total: number;
  readonly begin: number;
  readonly rows: readonly ComparedWeightLine[];
  readonly skyline: readonly ErrorColumn[];
  /** Over everything that was measured. */
  readonly overall?: { readonly sqnrDb: number; readonly relativeError: number; readonly cosineSimilarity: number };
}
