import type { ModelSource } from "../protocol/engine-link.js";
import type { EngineEnvironment } from "./environment.js";
import { refusal } from "./failure.js";
import type { ModelSlot } from "./handler.js";
import { memoryFiles } from "./model/memory-files.js";
import { type Model, openModel } from "./model/model.js";
import type { ModelFiles } from "./model/model-files.js";
import { urlFiles } from "./model/url-files.js";

/** A model that the host has named: opened when something is asked about it, and kept. */
export interface NamedModel extends ModelSlot {
  /** Aborted when the model is closed or its file has changed. */
  readonly signal: AbortSignal;
  /** Ends everything that is open about it and lets go of its files. */
  close(): void;
}

export function nameModel(source: ModelSource, environment: EngineEnvironment): NamedModel {
  const closed = new AbortController();
  let files: Promise<ModelFiles> | undefined;
  let model: Promise<Model> | undefined;
  let hasFailed = false;
  const noted = <T>(opening: Promise<T>): Promise<T> => {
    opening.catch(() => {
      hasFailed = true;
    });
    return opening;
  };
  const getFiles = (): Promise<ModelFiles> => {
    files ??= noted(filesOf(source, environment));
    return files;
  };
  return {
    name: source.kind === "path" ? source.path : source.kind === "url" ? source.url : source.name,
    signal: closed.signal,
    files: getFiles,
    open() {
      model ??= noted(getFiles().then((opened) => openModel(opened, closed.signal)));
      return model;
    },
    retry() {
      if (!hasFailed) return;
      hasFailed = false;
      files = undefined;
      model = undefined;
    },
    close() {
      closed.abort();
      model?.then((opened) => opened.close()).catch(() => {});
    },
  };
}

async function filesOf(source: ModelSource, { disk }: EngineEnvironment): Promise<ModelFiles> {
  switch (source.kind) {
    case "bytes":
      return memoryFiles(source.name, source.files);
    case "url":
      return urlFiles(source.url);
    case "path":
      if (disk !== undefined) return disk.openPath(source.path);
      throw refusal(
        "engine/not-in-browser",
        "A browser cannot open files of a disk.",
        "Open the model in VS Code on the desktop, or from a server.",
      );
  }
}
