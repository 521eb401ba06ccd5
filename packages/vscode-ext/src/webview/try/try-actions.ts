import { html, type TemplateResult } from "lit";
import { t } from "../texts.js";
import type { TryState } from "./try-state.js";

export interface TryActionsView {
  readonly state: TryState;
  /** False where a field of the form is not allowed. */
  readonly canRun: boolean;
  readonly isWorking: boolean;
  onRun(): void;
  onCancel(): void;
  onQuantize(): void;
  onChange(state: TryState): void;
}

/** What can be done with the form's setting, and how results are shown. */
export function tryActions(view: TryActionsView): TemplateResult {
  const { state, canRun, isWorking, onRun, onCancel, onQuantize, onChange } = view;
  const isChecked = (event: Event): boolean => (event.target as HTMLInputElement).checked;
  return html`
    <div class="try-actions">
      <div class="try-buttons">
        <button type="button" data-testid="try-run" ?disabled=${!canRun} @click=${onRun}>${t("Run")}</button>
        <button type="button" class="secondary" data-testid="try-cancel" ?disabled=${!isWorking} @click=${onCancel}>
          ${t("Cancel")}
        </button>
        <button type="button" class="secondary" data-testid="try-quantize" ?disabled=${!canRun} @click=${onQuantize}>
          ${t("Quantize model…")}
        </button>
      </div>
      <label class="check">
        <input
          type="checkbox"
          data-testid="try-live"
          .checked=${state.isLive}
          @change=${(event: Event) => onChange({ ...state, isLive: isChecked(event) })}
        />
        ${t("Run after each change")}
      </label>
      <label class="check">
        <input
          type="checkbox"
          data-testid="try-logarithmic"
          .checked=${state.isLogarithmic}
          @change=${(event: Event) => onChange({ ...state, isLogarithmic: isChecked(event) })}
        />
        ${t("Counts on a logarithmic axis")}
      </label>
    </div>
  `;
}
