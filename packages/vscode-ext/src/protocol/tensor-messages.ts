/**
 * Which values of a weight are meant: the file's own, a trial's, those of the checkpoint that it is compared with, or the
 * difference of two (own − other).
 */
export type WeightSide =
  | { readonly kind: "own" }
  | { readonly kind: "trial"; readonly trial: string }
  | { readonly kind: "compared" };

export interface TensorPart {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: number;
  readonly shard: string;
  readonly byteOffset: number;
}

/** What is known before a value is read. */
export interface TensorFacts {
  readonly name: string;
  readonly shape: readonly number[];
  /** As a matrix: the last axis is columns. */
  readonly rows: number;
  readonly columns: number;
  readonly storage: string;
  readonly isQuantized: boolean;
  /** False for integers, booleans, complex numbers: there is nothing to draw. */
  readonly hasValues: boolean;
  readonly parameters: number;
  readonly bytes: number;
  readonly storedBitsPerWeight: number;
  readonly claimedBitsPerWeight: number;
  /** One line a term: "affine 4-bit g128, zero point 4-bit". */
  readonly terms: readonly string[];
  /** Columns that share a scale; absent where there is no such group. */
  readonly groupSize?: number;
  readonly notes: readonly string[];
  readonly parts: readonly TensorPart[];
}

/** Bins of equal width; counts are whole numbers. */
export interface HistogramBins {
  /** [bins + 1] */
  readonly edges: Float64Array;
  /** [bins] */
  readonly counts: Float64Array;
}

export interface Distribution {
  readonly count: number;
  readonly nanCount: number;
  readonly infiniteCount: number;
  readonly zeroCount: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly absMaximum: number;
  readonly mean: number;
  readonly std: number;
  readonly rms: number;
  readonly skewness: number;
  readonly kurtosis: number;
  readonly outlierThreshold: number;
  readonly outlierCount: number;
  readonly quantiles: readonly { readonly share: number; readonly value: number; readonly magnitude: number }[];
  readonly histogram: HistogramBins;
  /** Values that the weights of one row and group take, ascending; empty for plain weights. */
  readonly levels: Float64Array;
  /** Where the levels were read. */
  readonly levelsAt?: { readonly row: number; readonly column: number; readonly columns: number };
}

/** One axis reduced to at most 1024 spans. */
export interface AxisProfile {
  /** Rows (or columns) of a span; the last one has fewer. */
  readonly step: number;
  readonly size: number;
  /** [spans] each; largest finite |w|, root mean square, mean. */
  readonly absMaximum: Float32Array;
  readonly rms: Float32Array;
  readonly mean: Float32Array;
}

export interface Profiles {
  readonly rows: AxisProfile;
  readonly columns: AxisProfile;
}

/** A rectangle of the matrix. */
export interface MatrixWindow {
  readonly row: number;
  readonly rows: number;
  readonly column: number;
  readonly columns: number;
}

/** What the value of a tile is. */
export type MapQuantity =
  /** Largest |w| in the tile. */
  | "magnitude"
  /** Share of weights beyond the threshold. */
  | "outliers"
  /** Mean of sign(w), −1 to 1. */
  | "sign"
  /** Scale of the group that the tile lies in (mean over the tile). */
  | "scale"
  /** Root mean square of own − other. */
  | "error";

export interface MapQuery {
  readonly name: string;
  readonly side: WeightSide;
  /** For "error": what own values are compared with. */
  readonly against?: WeightSide;
  readonly quantity: MapQuantity;
  readonly window: MatrixWindow;
  /** Most tiles, 1 to 2048 each. */
  readonly maxWidth: number;
  readonly maxHeight: number;
  /** |w| above it is an outlier; only for "outliers". */
  readonly threshold: number;
}

export interface MapPicture {
  readonly window: MatrixWindow;
  readonly tileRows: number;
  readonly tileColumns: number;
  readonly tilesDown: number;
  readonly tilesAcross: number;
  /** [tilesDown · tilesAcross], row-major; NaN where a tile has no finite value. */
  readonly values: Float32Array;
  /** Outliers in every tile, for the text alternative; absent but for "outliers" and "magnitude". */
  readonly outlierCount?: Float32Array;
  /** True: some rows were left out, the complete picture follows. */
  readonly isCoarse: boolean;
}

export interface ValueWindowQuery {
  readonly name: string;
  readonly side: WeightSide;
  readonly against?: WeightSide;
  /** At most 256 rows and 256 columns. */
  readonly window: MatrixWindow;
}

export interface ValueWindow {
  readonly window: MatrixWindow;
  /** [rows, columns] */
  readonly values: Float32Array;
  /** Of the other side, where `against` was given. */
  readonly otherValues?: Float32Array;
}

/** Scales of a quantized weight, reduced to a picture of at most 512 × 512. */
export interface GroupScales {
  readonly terms: readonly {
    readonly label: string;
    readonly rows: number;
    /** Groups a row. */
    readonly groups: number;
    readonly groupSize: number;
    /** Rows and groups of a tile. */
    readonly tileRows: number;
    readonly tileGroups: number;
    /** Mean |scale| of every tile (blocks of GGUF give scales either sign); NaN where none is finite. */
    readonly scales: Float32Array;
    /** Mean zero point, minimum or mean (`zero` says which) in every tile, where there are any. */
    readonly zeros?: Float32Array;
    readonly zero?: "zero point" | "minimum" | "mean";
    /** Of |scale|; NaN where no scale is finite. */
    readonly minimum: number;
    readonly maximum: number;
  }[];
}
