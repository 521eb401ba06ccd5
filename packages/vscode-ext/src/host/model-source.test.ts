import { beforeEach, describe, expect, it } from "vitest";
import * as vscode from "vscode";
import { checkedUrl, directoryModelUri, isModelFileName, parseModelAddress, urlModelUri } from "./model-address.js";
import { findModelSource, type SourceLimits, UnreadableModelError } from "./model-source.js";
import { files, resetDesk } from "./vscode.fixture.js";

const onDisk: SourceLimits = { hasDisk: true, maximumVirtualBytes: 100 };
const inBrowser: SourceLimits = { hasDisk: false, maximumVirtualBytes: 100 };

function put(path: string, bytes: number): void {
  files.set(path, { bytes: new Uint8Array(bytes), mtime: 1 });
}

const source = (uri: vscode.Uri, limits: SourceLimits) => findModelSource(parseModelAddress(uri), limits);

async function namesOf(uri: vscode.Uri, limits: SourceLimits): Promise<string[]> {
  const found = await source(uri, limits);
  if (found.kind !== "bytes") throw new Error(`expected bytes, found ${found.kind}`);
  return found.files.map(({ name }) => name);
}

describe("findModelSource", () => {
  beforeEach(resetDesk);

  it("hands the path of a file over where the engine has a disk", async () => {
    expect(await source(vscode.Uri.file("/m/a.gguf"), onDisk)).toEqual({ kind: "path", path: "/m/a.gguf" });
  });

  it("hands a directory over", async () => {
    const uri = directoryModelUri(vscode.Uri.file("/models/with space"));
    expect(uri.path.endsWith("with space")).toBe(true);
    expect(await source(uri, onDisk)).toEqual({ kind: "path", path: "/models/with space" });
  });

  it("hands addresses of servers over, on a disk and in a browser", async () => {
    const url = "https://models.example/a/model.safetensors?download=true";
    for (const limits of [onDisk, inBrowser])
      expect(await source(urlModelUri(url), limits)).toEqual({ kind: "url", url });
    expect(urlModelUri(url).path).toBe("/models.example/a/model.safetensors");
  });

  it("reads a file of another file system whole, with the configuration beside it", async () => {
    put("/v/model.safetensors", 10);
    put("/v/config.json", 2);
    put("/v/other.safetensors", 1000);
    const uri = vscode.Uri.parse("memfs:/v/model.safetensors");
    expect(await namesOf(uri, onDisk)).toEqual(["model.safetensors", "config.json"]);
  });

  it("reads the shards of an index, and every model file of a directory", async () => {
    put("/v/model.safetensors.index.json", 5);
    put("/v/a-00001-of-00001.safetensors", 10);
    put("/v/notes.txt", 1000);
    const index = vscode.Uri.parse("memfs:/v/model.safetensors.index.json");
    expect(await namesOf(index, inBrowser)).toEqual(["model.safetensors.index.json", "a-00001-of-00001.safetensors"]);
    const directory = directoryModelUri(vscode.Uri.parse("memfs:/v"));
    expect((await namesOf(directory, inBrowser)).sort()).toEqual([
      "a-00001-of-00001.safetensors",
      "model.safetensors.index.json",
    ]);
  });

  it("tells sizes and the setting when a model is too large to be read whole, and reads nothing", async () => {
    put("/v/model.safetensors", 101);
    const failure = await source(vscode.Uri.parse("memfs:/v/model.safetensors"), inBrowser).catch((error) => error);
    expect(failure).toBeInstanceOf(UnreadableModelError);
    expect(failure.code).toBe("host/too-large");
    expect(failure.problem.message).toContain("101 B");
    expect(failure.problem.message).toContain("100 B");
    expect(failure.problem.remedy).toContain("lowbit.maximumVirtualFileSize");
  });
});

describe("checkedUrl", () => {
  it("takes http and https only", () => {
    expect(checkedUrl(" https://a.example/x.gguf ")).toBe("https://a.example/x.gguf");
    for (const text of ["file:///etc/passwd", "javascript:alert(1)", "a.example/x", ""])
      expect(() => checkedUrl(text), text).toThrow();
  });

  it("an address of ours that was made by hand is checked, too", () => {
    const uri = vscode.Uri.from({ scheme: "lowbit-model", authority: "url", path: "/x", query: "file:///etc/passwd" });
    expect(() => parseModelAddress(uri)).toThrow();
  });
});

describe("isModelFileName", () => {
  it("knows the three kinds", () => {
    expect(["a.safetensors", "A.GGUF", "m.safetensors.index.json"].every(isModelFileName)).toBe(true);
    expect(["config.json", "a.safetensors.txt", "gguf", "index.json"].some(isModelFileName)).toBe(false);
  });
});
