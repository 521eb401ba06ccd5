import { beforeEach, describe, expect, it } from "vitest";
import { parseOutlierRule, readAppearance, readEngineSettings, readMaximumVirtualFileBytes } from "./settings.js";
import { configured, desk, resetDesk } from "./vscode.fixture.js";

const SIX_SIGMA = { kind: "sigma", factor: 6 };

describe("settings", () => {
  beforeEach(resetDesk);

  it.each([
    ["3 sigma", { kind: "sigma", factor: 3 }],
    [" 2.5sigma ", { kind: "sigma", factor: 2.5 }],
    ["0.001 Quantile", { kind: "quantile", share: 0.001 }],
    ["1e-3 quantile", { kind: "quantile", share: 0.001 }],
    ["0.5 absolute", { kind: "absolute", threshold: 0.5 }],
    ["2 quantile", SIX_SIGMA],
    ["-1 sigma", SIX_SIGMA],
    ["sigma", SIX_SIGMA],
    ["3 apples", SIX_SIGMA],
    ["", SIX_SIGMA],
  ])("the rule %j", (text, rule) => {
    expect(parseOutlierRule(text)).toEqual(rule);
  });

  it("takes values that are not allowed for the default", () => {
    configured.set("mapColors", "rainbow");
    configured.set("memoryLimit", -5);
    configured.set("maximumVirtualFileSize", "much");
    configured.set("backend", "gpu");
    expect(readAppearance().mapColors).toBe("theme");
    expect(readEngineSettings()).toMatchObject({ backend: "auto", memoryLimitBytes: 2 ** 30 });
    expect(readMaximumVirtualFileBytes()).toBe(256 * 2 ** 20);
  });

  it("loads no native code in an untrusted workspace", () => {
    configured.set("backend", "native");
    configured.set("nativeKernelsPath", "/somewhere");
    expect(readEngineSettings()).toMatchObject({ backend: "native", nativeKernelsPath: "/somewhere" });
    desk.isTrusted = false;
    expect(readEngineSettings().backend).toBe("wasm");
    expect(readEngineSettings()).not.toHaveProperty("nativeKernelsPath");
    configured.set("backend", "auto");
    expect(readEngineSettings().backend).toBe("wasm");
  });
});
