import { fileURLToPath } from 'node:url';
import { defineConfig, forstPreset } from 'sidecar-machine';

/** Builds a binary with `forst build` and runs that; it is reached over its Unix socket. */
export default defineConfig(
  forstPreset({ form: 'build', root: fileURLToPath(new URL('.', import.meta.url)) }),
);
