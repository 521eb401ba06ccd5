import { tieChannels } from "@lowbit/core/quantizers";
import type { DecoderConfig } from "../model/decoder-config.js";
import type { DoubleBlock, DoubleLinear, DoubleVector } from "./double-block.js";
import { multiplyColumns } from "./rotate-block.js";

/** Where a scale of input channels can be merged: the layers that read one input, and what produces it. */
export type ScaleSite = (typeof SCALE_SITES)[number];

export const SCALE_SITES = [
  "attention-input",
  "attention-output",
  "feed-forward-input",
  "feed-forward-output",
] as const;

/** The layers of a site, in the order of the forward pass. */
export function siteConsumers(block: DoubleBlock, site: ScaleSite): readonly DoubleLinear[] {
  switch (site) {
    case "attention-input":
      return [block.query, block.key, block.value];
    case "attention-output":
      return [block.output];
    case "feed-forward-input":
      return [block.gate, block.up];
    case "feed-forward-output":
      return [block.down];
  }
}

/**
 * Divides the input of a site by `divisors` without changing the block: its producer gives x / d (a norm's gain, rows of v, rows
 * of up: the gate's product is linear in up), its layers take W · diag(d). Exact but for one rounding of each weight in f64.
 *
 * Several query heads read the same value head: in front of o their divisors are averaged.
 * @param divisors of every input channel, finite and above 0
 */
export function mergeScales(
  block: DoubleBlock,
  site: ScaleSite,
  divisors: ArrayLike<number>,
  config: Pick<DecoderConfig, "headSize">,
): void {
  switch (site) {
    case "attention-input":
      mergeIntoNorm(block.attentionNorm, siteConsumers(block, site), divisors);
      break;
    case "attention-output":
      mergeIntoValues(block, divisors, config);
      break;
    case "feed-forward-input":
      mergeIntoNorm(block.feedForwardNorm, siteConsumers(block, site), divisors);
      break;
    case "feed-forward-output":
      divideRows(block.up, divisors);
      multiplyColumns(block.down.weight, divisors);
  }
}

function mergeIntoNorm(norm: DoubleVector, layers: readonly DoubleLinear[], divisors: ArrayLike<number>): void {
  for (let i = 0; i < norm.values.length; i++) norm.values[i]! /= divisors[i]!;
  for (const layer of layers) multiplyColumns(layer.weight, divisors);
}

function mergeIntoValues(
  block: DoubleBlock,
  divisors: ArrayLike<number>,
  config: Pick<DecoderConfig, "headSize">,
): void {
  const { value, output } = block;
  const channelOf = valueChannels(block, config);
  const tied = tieChannels(Float64Array.from(divisors), channelOf);
  const ofValues = new Float64Array(value.outFeatures);
  for (let column = 0; column < tied.length; column++) ofValues[channelOf[column]!] = tied[column]!;
  divideRows(value, ofValues);
  multiplyColumns(output.weight, tied);
}

/** Row of v that each input of o is mixed from: query heads that share a value head read the same rows. */
export function valueChannels(
  { value, output }: DoubleBlock,
  { headSize }: Pick<DecoderConfig, "headSize">,
): Uint32Array {
  const shared = output.inFeatures / value.outFeatures;
  return Uint32Array.from(
    { length: output.inFeatures },
    (_, column) => Math.floor(column / headSize / shared) * headSize + (column % headSize),
  );
}

function divideRows({ weight, inFeatures, bias }: DoubleLinear, divisors: ArrayLike<number>): void {
  for (let at = 0; at < weight.length; at++) weight[at]! /= divisors[Math.floor(at / inFeatures)]!;
  if (bias === undefined) return;
  for (let row = 0; row < bias.values.length; row++) bias.values[row]! /= divisors[row]!;
}
