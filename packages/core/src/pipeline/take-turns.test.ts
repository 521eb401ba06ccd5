import { describe, expect, it } from "vitest";
import { takeTurns } from "./take-turns.js";

describe("takeTurns", () => {
  it("lets other work in once the time has passed, and not before", async () => {
    let now = 0;
    const pause = takeTurns(() => now);
    let heard = 0;
    const listen = (): void => {
      setTimeout(() => heard++, 0);
    };
    listen();
    await pause();
    expect(heard).toBe(0);
    now = 40;
    await pause();
    expect(heard).toBe(1);
    listen();
    await pause();
    expect(heard).toBe(1);
  });
});
