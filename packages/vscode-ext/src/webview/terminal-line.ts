import { html, type TemplateResult } from "lit";
import { failureOf } from "./failure-view.js";
import type { PageContext } from "./page.js";
import { t } from "./texts.js";
import { visibleText } from "./visible-text.js";

/** The same from a terminal: a command with a button that copies it. */
export function terminalLine(command: string, context: Pick<PageContext, "request" | "announce">): TemplateResult {
  const copy = async (): Promise<void> => {
    try {
      await context.request("host/copy", { text: command });
      context.announce(t("Command copied."));
    } catch (error) {
      context.announce(failureOf(error).message);
    }
  };
  return html`
    <p class="terminal-line" data-testid="terminal-line">
      <span class="muted">${t("The same in a terminal:")}</span>
      <code>${visibleText(command, 500)}</code>
      <button type="button" class="secondary compact" @click=${copy}>${t("Copy command")}</button>
    </p>
  `;
}
