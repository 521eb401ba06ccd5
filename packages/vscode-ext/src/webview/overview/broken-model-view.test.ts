// @vitest-environment happy-dom
import { render } from "lit";
import { describe, expect, it, vi } from "vitest";
import { brokenModelView } from "./broken-model-view.js";

describe("brokenModelView", () => {
  it("says what is wrong, where, and what to do", () => {
    const onRetry = vi.fn();
    const container = document.createElement("div");
    render(
      brokenModelView(
        {
          state: "broken",
          name: "<i>bad</i>.safetensors",
          fileBytes: 2048,
          problems: [
            {
              file: "bad.safetensors",
              code: "safetensors/overlap",
              message: 'Tensor "<b>a</b>" overlaps.',
              remedy: "Write it again.",
              byteOffset: 4096,
            },
            { file: "bad.safetensors", code: "safetensors/hole", message: "A hole.", remedy: "Write it again." },
          ],
        },
        onRetry,
      ),
      container,
    );
    expect(container.querySelector("i, b")).toBeNull();
    const text = (id: string): (string | null)[] =>
      [...container.querySelectorAll(`[data-testid="${id}"]`)].map((each) => each.textContent);
    expect(text("problem-code")).toEqual(["safetensors/overlap", "safetensors/hole"]);
    expect(text("problem-message")).toEqual(['Tensor "<b>a</b>" overlaps.', "A hole."]);
    expect(text("problem-remedy")).toEqual(["Write it again.", "Write it again."]);
    expect(text("problem-offset")).toEqual(["at byte 4,096 (0x1000)"]);
    expect(container.querySelector("[role=tab]")).toBeNull();
    container.querySelector<HTMLElement>('[data-testid="retry"]')!.click();
    expect(onRetry).toHaveBeenCalledTimes(1);
  });
});
