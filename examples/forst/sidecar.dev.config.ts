import { fileURLToPath } from 'node:url';
import { defineConfig, forstPreset } from 'sidecar-machine';

/** Runs `forst dev`, which compiles and restarts its program by itself when a source changes. */
export default defineConfig(forstPreset({ form: 'dev', root: fileURLToPath(new URL('.', import.meta.url)) }));
