import { describe, expect, it } from "vitest";
import { notificationText } from "./notification-text.js";

/** What the workbench takes for a link (src/vs/base/common/linkedText.ts of VS Code). */
const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;

describe("notificationText", () => {
  it.each([
    "[Fix this](command:workbench.action.terminal.sendSequence?%7B%7D)",
    "a.[b](command:c)[d](https://a.example/x).weight",
    '[x](file:///etc/passwd "title")',
    `${"a".repeat(600)}[x](command:c)`,
  ])("leaves no link in %s", (text) => {
    expect(notificationText(text)).not.toMatch(LINK);
  });

  it("shows line breaks and marks of direction, and nothing else otherwise", () => {
    expect(notificationText("a\nb\u202ec")).toBe("a\\x0ab\\u202ec");
    expect(notificationText("model.layers.0 (4 bits) [q]")).toBe("model.layers.0 (4 bits) [q]");
  });
});
