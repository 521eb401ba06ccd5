import type { LayerLine } from "../../protocol/layer-messages.js";

/** What a key means in the tree-table. */
export type TreeAction =
  | { readonly kind: "move"; readonly line: number; readonly extends: boolean }
  | { readonly kind: "unfold" }
  | { readonly kind: "fold" }
  /** To the line that this one stands under. */
  | { readonly kind: "parent" }
  | { readonly kind: "open" }
  /** Columns out of sight; −1 to the left, 1 to the right. */
  | { readonly kind: "scroll"; readonly direction: -1 | 1 }
  | { readonly kind: "copy" }
  | { readonly kind: "select-all" };

export interface TreePosition {
  readonly line: number;
  readonly lines: number;
  /** Whole lines on the screen. */
  readonly pageLines: number;
  /** The focused line; absent while it is being loaded. */
  readonly at: Pick<LayerLine, "canUnfold" | "isUnfolded" | "depth" | "kind"> | undefined;
}

export interface PressedKey {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/**
 * The keys of the ARIA practices for a treegrid whose rows take the focus; with Shift, up and down select and left and
 * right scroll.
 */
export function treeAction(pressed: PressedKey, position: TreePosition): TreeAction | undefined {
  const { key, altKey } = pressed;
  if (altKey) return undefined;
  if (pressed.ctrlKey || pressed.metaKey) return commandAction(pressed, position);
  const { line, at } = position;
  if (pressed.shiftKey && (key === "ArrowRight" || key === "ArrowLeft"))
    return { kind: "scroll", direction: key === "ArrowRight" ? 1 : -1 };
  if (key === "ArrowRight") {
    if (at?.canUnfold && !at.isUnfolded) return { kind: "unfold" };
    return at?.isUnfolded ? moveTo(line + 1, pressed, position) : undefined;
  }
  if (key === "ArrowLeft") {
    if (at?.isUnfolded) return { kind: "fold" };
    return at !== undefined && at.depth > 0 ? { kind: "parent" } : undefined;
  }
  if (key === "Enter" || key === " ") {
    if (at === undefined) return undefined;
    if (key === " " || at.kind === "module") {
      if (!at.canUnfold) return undefined;
      return { kind: at.isUnfolded ? "fold" : "unfold" };
    }
    return { kind: "open" };
  }
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: line + 1,
    ArrowUp: line - 1,
    PageDown: line + position.pageLines,
    PageUp: line - position.pageLines,
    Home: 0,
    End: position.lines - 1,
  };
  const target = steps[key];
  return target === undefined ? undefined : moveTo(target, pressed, position);
}

function commandAction(pressed: PressedKey, position: TreePosition): TreeAction | undefined {
  const key = pressed.key.toLowerCase();
  if (key === "c" && !pressed.shiftKey) return { kind: "copy" };
  if (key === "a" && !pressed.shiftKey) return { kind: "select-all" };
  if (pressed.key === "Home") return moveTo(0, pressed, position);
  if (pressed.key === "End") return moveTo(position.lines - 1, pressed, position);
  return undefined;
}

function moveTo(line: number, { shiftKey }: PressedKey, { lines }: TreePosition): TreeAction | undefined {
  if (lines === 0) return undefined;
  return { kind: "move", line: Math.min(lines - 1, Math.max(0, line)), extends: shiftKey };
}
