import type { GgufMetadata, GgufScalar, GgufScalarType, GgufValue } from "@lowbit/core/gguf";

/** Collects metadata in the order of the file, under "<architecture>.". */
export class MetadataBuilder {
  readonly #values = new Map<string, GgufValue>();
  readonly #prefix: string;

  constructor(architecture: string) {
    this.#prefix = architecture;
  }

  get metadata(): GgufMetadata {
    return this.#values;
  }

  count(field: string, value: number): void {
    this.#set(field, { type: "uint32", value });
  }

  float(field: string, value: number): void {
    this.#set(field, { type: "float32", value: Math.fround(value) });
  }

  boolean(field: string, value: boolean): void {
    this.#set(field, { type: "bool", value });
  }

  text(field: string, value: string): void {
    this.#set(field, { type: "string", value });
  }

  list(field: string, elementType: GgufScalarType, values: readonly GgufScalar[]): void {
    this.#set(field, { type: "array", elementType, length: values.length, values });
  }

  #set(field: string, value: GgufValue): void {
    this.#values.set(`${this.#prefix}.${field}`, value);
  }
}
