/**
 * The package as users get it: compiled by `npm run build`. tsx, which runs the benchmarks, names each function
 * whenever it is made, and that alone costs a request several microseconds.
 */
export const { createFleet, createSidecar }: typeof import('../src/index.js') = await import(
  new URL('../dist/src/index.js', import.meta.url).href
);
