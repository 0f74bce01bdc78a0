import type { Endpoint } from '../../machines/sidecar.types.js';
import type { ResolvedSidecarConfig } from '../config/schema.js';
import { addressVariables, fillTemplates } from '../config/templates.js';
import { isSecretName } from '../redact/secret-names.js';

/** Something that the configuration asks for and the target does not have, or has in another way. */
export interface ExportNote {
  /** Where in the configuration, for example `process.maxRestarts`. */
  readonly setting: string;
  readonly note: string;
}

/** What `sidecar export` makes: a file, and what it does not say. */
export interface Exported {
  readonly text: string;
  readonly notes: readonly ExportNote[];
}

/** A variable of the environment. A secret is named, and its value is nowhere written down. */
export type Variable =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly isSecret: true };

/** What every target needs of a sidecar. */
export interface DeployedSidecar {
  readonly config: ResolvedSidecarConfig;
  readonly command: readonly [string, ...string[]];
  readonly variables: readonly Variable[];
  readonly address: DeployedAddress;
  readonly notes: readonly ExportNote[];
}

export type DeployedAddress = Extract<Endpoint, { transport: 'http' | 'ipc' }>;

/** Where there is no port of its own for each process, one is chosen. */
const USUAL_PORT = 8080;

/** A shared library in the host's own process has nothing that could be run elsewhere. */
export class NotExportableError extends Error {
  override readonly name = 'NotExportableError';
}

/**
 * @param host the address that it is told to listen on
 * @throws {NotExportableError} with the transport `direct`
 */
export function deployedSidecar(config: ResolvedSidecarConfig, host: string): DeployedSidecar {
  const address = addressOf(config, host);
  const filled = (text: string) => fillTemplates(text, config, address);
  return {
    config,
    command: [filled(config.process.command), ...config.process.args.map(filled)],
    variables: variablesOf(config, address),
    address,
    notes: [...addressNotes(config, address), ...environmentNotes(config)],
  };
}

function addressOf(config: ResolvedSidecarConfig, host: string): DeployedAddress {
  switch (config.transport) {
    case 'http':
      return { transport: 'http', host, port: config.http.port === 0 ? USUAL_PORT : config.http.port };
    case 'ipc':
      return { transport: 'ipc', socketPath: config.ipc.socketPath };
    case 'direct':
      throw new NotExportableError(
        'the transport "direct" loads a shared library into your own process: there is nothing to run elsewhere',
      );
  }
}

function variablesOf(config: ResolvedSidecarConfig, address: DeployedAddress): Variable[] {
  const { env } = config.process;
  const own = typeof env === 'function' ? {} : env;
  const filled = Object.entries({ ...addressVariables(address), ...own }).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value: fillTemplates(value, config, address) }],
  );
  return filled.map((each) =>
    isSecretName(each.name, config.redact) ? { name: each.name, isSecret: true } : each,
  );
}

function addressNotes(config: ResolvedSidecarConfig, address: DeployedAddress): ExportNote[] {
  const notes: ExportNote[] = [];
  if (address.transport === 'http' && config.http.port === 0) {
    notes.push({ setting: 'http.port', note: `0 (a free port each time) became ${address.port}` });
  }
  if (address.transport === 'http' && config.http.host !== address.host) {
    notes.push({ setting: 'http.host', note: `${config.http.host} became ${address.host}` });
  }
  if (config.endpoint !== undefined) {
    notes.push({ setting: 'endpoint', note: 'an address that the process announces is not followed' });
  }
  return notes;
}

function environmentNotes({ process }: ResolvedSidecarConfig): ExportNote[] {
  if (typeof process.env !== 'function') return [];
  return [{ setting: 'process.env', note: 'is a function, of which nothing is exported' }];
}

/** Settings that differ from what they are by default, and that the target has no counterpart for. */
export function withoutCounterpart(
  settings: readonly { readonly setting: string; readonly isSet: boolean; readonly instead: string }[],
): ExportNote[] {
  return settings.flatMap(({ setting, isSet, instead }) => (isSet ? [{ setting, note: instead }] : []));
}

/** Notes as the comment at the top of a file. */
export function notesAsComment(notes: readonly ExportNote[]): string {
  if (notes.length === 0) return '';
  const lines = notes.map(({ setting, note }) => `#   ${setting}: ${note}`);
  return ['# What the configuration says and this file does not, or says differently:', ...lines, ''].join(
    '\n',
  );
}
