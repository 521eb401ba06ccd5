import type { OpenModel } from "../../protocol/overview-messages.js";
import type { Fact } from "../facts-list.js";
import { formatBits, formatBytes, formatCount, formatLarge } from "../format-figures.js";
import { t } from "../texts.js";
import { visibleText } from "../visible-text.js";

/** What is said of a model above the skyline, in reading order. */
export function overviewFacts(model: OpenModel): readonly Fact[] {
  const facts: Fact[] = [];
  facts.push({
    name: t("Architecture"),
    value:
      model.architecture === undefined
        ? t("unknown: no config.json beside the weights")
        : visibleText(model.architecture),
  });
  facts.push({
    name: t("Parameters"),
    value: formatLarge(model.parameters),
    ...(model.parameters >= 10_000 ? { detail: formatCount(model.parameters) } : {}),
  });
  facts.push({
    name: t("Size"),
    value: formatBytes(model.fileBytes),
    detail: t("{0} bytes", formatCount(model.fileBytes)),
  });
  facts.push({
    name: t("Bits per weight"),
    value: t("{0} stored", formatBits(model.storedBitsPerWeight)),
    detail: t("{0} claimed by method or dtype", formatBits(model.claimedBitsPerWeight)),
  });
  facts.push({
    name: t("Weights"),
    value:
      model.quantizedWeights === 0
        ? t("{0}, none quantized", formatCount(model.weights))
        : t("{0}, {1} quantized", formatCount(model.weights), formatCount(model.quantizedWeights)),
    detail: t("{0} tensors", formatCount(model.tensors)),
  });
  if (model.memory !== undefined) facts.push(memoryFact(model.memory));
  facts.push({
    name: t("Format"),
    value: visibleText(model.container),
    ...(model.shards.length > 1 ? { detail: t("{0} files", formatCount(model.shards.length)) } : {}),
  });
  if (model.backend !== undefined) facts.push({ name: t("Computed by"), value: visibleText(model.backend) });
  return facts;
}

function memoryFact(memory: NonNullable<OpenModel["memory"]>): Fact {
  const { weightBytes, cacheBytesPer1024Tokens, contextLength } = memory;
  const cacheBytes = (tokens: number): number => (cacheBytesPer1024Tokens * tokens) / 1024;
  const tokens = Math.min(1024, contextLength ?? 1024);
  const parts = t("weights {0} + keys and values {1}", formatBytes(weightBytes), formatBytes(cacheBytes(tokens)));
  return {
    name: t("Memory to run"),
    value: t("{0} for {1} tokens", formatBytes(weightBytes + cacheBytes(tokens)), formatCount(tokens)),
    detail:
      contextLength === undefined || contextLength === tokens
        ? parts
        : t(
            "{0}; {1} for all {2} tokens of the context",
            parts,
            formatBytes(weightBytes + cacheBytes(contextLength)),
            formatCount(contextLength),
          ),
  };
}
