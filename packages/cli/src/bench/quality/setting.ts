import { optionFlag } from "../../commands/method-options.js";

export type OptionValue = string | number | boolean;

/** One row of the quality table: how a model is quantized. */
export type Setting = {
  /** Short and unique: the row's name in the table, the picture and the order checks. */
  readonly name: string;
} & (
  | { readonly method: string; readonly options: Readonly<Record<string, OptionValue>> }
  | { readonly targetBitsPerWeight: number }
);

/** Arguments of `lowbit quantize` for it, without input, output and statistics. */
export function settingArguments(setting: Setting): string[] {
  if ("targetBitsPerWeight" in setting) return ["--target-bpw", String(setting.targetBitsPerWeight)];
  const options = Object.entries(setting.options).flatMap(([key, value]) => [optionFlag(key), String(value)]);
  return ["--method", setting.method, ...options];
}
