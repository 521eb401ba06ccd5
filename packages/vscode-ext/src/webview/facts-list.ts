import { html, nothing, type TemplateResult } from "lit";

/** A name and what is true under it. */
export interface Fact {
  readonly name: string;
  readonly value: string | readonly string[];
  /** More about it, in a fainter colour. */
  readonly detail?: string;
}

/** Facts in as many columns as fit; of a narrow list more fit. */
export function factsList(
  facts: readonly Fact[],
  { testId, isNarrow = false }: { readonly testId?: string; readonly isNarrow?: boolean } = {},
): TemplateResult {
  return html`<dl class=${isNarrow ? "facts narrow" : "facts"} data-testid=${testId ?? nothing}>
    ${facts.map(
      ({ name, value, detail }) => html`<div>
        <dt>${name}</dt>
        ${[value]
          .flat()
          .map(
            (line) =>
              html`<dd>${line}${detail === undefined ? nothing : html` <span class="muted">· ${detail}</span>`}</dd>`,
          )}
      </div>`,
    )}
  </dl>`;
}
