import type { Endpoint } from '../../machines/sidecar.types.js';
import type { ResolvedSidecarConfig } from './schema.js';
import type { Environment } from './values.js';

/** Fills `{port}`, `{host}`, `{socketPath}`, `{cors}` and `{name}` in; other braces are left as they are. */
export function fillTemplates(text: string, config: ResolvedSidecarConfig, endpoint: Endpoint): string {
  const values = templateValues(config, endpoint);
  return text.replaceAll(/\{(\w+)\}/g, (template, name: string) => values.get(name) ?? template);
}

/** The variables that tell a program where to listen. */
export function addressVariables(endpoint: Endpoint): Environment {
  if (endpoint.transport === 'ipc') return { SOCKET_PATH: endpoint.socketPath };
  return endpoint.transport === 'http' ? { PORT: String(endpoint.port), HOST: endpoint.host } : {};
}

function templateValues({ name, http }: ResolvedSidecarConfig, endpoint: Endpoint): Map<string, string> {
  const common: [string, string][] = [
    ['name', name],
    ['cors', String(http.cors)],
  ];
  switch (endpoint.transport) {
    case 'http':
      return new Map([...common, ['host', endpoint.host], ['port', String(endpoint.port)]]);
    case 'ipc':
      return new Map([...common, ['socketPath', endpoint.socketPath]]);
    case 'direct':
      return new Map(common);
  }
}
