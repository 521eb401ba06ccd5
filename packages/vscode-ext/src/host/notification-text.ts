import { visibleText } from "../protocol/visible-text.js";

/**
 * Text for a notification, whose parts may come from a file. The workbench makes links of "[text](command:…)" there, which
 * run commands: a name in a model must never become one.
 */
export function notificationText(text: string): string {
  return visibleText(text, 500).replaceAll("](", "] (");
}
