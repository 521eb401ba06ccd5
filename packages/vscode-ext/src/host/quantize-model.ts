import * as vscode from "vscode";
import type { RequestFailure } from "../protocol/envelope.js";
import type { QuantizeReport, QuantizeSettings } from "../protocol/quantize-messages.js";
import { failureOf } from "../protocol/request-failure.js";
import type { WorkProgress } from "../protocol/request-map.js";
import type { EngineConnection } from "./engine-connection.js";
import type { ModelDocument } from "./model-document.js";
import { notificationText } from "./notification-text.js";

/** Why the model cannot be quantized from here; undefined where it can. */
export function whyNotQuantize(hasDisk: boolean, document: ModelDocument): string | undefined {
  if (!hasDisk)
    return vscode.l10n.t(
      "Quantizing writes a model to a disk, which a browser has none of. Open the folder in desktop VS Code, or on a remote machine.",
    );
  if (!vscode.workspace.isTrusted)
    return vscode.l10n.t("Nothing is quantized in a workspace that is not trusted. Trust it to go on.");
  if (document.path === undefined)
    return vscode.l10n.t("Only models on a disk can be quantized. Download this one first.");
  return undefined;
}

export interface QuantizeServices {
  readonly engine: EngineConnection;
  readonly log: vscode.LogOutputChannel;
  readonly hasDisk: boolean;
  /** Opens the result on its Compare page. */
  readonly openResult: (output: string, original: string) => Promise<void>;
}

/**
 * Runs a quantization with a notification that tells how far it is and can cancel it. It belongs to no page: it goes on
 * when the editor is closed. Answers with the output, or without when it was cancelled.
 * @param pageGone aborted when no page waits for the answer any more
 */
export async function quantizeModel(
  document: ModelDocument,
  settings: QuantizeSettings,
  services: QuantizeServices,
  pageGone: AbortSignal,
): Promise<{ readonly output?: string }> {
  const { engine, log } = services;
  const { path, name } = document;
  const reason = whyNotQuantize(services.hasDisk, document);
  if (reason !== undefined || path === undefined) throw refused(reason ?? "");
  log.info(`quantize ${path} to ${settings.output}: ${settings.method} ${JSON.stringify(settings.options)}`);
  const model = engine.openModel(async () => ({ kind: "path", path }));
  try {
    const report = await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: notificationText(vscode.l10n.t("Quantizing {0}", name)),
        cancellable: true,
      },
      async (progress, token) => {
        const controller = new AbortController();
        token.onCancellationRequested(() => controller.abort());
        let reported = 0;
        return model.ask("quantize/run", settings, {
          signal: controller.signal,
          onProgress: (step) => {
            const share = step.total > 0 ? (100 * step.done) / step.total : 0;
            progress.report({
              message: notificationText(progressMessage(step)),
              increment: Math.max(0, share - reported),
            });
            reported = Math.max(reported, share);
            log.debug(`${step.done} of ${step.total}: ${step.label}`);
          },
        });
      },
    );
    logReport(log, report);
    services.openResult(report.output, path).catch((error: unknown) => tell(log, failureOf(error, "host/fault")));
    return { output: report.output };
  } catch (error) {
    const failure = failureOf(error, "host/fault");
    if (failure.code === "protocol/cancelled") {
      log.info(`quantize ${path}: cancelled`);
      return {};
    }
    // Else the page shows it.
    if (pageGone.aborted) tell(log, failure);
    else log.error(`${failure.code}: ${failure.message}`);
    throw error;
  } finally {
    model.close();
  }
}

/** "model.layers.3.mlp.up_proj.weight — 36%, about 2 min left" */
export function progressMessage(step: WorkProgress): string {
  const percent = step.total > 0 ? Math.floor((100 * step.done) / step.total) : 0;
  const place = vscode.l10n.t("{0} — {1}%", step.label, percent);
  if (step.etaSeconds === undefined || !Number.isFinite(step.etaSeconds)) return place;
  return vscode.l10n.t("{0}, about {1} left", place, formatDuration(step.etaSeconds));
}

export function formatDuration(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 90) return vscode.l10n.t("{0} s", whole);
  const minutes = Math.round(whole / 60);
  if (minutes < 90) return vscode.l10n.t("{0} min", minutes);
  return vscode.l10n.t("{0} h {1} min", Math.floor(minutes / 60), minutes % 60);
}

function tell(log: vscode.LogOutputChannel, { code, message }: RequestFailure): void {
  log.error(`${code}: ${message}`);
  void vscode.window.showErrorMessage(notificationText(message));
}

function logReport(log: vscode.LogOutputChannel, report: QuantizeReport): void {
  log.info(
    `${report.output}: ${report.quantizedTensors} tensors, ${report.bitsPerWeight.toFixed(3)} bits per weight, ` +
      `SQNR ${report.sqnrDb.toFixed(2)} dB, ${report.seconds.toFixed(1)} s`,
  );
}

function refused(reason: string): Error {
  return Object.assign(new Error(reason), { code: "host/cannot-quantize" });
}
