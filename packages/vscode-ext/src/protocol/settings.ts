/** The settings that pages and engine follow; from VS Code's configuration `lowbit.*`. */
export interface AppearanceSettings {
  /** What counts as an outlier. */
  readonly outlierRule: OutlierRuleSetting;
  readonly mapColors: "theme" | "viridis" | "grey";
}

export type OutlierRuleSetting =
  | { readonly kind: "sigma"; readonly factor: number }
  | { readonly kind: "quantile"; readonly share: number }
  | { readonly kind: "absolute"; readonly threshold: number };

/** What the engine is started with. */
export interface EngineSettings {
  readonly backend: "auto" | "native" | "wasm" | "reference";
  /** Where `@lowbit/kernels-native` is installed; absent: beside the extension. */
  readonly nativeKernelsPath?: string;
  /** Most bytes that a trial or an export may hold. */
  readonly memoryLimitBytes: number;
  readonly outlierRule: OutlierRuleSetting;
}
