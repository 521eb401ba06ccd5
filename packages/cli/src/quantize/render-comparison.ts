import type { StructureDifference } from "@lowbit/core/pipeline";
import { printable } from "../output/printable.js";
import { formatNumber, formatShape, formatSignificant } from "../output/quantities.js";
import { paint } from "../output/style.js";
import { renderTable, right } from "../output/table.js";
import type { CompareAnswer } from "./run-compare.js";

const WORST_ROWS = 3;

export function renderComparison(answer: CompareAnswer, tolerance: number): string {
  const beyond = new Set(answer.beyondTolerance);
  const exact = answer.weights.filter(({ error, nonFiniteCount }) => error.relativeError === 0 && nonFiniteCount === 0);
  const different = answer.weights.filter((weight) => !exact.includes(weight));
  const sections: string[] = [];
  if (answer.structure.length > 0) {
    sections.push(
      [
        paint("bold", "structure"),
        ...answer.structure.map((difference) => `  ${printable(describeDifference(difference))}`),
      ].join("\n"),
    );
  }
  if (different.length > 0) {
    const rows = different.map(({ name, shape, left, right, error, nonFiniteCount, worstRows }) => [
      beyond.has(name) ? paint("red", name) : name,
      formatShape(shape),
      `${left} → ${right}`,
      formatNumber(error.sqnrDb, 2),
      formatSignificant(error.relativeError),
      formatSignificant(error.maxError),
      formatNumber(error.cosine, 6),
      String(nonFiniteCount),
      worstRows
        .slice(0, WORST_ROWS)
        .map(({ row, relativeError }) => `${row} (${formatSignificant(relativeError)})`)
        .join(" "),
    ]);
    const columns = [
      { title: "weight" },
      right("shape"),
      { title: "stored as", dispensable: 2 },
      right("SQNR dB"),
      right("rel. error"),
      right("max error", 1),
      right("cosine"),
      right("NaN/Inf"),
      { title: "worst rows", dispensable: 3 },
    ];
    sections.push(renderTable(columns, rows));
  }
  const others = answer.otherTensors.filter(({ equal }) => !equal);
  if (others.length > 0)
    sections.push(
      `${others.length} tensors without numbers differ: ${others.map(({ name }) => printable(name)).join(", ")}`,
    );
  if (answer.quantizedError) {
    const { sqnrDb, relativeError, maxError, cosine } = answer.quantizedError;
    sections.push(
      `Quantized weights together: SQNR ${formatNumber(sqnrDb, 2)} dB, relative error ${formatSignificant(relativeError)}, max error ${formatSignificant(maxError)}, cosine ${formatNumber(cosine, 6)}.`,
    );
  }
  const verdict = answer.differs ? paint("red", "differ") : paint("green", "agree");
  sections.push(
    `${exact.length} of ${answer.weights.length} weights are equal; the checkpoints ${verdict} at tolerance ${tolerance}.`,
  );
  return sections.join("\n\n");
}

function describeDifference(difference: StructureDifference): string {
  switch (difference.kind) {
    case "only-left":
      return `only in A: ${difference.weight}`;
    case "only-right":
      return `only in B: ${difference.weight}`;
    case "shape":
      return `shape of ${difference.weight}: ${formatShape(difference.left)} in A, ${formatShape(difference.right)} in B`;
    case "dtype":
      return `dtype of ${difference.weight}: ${difference.left} in A, ${difference.right} in B`;
  }
}
