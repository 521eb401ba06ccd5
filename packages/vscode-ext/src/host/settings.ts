import * as vscode from "vscode";
import type { AppearanceSettings, EngineSettings, OutlierRuleSetting } from "../protocol/settings.js";

const SECTION = "lowbit";
const MEBIBYTE = 1024 * 1024;

export function readAppearance(): AppearanceSettings {
  const configuration = vscode.workspace.getConfiguration(SECTION);
  const mapColors = configuration.get<string>("mapColors");
  return {
    outlierRule: parseOutlierRule(configuration.get<string>("outlierRule") ?? ""),
    mapColors: mapColors === "viridis" || mapColors === "grey" ? mapColors : "theme",
  };
}

/** In an untrusted workspace no native code is loaded, whatever the settings say. */
export function readEngineSettings(): EngineSettings {
  const configuration = vscode.workspace.getConfiguration(SECTION);
  const backend = configuration.get<string>("backend");
  const isTrusted = vscode.workspace.isTrusted;
  const nativeKernelsPath = configuration.get<string>("nativeKernelsPath") ?? "";
  return {
    backend: backendFor(backend, isTrusted),
    ...(isTrusted && nativeKernelsPath !== "" ? { nativeKernelsPath } : {}),
    memoryLimitBytes: positive(configuration.get<number>("memoryLimit"), 1024) * MEBIBYTE,
    outlierRule: readAppearance().outlierRule,
  };
}

export function readMaximumVirtualFileBytes(): number {
  const configuration = vscode.workspace.getConfiguration(SECTION);
  return positive(configuration.get<number>("maximumVirtualFileSize"), 256) * MEBIBYTE;
}

export function affectsUs(event: vscode.ConfigurationChangeEvent): boolean {
  return event.affectsConfiguration(SECTION);
}

function backendFor(backend: string | undefined, isTrusted: boolean): EngineSettings["backend"] {
  if (backend === "reference" || backend === "wasm") return backend;
  if (!isTrusted) return "wasm";
  return backend === "native" ? "native" : "auto";
}

function positive(value: number | undefined, otherwise: number): number {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : otherwise;
}

const DEFAULT_RULE: OutlierRuleSetting = { kind: "sigma", factor: 6 };

/** "6 sigma", "0.001 quantile", "0.5 absolute", as the setting's pattern demands; anything else is the default. */
export function parseOutlierRule(text: string): OutlierRuleSetting {
  const match = /^\s*(\d+(?:\.\d+)?(?:e-?\d+)?)\s*(sigma|quantile|absolute)\s*$/i.exec(text);
  const value = Number(match?.[1]);
  switch (match?.[2]?.toLowerCase()) {
    case "sigma":
      return { kind: "sigma", factor: value };
    case "quantile":
      return value <= 1 ? { kind: "quantile", share: value } : DEFAULT_RULE;
    case "absolute":
      return { kind: "absolute", threshold: value };
    default:
      return DEFAULT_RULE;
  }
}
