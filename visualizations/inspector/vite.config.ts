import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { sidecarLayouts } from './layouts-plugin.js';

/** Served by the host under /inspect/, and from within an extension: nothing in it may know where it is. */
export default defineConfig({
  base: './',
  root: import.meta.dirname,
  plugins: [sidecarLayouts()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: fileURLToPath(new URL('../../dist/inspector', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // The policy of the page takes nothing but files of its own.
    assetsInlineLimit: 0,
    modulePreload: false,
    license: { fileName: 'licenses.txt' },
    reportCompressedSize: false,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});
