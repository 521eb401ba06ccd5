import { backendText } from "../backend-text.js";
import type { EngineEnvironment } from "../environment.js";
import { backendChoice } from "./backend-choice.js";
import { diskWork } from "./disk-work.js";
import { openBackend } from "./open-backend.js";

/** @param base URL of a bundle in dist/ */
export function nodeEnvironment(base: string): EngineEnvironment {
  return {
    async createBackend(settings) {
      const selected = await openBackend(base, backendChoice(settings));
      return { backend: selected.backend, description: backendText(selected) };
    },
    disk: diskWork(base),
  };
}
