export const CONFIG_HELP =
  'the configuration file (default: sidecar.config.ts, .mts, .js, .mjs or .json here)';
