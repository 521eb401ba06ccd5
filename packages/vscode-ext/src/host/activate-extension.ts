import * as vscode from "vscode";
import type { ModelOverview } from "../protocol/overview-messages.js";
import { createEngineConnection } from "./engine-connection.js";
import { createHostAnswers, type HostAnswerServices } from "./host-answers.js";
import { MODEL_SCHEME } from "./model-address.js";
import { ModelDocument } from "./model-document.js";
import { ModelEditorProvider } from "./model-editor-provider.js";
import { ModelFileSystem } from "./model-file-system.js";
import type { SourceLimits } from "./model-source.js";
import { MODELS_VIEW, ModelsView, watchForModels } from "./models-view.js";
import { modelUriOf, OpenEditors, VIEW_TYPE } from "./open-editors.js";
import { comparablePlace, pickModel } from "./pick-model.js";
import type { Platform } from "./platform.js";
import { quantizeModel } from "./quantize-model.js";
import { registerCommands } from "./register-commands.js";
import { affectsUs, readEngineSettings, readMaximumVirtualFileBytes } from "./settings.js";
import { StatusBar } from "./status-bar.js";

/** What `activate` answers: for tests, benches and other extensions. */
export interface ExtensionApi {
  /** Milliseconds that activation took. */
  readonly activationMilliseconds: number;
  /** What the Overview page of a model shows, without an editor. A file that is no model answers with its problems. */
  describeModel(uri: vscode.Uri): Promise<ModelOverview>;
}

/** Registers everything; the two entry points differ in the platform only. */
export function activateExtension(context: vscode.ExtensionContext, platform: Platform): ExtensionApi {
  const began = performance.now();
  const log = vscode.window.createOutputChannel("lowbit", { log: true });
  const engine = createEngineConnection({
    launch: platform.createLauncher(context),
    settings: readEngineSettings(),
    log: (level, text) => (level === "error" ? log.error(text) : level === "warning" ? log.warn(text) : log.info(text)),
  });
  engine.start();

  const limits = (): SourceLimits => ({
    hasDisk: platform.hasDisk,
    maximumVirtualBytes: readMaximumVirtualFileBytes(),
  });
  const editors = new OpenEditors();
  const models = new ModelsView(engine, limits);
  const statusBar = new StatusBar(editors);

  const openModel = async (path: string, compareWith?: string): Promise<void> => {
    const place = compareWith === undefined ? undefined : ({ page: "compare", compareWith } as const);
    await editors.open(await modelUriOf(vscode.Uri.file(path)), place);
  };
  const hostServices: HostAnswerServices = {
    openModel,
    pickCheckpoint: async (document) => {
      const other = await pickModel(vscode.l10n.t("Compare with"), document.uri);
      return other && comparablePlace(other, platform.hasDisk);
    },
    quantize: async (document, settings, pageGone) => {
      const quantizeServices = { engine, log, hasDisk: platform.hasDisk, openResult: openModel };
      const answer = await quantizeModel(document, settings, quantizeServices, pageGone);
      models.refresh();
      return answer;
    },
  };
  const provider = new ModelEditorProvider({
    extensionUri: context.extensionUri,
    engine,
    editors,
    platform,
    limits,
    answersFor: (document) => createHostAnswers(document, hostServices),
    onOverview: (document, overview) =>
      statusBar.note(
        document,
        overview.state === "open"
          ? { fileBytes: overview.fileBytes, storedBitsPerWeight: overview.storedBitsPerWeight }
          : undefined,
      ),
  });

  context.subscriptions.push(
    log,
    engine,
    editors,
    models,
    statusBar,
    vscode.workspace.registerFileSystemProvider(MODEL_SCHEME, new ModelFileSystem(), { isReadonly: true }),
    vscode.window.registerCustomEditorProvider(VIEW_TYPE, provider, { supportsMultipleEditorsPerDocument: true }),
    vscode.window.createTreeView(MODELS_VIEW, { treeDataProvider: models, showCollapseAll: false }),
    ...registerCommands({
      editors,
      log,
      hostServices,
      hasDisk: platform.hasDisk,
      refreshModels: () => models.refresh(),
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (affectsUs(event)) engine.configure(readEngineSettings());
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => engine.configure(readEngineSettings())),
    vscode.workspace.onDidChangeWorkspaceFolders(() => models.refresh()),
    watchForModels(() => models.refresh()),
  );
  const activationMilliseconds = performance.now() - began;
  log.info(`activated in ${activationMilliseconds.toFixed(1)} ms`);
  return {
    activationMilliseconds,
    describeModel: async (uri) => {
      const document = new ModelDocument(uri, engine, limits);
      try {
        return await document.ask("model/overview", {});
      } finally {
        document.dispose();
      }
    },
  };
}
