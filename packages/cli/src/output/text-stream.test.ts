import { PassThrough, Writable } from "node:stream";
import { expect, it } from "vitest";
import { textStream } from "./text-stream.js";

it("writes text as it is, and what steers a terminal as it is spelled", async () => {
  const output = new PassThrough();
  await textStream(output, false).write("a\u001b[2J\n");
  await textStream(output, true).write("a\u001b[2J\tb\n");
  expect(String(output.read())).toBe("a\u001b[2J\na\\u001b[2J\tb\n");
});

it("waits until the reader has room", async () => {
  const output = new PassThrough({ highWaterMark: 4 });
  let isWritten = false;
  const written = textStream(output, false)
    .write("12345")
    .then(() => {
      isWritten = true;
    });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isWritten).toBe(false);
  output.read();
  await written;
});

it("tells that the reader is gone, and writes no more", async () => {
  let writes = 0;
  const output = new Writable({
    highWaterMark: 1,
    autoDestroy: false,
    write(_chunk, _encoding, done) {
      writes++;
      done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    },
  });
  const stream = textStream(output, false);
  await stream.write("first");
  expect(stream.closed.aborted).toBe(true);
  await stream.write("second");
  expect(writes).toBe(1);
});
