import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isHubReference, parseHubReference } from "./hub-reference.js";
import { hubSettings } from "./hub-settings.js";

describe("parseHubReference", () => {
  it("takes a name, a revision and a file apart", () => {
    const parts = { owner: "Qwen", name: "Qwen3-0.6B" };
    expect(parseHubReference("hf:Qwen/Qwen3-0.6B")).toEqual({ text: "hf:Qwen/Qwen3-0.6B", ...parts, revision: "main" });
    expect(parseHubReference("hf:Qwen/Qwen3-0.6B@v1.0")).toMatchObject({ ...parts, revision: "v1.0" });
    expect(parseHubReference("hf:Qwen/Qwen3-0.6B@refs/pr/1:sub/x.gguf")).toMatchObject({
      ...parts,
      revision: "refs/pr/1",
      file: "sub/x.gguf",
    });
    expect(parseHubReference("hf:Qwen/Qwen3-0.6B:a@b.gguf")).toMatchObject({ revision: "main", file: "a@b.gguf" });
    expect(["model", "./hf:x", "hf/x"].some(isHubReference)).toBe(false);
  });

  const wrong = [
    "hf:",
    "hf:a",
    "hf:a/b/c",
    "hf:/b",
    "hf:a/",
    "hf:../b",
    "hf:a/..",
    "hf:a/b@",
    "hf:a/b@../x",
    "hf:a/b@x/../y",
  ];
  it.each([...wrong, "hf:a/b:", "hf:a b/c", "hf:a/b?x", "hf:a/b#x", "hf:a/b%2e", "hf:.a/b"])("refuses %s", (text) => {
    expect(() => parseHubReference(text)).toThrow(expect.objectContaining({ code: "hub/invalid-id" }));
  });

  it.each(["hf:a/b:../x.gguf", "hf:a/b:/x.gguf", "hf:a/b:x//y.gguf", "hf:a/b:c:x.gguf"])(
    "refuses %s as a file",
    (text) => {
      expect(() => parseHubReference(text)).toThrow(expect.objectContaining({ code: "hub/unsafe-name" }));
    },
  );
});

describe("hubSettings", () => {
  it("reads the variables of huggingface_hub", async () => {
    const home = mkdtempSync(join(tmpdir(), "lowbit-hub-home-"));
    writeFileSync(join(home, "token"), "of-login\n");
    expect(await hubSettings({ HF_HOME: home })).toMatchObject({
      endpoint: "https://huggingface.co",
      token: "of-login",
      cacheDirectory: join(home, "hub"),
      isOffline: false,
    });
    expect(
      await hubSettings({
        HF_HOME: home,
        HF_TOKEN: "own",
        HF_HUB_CACHE: "/elsewhere",
        HF_ENDPOINT: "https://mirror/",
        HF_HUB_OFFLINE: "1",
      }),
    ).toMatchObject({ endpoint: "https://mirror", token: "own", cacheDirectory: "/elsewhere", isOffline: true });
    expect(await hubSettings({ XDG_CACHE_HOME: home })).toMatchObject({
      cacheDirectory: join(home, "huggingface", "hub"),
    });
    expect((await hubSettings({ XDG_CACHE_HOME: home })).token).toBeUndefined();
    rmSync(home, { recursive: true });
  });
});
