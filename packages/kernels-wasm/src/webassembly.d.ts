// The part of the WebAssembly API that this package uses. Neither the es2023 library nor @types/node declares it, and
// the DOM library would let browser-only names into code that must run in Node and workers.
declare namespace WebAssembly {
  class Module {
    private constructor();
  }
  class Instance {
    readonly exports: Readonly<Record<string, unknown>>;
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  class Global {
    readonly value: number;
  }
  function validate(bytes: Uint8Array): boolean;
  function compile(bytes: Uint8Array): Promise<Module>;
  function instantiate(module: Module, imports: Record<string, Record<string, unknown>>): Promise<Instance>;
}

declare function atob(base64: string): string;
