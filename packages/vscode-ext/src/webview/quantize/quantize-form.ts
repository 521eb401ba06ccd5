import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { RequestFailure } from "../../protocol/envelope.js";
import { t } from "../texts.js";
import { visibleText } from "../visible-text.js";
import type { QuantizeState } from "./quantize-state.js";

export interface QuantizeFieldsView {
  readonly state: QuantizeState;
  /** Name of the output that is proposed while none was entered. */
  readonly suggestion: string;
  readonly isDisabled: boolean;
  /** What the engine or the page says about a field. */
  readonly outputProblem: string | undefined;
  readonly keepProblem: string | undefined;
  onChange(state: QuantizeState): void;
  onPickOutput(): void;
}

/** Fields beside those of the method: where to, what stays as it is. */
export function quantizeFields(view: QuantizeFieldsView): TemplateResult {
  const { state, suggestion, isDisabled, outputProblem, keepProblem, onChange, onPickOutput } = view;
  const text = (event: Event): string => (event.target as HTMLInputElement | HTMLTextAreaElement).value;
  return html`
    <div class="method-form">
      <div class="field">
        <label for="quantize-output">${t("Output")}</label>
        <span class="field-group">
          <input
            type="text"
            id="quantize-output"
            class="path-input"
            data-testid="quantize-output"
            spellcheck="false"
            placeholder=${suggestion}
            .value=${live(state.output)}
            ?disabled=${isDisabled}
            aria-invalid=${outputProblem === undefined ? "false" : "true"}
            aria-describedby="quantize-output-help${outputProblem === undefined ? "" : " quantize-output-problem"}"
            @input=${(event: Event) => onChange({ ...state, output: text(event) })}
          />
          <button
            type="button"
            class="secondary"
            data-testid="quantize-pick-output"
            ?disabled=${isDisabled}
            @click=${onPickOutput}
          >
            ${t("Choose…")}
          </button>
        </span>
        <p class="field-help" id="quantize-output-help">
          ${t("A new directory, or a new .safetensors file, with its whole path. Empty: you are asked for it at the start.")}
        </p>
        ${problemLine("quantize-output-problem", outputProblem)}
      </div>
      <div class="field">
        <label for="quantize-keep">${t("Keep as they are")}</label>
        <textarea
          id="quantize-keep"
          data-testid="quantize-keep"
          rows="2"
          spellcheck="false"
          placeholder="*.layers.0.*"
          .value=${live(state.keep)}
          ?disabled=${isDisabled}
          aria-invalid=${keepProblem === undefined ? "false" : "true"}
          aria-describedby="quantize-keep-help${keepProblem === undefined ? "" : " quantize-keep-problem"}"
          @input=${(event: Event) => onChange({ ...state, keep: text(event) })}
        ></textarea>
        <p class="field-help" id="quantize-keep-help">
          ${t("Names of tensors, one a line; * stands for anything. Embeddings, norms, routers and the output layer stay anyway.")}
        </p>
        ${problemLine("quantize-keep-problem", keepProblem)}
      </div>
      <div class="field">
        <label class="field-check">
          <input
            type="checkbox"
            data-testid="quantize-force"
            .checked=${live(state.force)}
            ?disabled=${isDisabled}
            aria-describedby="quantize-force-help"
            @change=${(event: Event) => onChange({ ...state, force: (event.target as HTMLInputElement).checked })}
          />
          ${t("Replace an existing output")}
        </label>
        <p class="field-help" id="quantize-force-help">${t("Only once the new one is complete.")}</p>
      </div>
    </div>
  `;
}

function problemLine(id: string, problem: string | undefined): TemplateResult | typeof nothing {
  if (problem === undefined) return nothing;
  return html`<p class="field-problem" id=${id} data-testid=${id}>${visibleText(problem, 1000)}</p>`;
}

/** A failure in one line: message, remedy, code. */
export function failureLine({ message, remedy, code }: RequestFailure): string {
  return [message, remedy, `(${code})`].filter((part) => part !== undefined).join(" ");
}

/** True for paths that stand on their own: "/…", "C:\…", "\\server\…". */
export function isWholePath(path: string): boolean {
  return /^(\/|[A-Za-z]:[\\/]|\\\\)/.test(path);
}
