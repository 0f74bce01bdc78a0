import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shellConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { watch } from '../support/watched-sidecar.js';

const hasNginx = isInstalled();
if (!hasNginx)
  console.log('Skipped here: a server that was not written for these tests, because nginx is not installed.');

function isInstalled(): boolean {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

type Sections = NonNullable<Parameters<typeof shellConfig>[1]>;

/** nginx with two workers, its files in a folder of its own. */
async function nginxConfig(listen: string, sections: Sections = {}) {
  const folder = await tempFolder();
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const config = `daemon off; worker_processes 2; pid ${folder}/pid; error_log stderr;
events {}
http {
  access_log off;
  ${places.join(' ')}
  server {
    listen ${listen};
    location = /health { default_type application/json; return 200 '{"success":true,"db":{"status":"up"}}'; }
    location / { return 404; }
    location = /moved { return 301 /health; }
  }
}`;
  return shellConfig(
    `printf '%s' "$NGINX" | sed "s#PORT#$PORT#" > nginx.conf; exec nginx -p ${folder} -c ${folder}/nginx.conf`,
    {
      ...sections,
      process: { cwd: folder, env: { NGINX: config } },
    },
  );
}

describe.runIf(hasNginx)('nginx', () => {
  it.each(['127.0.0.1:PORT', '127.0.0.1:PORT reuseport'])('that listens on %s is healthy', async (listen) => {
    const liveness = { type: 'http', json: { success: true, 'db.status': 'up' } } as const;
    const watched = await watch(await nginxConfig(listen, { healthCheck: { liveness } })).run();
    const { report } = await watched.next('health-checked');
    expect(report).toMatchObject({ passed: true, check: `GET ${watched.origin}/health` });
    await watched.stopsCleanly();
  });

  it('is healthy over a Unix socket, and again after it was killed', async () => {
    const socketPath = join(await tempFolder(), 'nginx.sock');
    const config = await nginxConfig(`unix:${socketPath}`, { transport: 'ipc', ipc: { socketPath } });
    const watched = await watch(config).run();
    const { report } = await watched.next('health-checked');
    expect(report).toMatchObject({ passed: true, check: `GET /health over ${socketPath}` });
    process.kill(watched.pid, 'SIGKILL');
    await watched.next('healthy', ({ generation }) => generation === 2);
    await watched.stopsCleanly();
  });

  it.each([
    ['/moved', 'it answered with status 301'],
    ['/missing', 'it answered with status 404'],
  ])('is not healthy at %s', async (path, error) => {
    const watched = watch(await nginxConfig('127.0.0.1:PORT', { healthCheck: { path } })).start();
    await watched.next('health-checked', ({ report }) => !report.passed && report.error === error);
    expect(watched.all('healthy')).toEqual([]);
    await watched.stopsCleanly();
  });
});
