import type { Browser, BrowserContext, Frame, Locator, Page } from "playwright-core";
import { newWindow } from "./launch-browser.js";
import { PATIENCE, until } from "./until.js";

/** What the console says although nothing is wrong: the workbench's own, not the extension's. */
const HARMLESS = [
  /favicon/,
  /net::ERR_FAILED/,
  /marketplace|gallery|open-vsx/i,
  /An iframe which has both allow-scripts and allow-same-origin/,
];

/** One window of the workbench, driven like a person does. */
export class Workbench {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors and policy violations that frames of the extension reported. */
  readonly complaints: string[] = [];

  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    page.setDefaultTimeout(PATIENCE);
    page.on("console", (message) => {
      if (message.type() !== "error") return;
      const from = message.location().url;
      const text = message.text();
      const isPolicy = /Content Security Policy|Refused to/i.test(text);
      // The workbench's own scripts complain of what this server lacks; the extension's frames may complain of nothing.
      if (!isPolicy && !/webview|vscode-resource|vscode-cdn|fake\.html/.test(from)) return;
      if (!HARMLESS.some((pattern) => pattern.test(text))) this.complaints.push(`${text} (${from})`);
    });
  }

  /** @param prepare what is done with the window before anything is loaded into it */
  static async open(
    browser: Browser,
    url: string,
    folder: string,
    prepare?: (context: BrowserContext) => Promise<void>,
  ): Promise<Workbench> {
    const context = await newWindow(browser);
    await prepare?.(context);
    const page = await context.newPage();
    const workbench = new Workbench(context, page);
    await page.goto(`${url}/?folder=${encodeURIComponent(folder)}`);
    await workbench.untilReady();
    return workbench;
  }

  async untilReady(): Promise<void> {
    await this.page.locator(".monaco-workbench").waitFor();
    await this.page.locator(".explorer-folders-view .monaco-list-row").first().waitFor();
    // Comes with the extension's contributions, its editor among them.
    await this.page.locator('.activitybar .action-item [aria-label="lowbit"]').first().waitFor();
  }

  async close(): Promise<void> {
    await this.context.close();
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.page.locator(".monaco-workbench").waitFor();
  }

  /**
   * Waits until the workbench has written state with this text to its database. It does so every few seconds, and a reload
   * that comes before loses what changed since: no page can hasten it.
   */
  async untilStateSaved(text: string): Promise<void> {
    await until(`saved state with ${text}`, () => this.page.evaluate(databasesHold, text));
  }

  /** Row of the explorer by its path in the workspace; folders on the way are unfolded. */
  async explorerRow(path: string): Promise<Locator> {
    const rows = this.page.locator(".explorer-folders-view .monaco-list-row");
    const parts = path.split("/");
    await this.foldOtherFolders(parts[0]!);
    let above = -1;
    for (const [level, part] of parts.entries()) {
      // Folders hold files of equal names: the first one below its folder is meant.
      let index = -1;
      const deadline = Date.now() + PATIENCE;
      while (index < 0) {
        if (Date.now() > deadline) throw new Error(`the explorer has no ${path}`);
        const shown = await rows.evaluateAll((elements) =>
          elements.map((element) => ({
            index: Number(element.getAttribute("data-index")),
            level: Number(element.getAttribute("aria-level")),
            name: element.querySelector(".label-name")?.textContent ?? "",
          })),
        );
        const found = shown.filter((row) => row.index > above && row.level === level + 1 && row.name === part);
        index = Math.min(...found.map((row) => row.index), Number.POSITIVE_INFINITY);
        if (index === Number.POSITIVE_INFINITY) {
          index = -1;
          await this.scrollExplorer();
        }
      }
      // By its name, too: rows move when another folder appears meanwhile.
      const row = this.page.locator(`.explorer-folders-view .monaco-list-row[data-index="${index}"]`, {
        hasText: part,
      });
      if (level === parts.length - 1) return row;
      if ((await row.getAttribute("aria-expanded")) === "false") await row.click({ timeout: 5000 });
      above = index;
    }
    throw new Error("an empty path");
  }

  /** So that the rows of one folder fit into the view. */
  private async foldOtherFolders(kept: string): Promise<void> {
    const open = this.page.locator('.explorer-folders-view .monaco-list-row[aria-level="1"][aria-expanded="true"]');
    for (let attempt = 0; attempt < 20; attempt++) {
      const names = await open.locator(".label-name").allInnerTexts();
      const at = names.findIndex((name) => name !== kept);
      if (at < 0) return;
      await open
        .nth(at)
        .click({ timeout: 2000 })
        .catch(() => {});
    }
  }

  /**
   * The explorer holds only the rows that are in view. Less than a page at a time, so that the first row of a name that
   * appears below its folder is that folder's; from the beginning again when the end is reached.
   */
  private async scrollExplorer(): Promise<void> {
    const list = this.page.locator(".explorer-folders-view .monaco-list");
    await list.hover();
    const before = await list.innerText();
    await this.page.mouse.wheel(0, 200);
    await new Promise((resolve) => setTimeout(resolve, 100));
    if ((await list.innerText()) === before) await this.page.mouse.wheel(0, -100_000);
  }

  /**
   * Opens a file of the workspace and answers with the frame of its page. The explorer paints before the extension host has
   * told which editors there are; a file that is opened too early lands in another editor, is closed and opened again.
   */
  async openModel(path: string): Promise<Frame> {
    const name = path.split("/").at(-1) ?? path;
    for (let attempt = 1; ; attempt++) {
      const isOpen = await this.isActive(path);
      if (!isOpen) {
        // Pages of other editors are told from the new one by this mark.
        await this.page.locator("iframe.webview").evaluateAll((frames) => {
          for (const frame of frames) frame.setAttribute("data-seen", "");
        });
        await this.explorerRow(path)
          .then((row) => row.dblclick({ timeout: 5000 }))
          .catch(() => {});
        const tab = this.page.locator(`.tabs-container .tab.active[data-resource-name="${name}"]`);
        await tab.waitFor({ timeout: 10_000 }).catch(() => {});
        if (!(await this.isActive(path))) {
          if (attempt >= 8) throw new Error(`${path} did not open`);
          continue;
        }
      }
      const outer = this.page.locator(`iframe.webview${isOpen ? "" : ":not([data-seen])"}:visible`).last();
      const frame = await this.appFrame(attempt < 8 ? 5000 : PATIENCE, outer).catch(() => undefined);
      if (frame !== undefined) return frame;
      if (attempt >= 8) throw new Error(`${path} did not open in our editor`);
      await this.page
        .locator(".tabs-container .tab.active .codicon-close")
        .click({ timeout: 800 })
        .catch(() => {});
    }
  }

  /** Whether the editor of a path of the workspace is in front; by its breadcrumbs, since files have equal names. */
  async isActive(path: string): Promise<boolean> {
    if ((await this.page.locator(".tabs-container .tab.active").count()) === 0) return false;
    const crumbs = await this.page.locator(".breadcrumbs-control:visible .monaco-breadcrumb-item").allInnerTexts();
    return crumbs.map((text) => text.trim()).join("/") === path;
  }

  /** The frame of the webview that is visible now, once its root has left "loading". */
  async appFrame(patience: number = PATIENCE, where: Locator | undefined = undefined): Promise<Frame> {
    const outer = where ?? this.page.locator("iframe.webview:visible").last();
    await outer.waitFor({ timeout: patience });
    const deadline = Date.now() + patience;
    while (Date.now() < deadline) {
      const handle = await outer.elementHandle({ timeout: 1000 }).catch(() => null);
      const inner = await (await handle?.contentFrame())
        ?.locator("iframe#active-frame")
        .elementHandle({ timeout: 1000 })
        .catch(() => null);
      const frame = await inner?.contentFrame();
      const state = await frame
        ?.locator('[data-testid="app"]')
        .getAttribute("data-state", { timeout: 1000 })
        .catch(() => null);
      if (frame && state && state !== "loading") return frame;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`no page of the extension within ${patience} ms`);
  }

  /** Chooses an entry of an explorer row's menu. A menu drops clicks in its first moments, so the click is repeated until it is gone. */
  async explorerMenu(path: string, entry: string): Promise<void> {
    const row = await this.explorerRow(path);
    await row.click({ button: "right" });
    const label = this.page.locator(".monaco-menu .action-label", { hasText: entry });
    await label.waitFor();
    for (let attempt = 0; attempt < 20; attempt++) {
      await label.click({ timeout: 1000 }).catch(() => {});
      const isGone = label.waitFor({ state: "hidden", timeout: 1000 });
      if (
        await isGone.then(
          () => true,
          () => false,
        )
      )
        return;
    }
    throw new Error(`the menu of ${path} did not take ${entry}`);
  }

  /** Runs a command by its title, through the palette. */
  async command(title: string): Promise<void> {
    await this.openPalette(title);
    const entry = this.page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first();
    await entry.waitFor();
    await entry.click();
  }

  /** The palette with a text in it; F1 goes through webviews, too. */
  async openPalette(text: string): Promise<void> {
    const input = this.page.locator(".quick-input-widget:visible .quick-input-box input");
    for (let attempt = 0; attempt < 10; attempt++) {
      await this.page.keyboard.press("F1");
      if (
        await input.waitFor({ timeout: 2000 }).then(
          () => true,
          () => false,
        )
      )
        break;
    }
    await input.fill(`>${text}`);
  }

  /**
   * Answers the dialog of the workbench that asks for a path. It lists folders while one types and can rewrite the field
   * meanwhile, so the path is entered until the dialog is gone.
   */
  async answerPath(path: string): Promise<void> {
    const widget = this.page.locator(".quick-input-widget:visible");
    const input = widget.locator(".quick-input-box input");
    await input.waitFor();
    for (let attempt = 0; attempt < 20; attempt++) {
      await input.fill(path, { timeout: 2000 }).catch(() => {});
      await widget
        .locator(".monaco-progress-container.active")
        .waitFor({ state: "detached", timeout: 2000 })
        .catch(() => {});
      if ((await input.inputValue({ timeout: 500 }).catch(() => "")) === path)
        await input.press("Enter", { timeout: 500 }).catch(() => {});
      if (
        await input.waitFor({ state: "hidden", timeout: 1000 }).then(
          () => true,
          () => false,
        )
      )
        return;
    }
    throw new Error(`the dialog did not take ${path}`);
  }

  async closeEditors(): Promise<void> {
    await this.command("View: Close All Editors");
    await this.page.locator(".tabs-container .tab").first().waitFor({ state: "detached" });
  }

  /** Texts of the notifications that are shown. */
  notifications(): Locator {
    return this.page.locator(".notification-toast, .notifications-center .notification-list-item");
  }
}

/** Runs in the window. */
async function databasesHold(text: string): Promise<boolean> {
  const done = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  for (const { name } of await indexedDB.databases()) {
    if (!name?.startsWith("vscode-web-state-db")) continue;
    const database = await done(indexedDB.open(name));
    const values: unknown[] = await done(database.transaction("ItemTable").objectStore("ItemTable").getAll());
    database.close();
    if (values.some((value) => typeof value === "string" && value.includes(text))) return true;
  }
  return false;
}
