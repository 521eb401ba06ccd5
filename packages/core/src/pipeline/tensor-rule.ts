/** What to do with the tensors that a rule matches. */
export type RuleAction =
  | { readonly kind: "keep" }
  | {
      readonly kind: "quantize";
      /** Name in the table of quantizers. */
      readonly method: string;
      /** Option values as given; the rest takes its default. */
      readonly options: Readonly<Record<string, unknown>>;
    };

/** A choice for some tensors: an override, a --skip, a line of a recipe. */
export interface TensorRule {
  /** Where it comes from, for people: `--skip "*.bias"`, `recipe rule 2 ("*.down_proj.weight")`. */
  readonly origin: string;
  /** Patterns are the caller's business (globs on the command line). */
  matches(tensorName: string): boolean;
  readonly action: RuleAction;
}

/** The last rule that matches, or none. */
export function ruleFor(rules: readonly TensorRule[], tensorName: string): TensorRule | undefined {
  return rules.findLast((rule) => rule.matches(tensorName));
}
