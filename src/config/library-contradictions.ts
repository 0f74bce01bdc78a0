import type { ConfigProblem } from './config-error.js';
import type { PlainConfig } from './contradictions.js';
import { isRecord } from './is-record.js';
import { hardLimits } from './resource-contradictions.js';

/** What only a process can do, and what only a shared library can. */
export function findLibraryContradictions(config: PlainConfig): ConfigProblem[] {
  const { functions, health } = config.direct;
  if (config.transport === 'direct')
    return [...findProcessSettings(config), ...findWrongPrototypes(functions)];
  const message = 'is only used with the transport "direct": set `transport`, or leave this out';
  return [
    ...(isRecord(functions) && Object.keys(functions).length > 0
      ? [{ path: 'direct.functions', message }]
      : []),
    ...(health === undefined ? [] : [{ path: 'direct.health', message }]),
  ];
}

function findProcessSettings({ endpoint, process, resources }: PlainConfig): ConfigProblem[] {
  const announcement = 'has no meaning with the transport "direct": a shared library listens nowhere';
  const handoff = 'has no meaning with the transport "direct": there is no process that inherits a pipe';
  const limits = 'has no meaning with the transport "direct": it would limit this very process';
  return [
    ...(endpoint === undefined ? [] : [{ path: 'endpoint', message: announcement }]),
    ...(process['handoffVariable'] === undefined
      ? []
      : [{ path: 'process.handoffVariable', message: handoff }]),
    ...hardLimits(resources).map((path) => ({ path, message: limits })),
  ];
}

/** A return type, the name, and the arguments; what the types mean is left to whoever loads the library. */
const prototype = /^\s*[A-Za-z_][\w\s*!]*?(?:\s|\*|!)\s*([A-Za-z_]\w*)\s*\(.*\)\s*;?\s*$/s;

function findWrongPrototypes(functions: unknown): ConfigProblem[] {
  if (!isRecord(functions)) return [];
  return Object.entries(functions).flatMap(([symbol, declaration]) => {
    // The schema names what is not even text.
    if (typeof declaration !== 'string' || declaration === '') return [];
    const path = `direct.functions.${symbol}`;
    const [, name] = prototype.exec(declaration) ?? [];
    if (name === undefined) {
      return [{ path, message: `must be a prototype in C, such as \`int ${symbol}(int a, int b)\`` }];
    }
    if (name === symbol) return [];
    return [{ path, message: `declares \`${name}\`: its key must be the same name` }];
  });
}
