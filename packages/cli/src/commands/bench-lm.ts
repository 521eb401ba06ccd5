import type { LanguageModelFigures } from "../bench/lm.js";
import { formatNumber } from "../output/quantities.js";
import { renderTable, right } from "../output/table.js";

const percent = (share: number): string => `${formatNumber(share * 100, 0)} %`;

/** What `lowbit bench lm` prints. */
export function renderLanguageModels(figures: LanguageModelFigures, machine: string): string {
  const { shape, rounds, prefill, decode, matmul, matmulSize, prefillTokens, context } = figures;
  const sizes = `hidden ${shape.hiddenSize}, feed-forward ${shape.feedForwardSize}, ${shape.headCount} heads and ${shape.keyValueHeadCount} key heads of ${shape.headSize}`;
  return [
    `Generated decoders (${sizes}); ${machine}; medians of ${rounds} rounds.`,
    `Prefill of ${prefillTokens} tokens beside matmul ${matmulSize}³ f32, ${formatNumber(matmul, 1)} GFLOP/s:`,
    renderTable(
      [{ title: "weights × activations" }, right("tokens/s"), right("GFLOP/s"), right("of matmul")],
      prefill.map((figure) => [
        figure.name,
        formatNumber(figure.tokensPerSecond, 1),
        formatNumber(figure.gigaflops, 1),
        percent(figure.shareOfMatmul),
      ]),
    ),
    `Decode after ${context} positions, weights from memory, beside reading it:`,
    renderTable(
      [
        { title: "weights × activations" },
        right("MB a token"),
        right("tokens/s"),
        right("GB/s"),
        right("reading, GB/s"),
        right("of reading"),
      ],
      decode.map((figure) => [
        figure.name,
        formatNumber(figure.bytes / 1e6, 0),
        formatNumber(figure.tokensPerSecond, 2),
        formatNumber(figure.gigabytes, 2),
        formatNumber(figure.read, 2),
        percent(figure.shareOfRead),
      ]),
    ),
  ].join("\n\n");
}
