import { QUANTIZERS } from "@lowbit/core/quantizers";
import type { MethodForm, OptionField } from "../../protocol/trial-messages.js";

/** The forms of every real method, from the option tables themselves. */
export const METHOD_FORMS: readonly MethodForm[] = Object.values(QUANTIZERS).map(
  ({ name, summary, source, options }) => ({
    name,
    summary,
    source,
    options: Object.entries(options as Readonly<Record<string, Omit<OptionField, "name">>>).map(([option, spec]) => ({
      name: option,
      ...spec,
    })),
  }),
);
