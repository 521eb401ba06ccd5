import type { OutlierRule } from "@lowbit/core/analysis";
import { InvalidArgumentError } from "commander";

/** "sigma:6", "quantile:0.999" or "absolute:0.25". */
export function parseOutlierRule(text: string): OutlierRule {
  const [kind, figure] = text.split(":");
  const value = Number(figure);
  if (figure !== undefined && figure !== "" && Number.isFinite(value) && value >= 0) {
    if (kind === "sigma") return { kind, factor: value };
    if (kind === "quantile" && value <= 1) return { kind, share: value };
    if (kind === "absolute") return { kind, threshold: value };
  }
  throw new InvalidArgumentError("It is one of sigma:FACTOR, quantile:SHARE (0 to 1), absolute:THRESHOLD.");
}
