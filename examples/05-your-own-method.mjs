// A method is a choice of terms. This one gives every row two levels, its quantiles at 1/4 and 3/4: a 1-bit affine
// term with a minimum. It gets plan, streaming, report and file format from the pipeline.

import { createReferenceBackend } from "@lowbit/core/backend";
import { quantizeMatrix } from "@lowbit/core/pipeline";
import { decodeTerms, readScales, storedBitsPerWeight, writeScales } from "@lowbit/core/terms";

const quartiles = {
  name: "quartiles",
  summary: "Two levels a row: its quartiles.",
  source: "this example",
  needs: [],
  options: {
    scaleDtype: { kind: "choice", default: "F16", choices: ["F16", "F32"], help: "Storage dtype of the levels." },
  },
  layout: ({ rows, columns }, { scaleDtype }) => [
    { kind: "affine", rows, columns, bits: 1, granularity: "row", groupSize: columns, zero: "minimum", scaleDtype },
  ],
  claimedBitsPerWeight: () => 1,
  quantizeRows(block, [term], { scaleDtype }, _surveyed, backend) {
    const { rows, columns, values } = block;
    const low = new Float32Array(rows);
    const step = new Float32Array(rows);
    for (let row = 0; row < rows; row++) {
      const sorted = values.slice(row * columns, (row + 1) * columns).sort();
      low[row] = sorted[Math.floor(columns / 4)];
      step[row] = sorted[Math.floor((3 * columns) / 4)] - low[row];
    }
    writeScales(step, scaleDtype, term.arrays.scale);
    writeScales(low, scaleDtype, term.arrays.minimum);
    backend.affineEncode(block, term); // codes for the levels as they are stored
  },
};

const [rows, columns] = [4, 512];
const values = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i * 12.9898) * 0.05);
const backend = createReferenceBackend();
const terms = quantizeMatrix(quartiles, { values, rows, columns }, {}, backend);
const decoded = new Float32Array(values.length);
decodeTerms(terms, decoded, backend);
const steps = readScales(terms[0].arrays.scale, "F16");
console.log(
  `levels of row 0: ${[...new Set(decoded.subarray(0, columns))].map((level) => level.toFixed(4)).join(", ")} (step ${steps[0].toFixed(4)})`,
);
console.log(
  `${storedBitsPerWeight(
    { rows, columns },
    terms.map(({ layout }) => layout),
  ).toFixed(4)} bits a weight`,
);
