import type { ConfigProblem } from './config-error.js';

/**
 * How a sidecar is reached, as far as its configuration tells: at a TCP port, at a Unix socket, at either one that it
 * announces, or inside this process, as a shared library.
 */
export type Reach = 'port' | 'socket' | 'announced' | 'library';

/** Null when the transport is none that exists. */
export function reachOf(config: { readonly transport: unknown; readonly endpoint: unknown }): Reach | null {
  switch (config.transport) {
    case 'direct':
      return 'library';
    case 'http':
      return config.endpoint === undefined ? 'port' : 'announced';
    case 'ipc':
      return config.endpoint === undefined ? 'socket' : 'announced';
    default:
      return null;
  }
}

/** What is not filled in, and why. */
const foreignTemplates: Readonly<Record<Reach, { templates: readonly string[]; transport: string }>> = {
  port: { templates: ['{socketPath}'], transport: 'http' },
  socket: { templates: ['{host}', '{port}'], transport: 'ipc' },
  announced: { templates: [], transport: '' },
  library: { templates: ['{host}', '{port}', '{socketPath}'], transport: 'direct' },
};

/** A template of another transport would reach a program as it is, braces and all. */
export function findForeignTemplates(reach: Reach | null, args: unknown, path: string): ConfigProblem[] {
  if (reach === null || !Array.isArray(args)) return [];
  const { templates, transport } = foreignTemplates[reach];
  return args.flatMap((arg: unknown, index) => {
    const found = typeof arg === 'string' ? templates.find((template) => arg.includes(template)) : undefined;
    if (found === undefined) return [];
    return [
      {
        path: `${path}[${index}]`,
        message: `uses ${found}, which the transport "${transport}" does not have`,
      },
    ];
  });
}
