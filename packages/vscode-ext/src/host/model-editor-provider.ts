import * as vscode from "vscode";
import { isHostRequest } from "../protocol/check-request.js";
import type { HostEvent, PagePlace } from "../protocol/envelope.js";
import { packNumbers } from "../protocol/json-numbers.js";
import type { ModelOverview } from "../protocol/overview-messages.js";
import { RequestError } from "../protocol/request-error.js";
import { failureOf } from "../protocol/request-failure.js";
import type { EngineRequestName, HostRequestName, ParamsOf, ResultOf } from "../protocol/request-map.js";
import { type Answer, createRequestRouter, type RequestContext } from "../protocol/request-router.js";
import type { EngineConnection } from "./engine-connection.js";
import { ModelDocument } from "./model-document.js";
import type { SourceLimits } from "./model-source.js";
import type { OpenEditor, OpenEditors } from "./open-editors.js";
import { createNonce, pageHtml } from "./page-html.js";
import type { Platform } from "./platform.js";
import { whyNotQuantize } from "./quantize-model.js";
import { affectsUs, readAppearance } from "./settings.js";
import { watchModel } from "./watch-model.js";

/** How the host answers what a page of one model asks of it. */
export type HostAnswers = {
  readonly [N in HostRequestName]: (params: ParamsOf<N>, context: RequestContext) => Promise<ResultOf<N>>;
};

export interface ModelEditorServices {
  readonly extensionUri: vscode.Uri;
  readonly engine: EngineConnection;
  readonly editors: OpenEditors;
  readonly platform: Platform;
  readonly limits: () => SourceLimits;
  readonly answersFor: (document: ModelDocument) => HostAnswers;
  readonly onOverview: (document: ModelDocument, overview: ModelOverview) => void;
}

/** Custom editor of models: a page for every editor, one document for every model. */
export class ModelEditorProvider implements vscode.CustomReadonlyEditorProvider<ModelDocument> {
  readonly #services: ModelEditorServices;

  constructor(services: ModelEditorServices) {
    this.#services = services;
  }

  openCustomDocument(uri: vscode.Uri): ModelDocument {
    const { engine, limits, platform } = this.#services;
    const document = new ModelDocument(uri, engine, limits);
    const watcher = watchModel(document, platform);
    document.onDidDispose(() => watcher.dispose());
    return document;
  }

  resolveCustomEditor(document: ModelDocument, panel: vscode.WebviewPanel): void {
    const { editors } = this.#services;
    const { webview } = panel;
    const files = vscode.Uri.joinPath(this.#services.extensionUri, "dist");
    webview.options = { enableScripts: true, localResourceRoots: [files] };
    const renew = (place?: PagePlace): void => {
      webview.html = this.#html(document, webview, files, place);
    };
    const tell = (event: HostEvent): void => void webview.postMessage(event);
    const router = createRequestRouter({
      answer: this.#answer(document),
      reply: (reply) => void webview.postMessage(packNumbers(reply)),
      failureOf: (error) => failureOf(error, "host/fault"),
    });
    const editor: OpenEditor = {
      document,
      panel,
      show: (place) => (panel.visible ? tell({ kind: "event", event: "show", place }) : renew(place)),
    };
    const parts = [
      webview.onDidReceiveMessage((message) => router.receive(message)),
      panel.onDidChangeViewState(() => {
        editors.noteActive();
        if (panel.visible) return;
        // The page is gone and will be made anew: nobody waits for answers, and it begins where it stood, not where a
        // command once led, with the settings of then.
        router.reset();
        renew();
      }),
      document.onDidChange(() => tell({ kind: "event", event: "file-changed" })),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (!affectsUs(event)) return;
        if (panel.visible) tell({ kind: "event", event: "settings-changed", settings: readAppearance() });
        else renew();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => renew()),
    ];
    panel.onDidDispose(() => {
      router.reset();
      for (const part of parts) part.dispose();
      editors.remove(editor);
    });
    renew(editors.takePlace(document.uri));
    editors.add(editor);
  }

  #answer(document: ModelDocument): Answer {
    const { answersFor, onOverview } = this.#services;
    const answers = answersFor(document);
    return async (name, params, context) => {
      if (isHostRequest(name)) return (answers[name] as HostAnswer)(params, context);
      if (name === "quantize/run")
        throw new RequestError({
          code: "protocol/unknown-request",
          message: "Pages start a run by host/quantize, which shows how far it is.",
        });
      const result = await document.ask(name as EngineRequestName, params as never, {
        signal: context.signal,
        onProgress: (progress: unknown) => context.progress(progress),
      });
      if (name === "model/overview") onOverview(document, result as ModelOverview);
      return result;
    };
  }

  #html(document: ModelDocument, webview: vscode.Webview, files: vscode.Uri, place: PagePlace | undefined): string {
    const file = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(files, name)).toString();
    const cannotQuantize = whyNotQuantize(this.#services.platform.hasDisk, document);
    return pageHtml({
      language: vscode.env.language,
      title: document.name,
      cspSource: webview.cspSource,
      scriptUri: file("webview.js"),
      styleUri: file("webview.css"),
      nonce: createNonce(),
      state: {
        settings: readAppearance(),
        ...(place === undefined ? {} : { place }),
        ...(cannotQuantize === undefined ? {} : { cannotQuantize }),
        ...(vscode.l10n.bundle === undefined ? {} : { texts: vscode.l10n.bundle }),
      },
    });
  }
}

type HostAnswer = (params: unknown, context: RequestContext) => Promise<unknown>;
