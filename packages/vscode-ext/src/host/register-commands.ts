import * as vscode from "vscode";
import type { PagePlace } from "../protocol/envelope.js";
import type { FoundModel } from "./find-models.js";
import { createHostAnswers, type HostAnswerServices } from "./host-answers.js";
import { checkedUrl, urlModelUri } from "./model-address.js";
import { notificationText } from "./notification-text.js";
import { modelUriOf, type OpenEditors } from "./open-editors.js";
import { comparablePlace, pickModel } from "./pick-model.js";

export interface CommandServices {
  readonly editors: OpenEditors;
  readonly log: vscode.LogOutputChannel;
  readonly hostServices: HostAnswerServices;
  readonly hasDisk: boolean;
  readonly refreshModels: () => void;
}

/** What menus hand over: a file or folder of the explorer, or a model of the view; nothing in the palette. */
type Target = vscode.Uri | FoundModel | undefined;

const PAGES = {
  "lowbit.showOverview": "overview",
  "lowbit.showLayers": "layers",
  "lowbit.showTensor": "tensor",
  "lowbit.showCompare": "compare",
  "lowbit.showTry": "try",
  "lowbit.showQuantize": "quantize",
} as const satisfies Readonly<Record<string, PagePlace["page"]>>;

export function registerCommands(services: CommandServices): vscode.Disposable[] {
  const { editors, log, hostServices, hasDisk } = services;
  const register = (name: string, run: (...given: never[]) => Promise<void> | void): vscode.Disposable =>
    vscode.commands.registerCommand(name, async (...given: never[]) => {
      try {
        await run(...given);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        log.error(`${name}: ${message}`);
        void vscode.window.showErrorMessage(notificationText(message));
      }
    });

  const targetOf = async (target: Target): Promise<vscode.Uri | undefined> =>
    uriOf(target) ?? editors.active?.document.uri ?? (await pickModel(vscode.l10n.t("Open a model")));
  const openAt = async (target: Target, place?: PagePlace): Promise<void> => {
    const uri = await targetOf(target);
    if (uri !== undefined) await editors.open(await modelUriOf(uri), place);
  };

  return [
    register("lowbit.openModel", (target?: Target) => openAt(target)),
    register("lowbit.pickModel", async () => {
      const uri = await pickModel(vscode.l10n.t("Open a model"));
      if (uri !== undefined) await editors.open(await modelUriOf(uri));
    }),
    register("lowbit.openModelFromUrl", () => openFromUrl(editors)),
    register("lowbit.quantizeModel", (target?: Target) => openAt(target, { page: "quantize" })),
    register("lowbit.compareWith", async (target?: Target) => {
      const uri = await targetOf(target);
      const other = uri && (await pickModel(vscode.l10n.t("Compare with"), uri));
      if (other) await openAt(uri, { page: "compare", compareWith: comparablePlace(other, hasDisk) });
    }),
    register("lowbit.compareSelected", async (_clicked?: vscode.Uri, selected?: readonly vscode.Uri[]) => {
      const [left, right] = selected ?? [];
      if (left === undefined || right === undefined || selected?.length !== 2)
        throw new Error(vscode.l10n.t("Select two models in the explorer to compare them."));
      await openAt(left, { page: "compare", compareWith: comparablePlace(right, hasDisk) });
    }),
    ...Object.entries(PAGES).map(([command, page]) => register(command, () => openAt(undefined, { page }))),
    ...(["csv", "json"] as const).map((format) =>
      register(`lowbit.exportLayers.${format}`, async () => {
        const document = editors.active?.document;
        if (document === undefined) return;
        const answers = createHostAnswers(document, hostServices);
        await answers["host/export-layers"](
          { sort: "name", descending: false, filter: "", tree: false, foldEqual: false, unfolded: [], format },
          { signal: new AbortController().signal, progress: () => {} },
        );
      }),
    ),
    register("lowbit.refreshModels", () => services.refreshModels()),
    register("lowbit.showLog", () => log.show()),
  ];
}

function uriOf(target: Target): vscode.Uri | undefined {
  if (target === undefined || target instanceof vscode.Uri) return target;
  return target.uri;
}

async function openFromUrl(editors: OpenEditors): Promise<void> {
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t("Open Model from URL"),
    prompt: vscode.l10n.t(
      "Address of a .safetensors, .safetensors.index.json or .gguf file on a server that answers range requests",
    ),
    placeHolder: "https://huggingface.co/…/resolve/main/model.safetensors",
    ignoreFocusOut: true,
    validateInput: (value) => {
      if (value.trim() === "") return undefined;
      try {
        checkedUrl(value);
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
  });
  if (text !== undefined && text.trim() !== "") await editors.open(urlModelUri(checkedUrl(text)));
}
