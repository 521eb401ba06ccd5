import type { WeightSide } from "../../protocol/tensor-messages.js";
import type { TrialResult } from "../../protocol/trial-messages.js";
import { formatBits } from "../format-figures.js";
import { t } from "../texts.js";
import { visibleText } from "../visible-text.js";

/** A side that can be chosen, with its key for a select element. */
export interface SideChoice {
  readonly key: string;
  readonly side: WeightSide;
  readonly label: string;
}

export function sideKey(side: WeightSide): string {
  return side.kind === "trial" ? `trial:${side.trial}` : side.kind;
}

/** The sides of a weight: its own, the other checkpoint's, its trials'. */
export function sideChoices(comparedName: string | undefined, trials: readonly TrialResult[]): readonly SideChoice[] {
  const own: WeightSide = { kind: "own" };
  const compared: WeightSide = { kind: "compared" };
  return [
    { key: sideKey(own), side: own, label: t("this file") },
    ...(comparedName === undefined
      ? []
      : [{ key: sideKey(compared), side: compared, label: t("compared: {0}", visibleText(comparedName, 60)) }]),
    ...trials.map(({ trial, method, storedBitsPerWeight }) => {
      const side: WeightSide = { kind: "trial", trial };
      return {
        key: sideKey(side),
        side,
        label: t("trial: {0}, {1} bits per weight", visibleText(method, 40), formatBits(storedBitsPerWeight)),
      };
    }),
  ];
}

/** What the chosen side is compared with for the error: the file's own values, or the first other side there is. */
export function errorPartner(side: WeightSide, choices: readonly SideChoice[]): WeightSide | undefined {
  if (side.kind !== "own") return { kind: "own" };
  return choices.find((choice) => choice.side.kind !== "own")?.side;
}
