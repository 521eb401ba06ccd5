/**
 * Options of a method, declared once: defaults, checks, CLI help, docs and the editor's form are made from this table.
 */
export type OptionSpec =
  | {
      readonly kind: "integer";
      readonly default: number;
      readonly minimum: number;
      readonly maximum: number;
      readonly help: string;
    }
  | {
      readonly kind: "number";
      readonly default: number;
      readonly minimum: number;
      readonly maximum: number;
      readonly help: string;
    }
  | { readonly kind: "boolean"; readonly default: boolean; readonly help: string }
  | { readonly kind: "choice"; readonly default: string; readonly choices: readonly string[]; readonly help: string }
  /** Group size: columns that share a scale, or "row", or "tensor" where the method allows it. */
  | {
      readonly kind: "group";
      readonly default: number | "row" | "tensor";
      readonly allows: readonly ("group" | "row" | "tensor")[];
      readonly help: string;
    };

export type OptionTable<O extends object> = { readonly [K in keyof O]-?: OptionSpec };

/** Columns that share a scale, or the whole row, or the whole tensor. */
export type GroupOption = number | "row" | "tensor";
