/** How long `sidecar status` and `sidecar --help` take beside a bare `node -e 0`, as whole processes. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildReporting } from './child/command.js';
import { Reports } from './peers/reports.js';
import { MAIN, SidecarService } from './peers/sidecar-service.js';
import { summarize } from './statistics.js';

const RUNS = 30;
const COUNT = 5;

const folder = mkdtempSync(join(tmpdir(), 'sidecar-status-'));
const reports = await Reports.open();
const command = buildReporting(folder);
const service = new SidecarService(join(folder, 'a'), {
  command,
  report: reports.address,
  count: COUNT,
  firstPort: 0,
});
try {
  const all = reports.next(COUNT);
  await Promise.all([service.launch(), all]);
  const commands = { bare: ['-e', '0'], status: [MAIN, 'status'], help: [MAIN, '--help'] };
  const times = { bare: [] as number[], status: [] as number[], help: [] as number[] };
  for (let run = 0; run < RUNS; run += 1) {
    for (const key of ['bare', 'status', 'help'] as const) times[key].push(timeOf(commands[key]));
  }
  for (const key of ['status', 'help'] as const) {
    const added = summarize(times[key].map((time, run) => time - (times.bare[run] ?? Number.NaN)));
    const { median } = summarize(times[key]);
    console.log(
      `sidecar ${key}: ${median.toFixed(0)} ms, ${added.median.toFixed(0)} ms more than node -e 0 (median of ${RUNS} pairs; least ${added.min.toFixed(0)})`,
    );
  }
} finally {
  await service.end();
  reports.close();
  rmSync(folder, { recursive: true, force: true });
}

function timeOf(args: readonly string[]): number {
  const startedAt = performance.now();
  execFileSync(process.execPath, args, { cwd: service.folder, env: service.env });
  return performance.now() - startedAt;
}
