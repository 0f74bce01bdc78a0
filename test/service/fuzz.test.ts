import { execFile, spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSidecar } from '../../src/index.js';
import { shellConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { ask, serve } from './served.js';

const isThere = spawnSync('schemathesis', ['--version']).status === 0;
if (!isThere) console.log('Not checked here: the control API by a public fuzzer (needs schemathesis).');

/** 503 is an answer of `/readyz`; nothing else that begins with 5 is right. */
const SETTINGS = `[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", "503"]
`;
const OF_THE_SIDECAR = `[parameters]
"path.name" = "api"
`;
/** For each route, and each phase. */
const EXAMPLES = 6;
/** A stream, which has no end, and what ends the service. */
const NOT_ASKED = ['/events', '/stop'];

describe.skipIf(!isThere)('schemathesis, with the OpenAPI document as all that it knows', () => {
  it.each([
    ['of the sidecar that there is', SETTINGS + OF_THE_SIDECAR],
    ['of any sidecar', SETTINGS],
  ])('finds no fault in what is asked %s', async (_, settings) => {
    const config = shellConfig('exec sleep 1000', { healthCheck: { liveness: { type: 'process' } } });
    const sidecar = createSidecar({ ...config, name: 'api', stateDirectory: null });
    const served = await serve(sidecar, { listen: { host: '127.0.0.1', port: 0 } });
    await sidecar.start();
    const token = await readFile(served.place.tokenFile, 'utf8');
    const { status, report } = await fuzz(`http://${served.control.tcpAddress}`, token, settings);
    expect(status, report).toBe(0);
    const [, selected, all] = /Selected: (\d+)\/(\d+)/.exec(report) ?? [];
    expect(Number(selected)).toBe(Number(all) - NOT_ASKED.length);
    expect(report).toContain(`Tested: ${selected}\n`);
    expect(served.faults).toEqual([]);
    expect((await ask(served, 'GET', '/livez')).status).toBe(200);
  });
});

async function fuzz(
  url: string,
  token: string,
  settings: string,
): Promise<{ status: unknown; report: string }> {
  const cwd = await tempFolder();
  await writeFile(join(cwd, 'schemathesis.toml'), settings);
  const args = [
    ...['run', `${url}/openapi.json`, '--header', `Authorization: Bearer ${token}`],
    ...NOT_ASKED.flatMap((path) => ['--exclude-path', path]),
    ...['--max-examples', String(EXAMPLES), '--generation-database', 'none'],
    ...['--request-timeout', '60', '--suppress-health-check', 'all', '--warnings', 'off', '--no-color'],
  ];
  return new Promise((resolve) => {
    execFile('schemathesis', args, { cwd, timeout: 110_000 }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : error.code, report: stdout + stderr });
    });
  });
}
