/** What of the editor's theme is not in CSS: for canvases, and for pages that choose between pictures. */
export interface Theme {
  readonly kind: "dark" | "light";
  readonly isHighContrast: boolean;
  readonly reducesMotion: boolean;
  /** Value of a CSS variable, `color("--vscode-charts-blue", "#3794ff")`; the fallback where the theme has none. */
  color(variable: string, fallback: string): string;
}

/** The theme as body and root tell it now. */
export function readTheme(body: HTMLElement): Theme {
  const classes = body.classList;
  const isHighContrastLight = classes.contains("vscode-high-contrast-light");
  const style = getComputedStyle(body);
  return {
    kind:
      isHighContrastLight ||
      (classes.contains("vscode-light") && !classes.contains("vscode-dark")) ||
      body.dataset["vscodeThemeKind"] === "vscode-light"
        ? "light"
        : "dark",
    isHighContrast: isHighContrastLight || classes.contains("vscode-high-contrast"),
    reducesMotion: classes.contains("vscode-reduce-motion") || matchMedia("(prefers-reduced-motion: reduce)").matches,
    color: (variable, fallback) => style.getPropertyValue(variable).trim() || fallback,
  };
}

/**
 * Calls back after the theme has changed. VS Code tells through attributes: classes of body, and the variables in the
 * style of the root element. Several changes in one turn are one call.
 */
export function watchTheme(body: HTMLElement, onChange: (theme: Theme) => void): () => void {
  let isPending = false;
  const observer = new MutationObserver(() => {
    if (isPending) return;
    isPending = true;
    queueMicrotask(() => {
      isPending = false;
      onChange(readTheme(body));
    });
  });
  observer.observe(body, { attributes: true, attributeFilter: ["class", "data-vscode-theme-kind"] });
  observer.observe(body.ownerDocument.documentElement, { attributes: true, attributeFilter: ["style"] });
  return () => observer.disconnect();
}
