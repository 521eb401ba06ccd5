import { config, t } from "@vscode/l10n";

/** Sets the texts of the user's language; before any page is drawn. */
export function useTexts(texts: Readonly<Record<string, string>> | undefined): void {
  if (texts !== undefined) config({ contents: { ...texts } });
}

export { t };
