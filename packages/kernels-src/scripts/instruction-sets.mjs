// The flags of every instruction set, the one list that both builds read. `macros` become LOWBIT_ISA_….

/** @typedef {{ name: string, id: string, macros: string[], flags: string[] }} InstructionSet */

const AVX2 = ["-mavx2", "-mfma", "-mf16c"];
const AVX512 = [...AVX2, "-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl"];

const SCALAR = { name: "scalar", id: "scalar", macros: ["SCALAR"], flags: [] };

/** By `process.arch`. @type {Record<string, InstructionSet[]>} */
export const NATIVE_INSTRUCTION_SETS = {
  x64: [
    SCALAR,
    { name: "avx2", id: "avx2", macros: ["AVX2"], flags: AVX2 },
    { name: "avx512", id: "avx512", macros: ["AVX512"], flags: AVX512 },
    { name: "avx512vnni", id: "avx512vnni", macros: ["AVX512", "AVX512VNNI"], flags: [...AVX512, "-mavx512vnni"] },
  ],
  arm64: [
    SCALAR,
    { name: "neon", id: "neon", macros: ["NEON"], flags: [] },
    {
      name: "neon-dotprod",
      id: "neon_dotprod",
      macros: ["NEON", "NEON_DOTPROD"],
      flags: ["-march=armv8.2-a+dotprod"],
    },
  ],
};

/** @type {InstructionSet[]} */
export const WASM_INSTRUCTION_SETS = [
  SCALAR,
  { name: "simd128", id: "simd128", macros: ["SIMD128"], flags: ["-msimd128"] },
  {
    name: "relaxed-simd",
    id: "relaxed_simd",
    macros: ["SIMD128", "RELAXED_SIMD"],
    flags: ["-msimd128", "-mrelaxed-simd"],
  },
];
