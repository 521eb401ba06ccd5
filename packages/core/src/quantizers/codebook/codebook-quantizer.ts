import type { CodebookLayout } from "../../terms/codebook.js";
import { writeScales } from "../../terms/scale-array.js";
import type { ScaleDtype, Term } from "../../terms/term.js";
import type { GroupOption } from "../option-table.js";
import type { Quantizer } from "../quantizer.js";
import { SCALE_DTYPE_OPTION, scaleSharing } from "../scale-options.js";

export interface CodebookOptions {
  readonly group: GroupOption;
  readonly scaleDtype: ScaleDtype;
}

/** A method with a fixed table of 16 values. */
export interface FixedCodebook {
  readonly name: string;
  readonly summary: string;
  readonly source: string;
  /** Value of each code, f32. */
  readonly table: readonly number[];
}

/** Nearest value of a fixed table times the largest magnitude of the group. */
export function codebookQuantizer({ name, summary, source, table }: FixedCodebook): Quantizer<CodebookOptions> {
  return {
    name,
    summary,
    source,
    needs: [],
    options: {
      group: {
        kind: "group",
        default: 64,
        allows: ["group", "row"],
        help: "Weights of a row that share a scale, the largest magnitude among them.",
      },
      scaleDtype: SCALE_DTYPE_OPTION,
    },
    layout(shape, { group, scaleDtype }) {
      const term: CodebookLayout = {
        kind: "codebook",
        rows: shape.rows,
        columns: shape.columns,
        bits: Math.log2(table.length),
        ...scaleSharing(group, shape.columns),
        codebook: name,
        scaleDtype,
      };
      return [term];
    },
    claimedBitsPerWeight: () => Math.log2(table.length),
    keepsBlock: true,
    quantizeRows(block, terms, _options, _surveyed, backend) {
      const term = terms[0] as Term<CodebookLayout>;
      writeScales(table, "F32", term.arrays.table);
      backend.codebookFit(block, term);
    },
  };
}
