import { describe, expect, it } from "vitest";
import { createNonce, pageHtml } from "./page-html.js";

const html = (place: string): string =>
  pageHtml({
    language: "en",
    title: place,
    cspSource: "https://host.example",
    scriptUri: "https://host.example/webview.js",
    styleUri: "https://host.example/webview.css",
    nonce: "abc123",
    state: {
      settings: { outlierRule: { kind: "sigma", factor: 6 }, mapColors: "theme" },
      place: { page: "tensor", weight: place },
    },
  });

describe("pageHtml", () => {
  it("lets nothing run but the page's own script", () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/
      .exec(html("w"))?.[1]
      ?.replaceAll("&#39;", "'");
    expect(policy?.split("; ")).toEqual([
      "default-src 'none'",
      "script-src 'nonce-abc123'",
      "style-src https://host.example",
      "img-src https://host.example blob: data:",
      "font-src https://host.example",
    ]);
    expect(html("w").match(/<script/g)).toHaveLength(1);
    expect(html("w")).not.toMatch(/ style=| on\w+=|<style/);
  });

  it("escapes names of weights and files", () => {
    const hostile = `"><script>alert(1)</script>'&`;
    const text = html(hostile);
    expect(text).not.toContain("<script>alert");
    const content = /name="lowbit-initial-state" content="([^"]*)"/.exec(text)?.[1] ?? "";
    const unescaped = content
      .replaceAll("&quot;", '"')
      .replaceAll("&#39;", "'")
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&amp;", "&");
    expect(JSON.parse(unescaped)).toMatchObject({ place: { weight: hostile } });
  });

  it("a nonce is 128 bits and new every time", () => {
    const nonces = Array.from({ length: 50 }, createNonce);
    expect(new Set(nonces).size).toBe(50);
    for (const nonce of nonces) expect(nonce).toMatch(/^[0-9a-f]{32}$/);
  });
});
