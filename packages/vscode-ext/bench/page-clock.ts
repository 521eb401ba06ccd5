import type { BrowserContext, Frame } from "playwright-core";

/** What happened in a frame, by the clock of the machine in milliseconds: frames start their own clocks at zero. */
export type PageTimes = Readonly<Record<string, number>>;

interface WatchedWindow {
  benchTimes?: Record<string, number>;
}

/** Has every frame note when what the bench waits for is first on the screen, and when a click came. */
export async function watchPages(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const times: Record<string, number> = {};
    (globalThis as WatchedWindow).benchTimes = times;
    const noteNow = (name: string): void => {
      times[name] ??= performance.timeOrigin + performance.now();
    };
    // What stands in the document is on the screen after the next frame of it.
    const notePainted = (name: string): void => {
      if (!(name in times)) requestAnimationFrame(() => setTimeout(noteNow, 0, name));
    };
    // The frame around a page passes on through a port what the page sends to the host.
    const post = MessagePort.prototype.postMessage;
    MessagePort.prototype.postMessage = function (this: MessagePort, ...passed: unknown[]): void {
      const [sent] = passed as [{ data?: { message?: { kind?: string; name?: string } } } | undefined];
      const message = sent?.data?.message;
      if (message?.kind === "request" && message.name === "tensor/map") noteNow("map asked");
      (post as (...values: unknown[]) => void).apply(this, passed);
    };
    const onClick = (): void => noteNow("click");
    let mapState: string | undefined;
    // A timer, not the frames of the screen: the workbench opens the page's document anew, and then frames that were
    // asked for are lost, and listeners, too.
    setInterval(() => {
      addEventListener("click", onClick, true);
      const page = document.querySelector('[data-testid^="page-"]');
      if (page !== null && page.getAttribute("aria-busy") !== "true") notePainted(page.getAttribute("data-testid")!);
      const map = document.querySelector<HTMLElement>('[data-testid="outlier-map"]');
      // Only what it becomes: the map of the weight before stays until the next one is chosen.
      if (map !== null && map.dataset["state"] !== mapState) {
        mapState = map.dataset["state"];
        notePainted(`map ${mapState}`);
      }
      if (document.querySelector(".tabs-container .tab.active[data-resource-name^='model.safetensors']") !== null)
        notePainted("tab");
    }, 4);
  });
}

export function timesOf(frame: Frame): Promise<PageTimes> {
  return frame.evaluate(() => ({ ...(globalThis as WatchedWindow).benchTimes }));
}

/** Notes what happens from now on. */
export function forgetTimes(frame: Frame): Promise<void> {
  return frame.evaluate(() => {
    const times = (globalThis as WatchedWindow).benchTimes!;
    for (const name of Object.keys(times)) delete times[name];
  });
}

export function timeOf(times: PageTimes, name: string): number {
  const time = times[name];
  if (time === undefined) throw new Error(`the page noted ${Object.keys(times).join(", ") || "nothing"}, not ${name}`);
  return time;
}
