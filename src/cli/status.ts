import type { ServiceStatus } from '../control.js';
import { colors } from './colors.js';
import { ageText } from './duration-text.js';
import { type ServiceFlags, withService } from './running-service.js';

type Row = ServiceStatus['sidecars'][number];

/** `sidecar status`: what the sidecars of a running service are doing. */
export async function status(flags: ServiceFlags & { readonly json?: true }): Promise<void> {
  await withService(flags, async (control) => {
    const answer = await control.status();
    if (flags.json === true) console.log(JSON.stringify(answer, null, 2));
    else for (const line of statusTable(answer, Date.now())) console.log(line);
  });
}

/** @param now Unix time in milliseconds */
export function statusTable({ sidecars }: ServiceStatus, now: number): readonly string[] {
  const header = ['NAME', 'STATE', 'FOR', 'READY', 'PID', 'MEMORY', 'CPU', 'RESTARTS', 'ADDRESS'];
  const rows = [header, ...sidecars.map((each) => cellsOf(each, now))];
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row, index) => {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    const sidecar = sidecars[index - 1];
    if (sidecar === undefined) return colors.dim(cells.join('  ').trimEnd());
    return cells
      .map((cell, column) => (column === 1 ? colourOf(sidecar)(cell) : cell))
      .join('  ')
      .trimEnd();
  });
}

function cellsOf(sidecar: Row, now: number): readonly string[] {
  const { name, state, reason, since, readiness, pid, restarts, endpoint } = sidecar;
  // The last sample is of a process that is gone.
  const resources = pid === null ? null : sidecar.resources;
  return [
    name,
    reason === null ? state : `${state} (${reason})`,
    since === null ? '-' : ageText(now - since),
    readiness.isReady && pid !== null ? 'yes' : 'no',
    pid === null ? '-' : String(pid),
    resources === null ? '-' : `${Math.round(resources.memoryMB)} MiB`,
    resources === null ? '-' : `${Math.round(resources.cpuPercent)}%`,
    `${restarts.used}/${restarts.max}`,
    endpoint === null ? '-' : addressOf(endpoint),
  ];
}

export function addressOf(endpoint: NonNullable<Row['endpoint']>): string {
  switch (endpoint.transport) {
    case 'http':
      return `http://${endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host}:${endpoint.port}`;
    case 'ipc':
      return endpoint.socketPath;
    default:
      return endpoint.transport;
  }
}

export function colourOf({ state, reason }: Row): (text: string) => string {
  if (state === 'running') return colors.green;
  if (state === 'degraded' || state.startsWith('restarting')) return colors.yellow;
  if (state === 'stopped' && reason !== 'requested' && reason !== 'idle' && reason !== 'lazy')
    return colors.red;
  return colors.cyan;
}
