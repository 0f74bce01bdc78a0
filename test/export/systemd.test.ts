import { describe, expect, it } from 'vitest';
import { exportSystemd } from '../../src/export/systemd.js';
import { resolveConfig, type SidecarConfig } from '../../src/index.js';

function unit(config: SidecarConfig): string[] {
  return exportSystemd(resolveConfig(config), '/srv/app').text.split('\n');
}

describe('a unit', () => {
  it('has what systemd calls otherwise', () => {
    const lines = unit({
      name: 'api',
      http: { port: 9000, host: '127.0.0.1' },
      process: {
        command: './bin/api',
        cwd: 'service',
        maxRestarts: 4,
        restartWindow: 60_000,
        restartDelay: 1500,
      },
      resources: { hard: { memoryMB: 300, fileDescriptors: 256, nice: 5, cpus: '0-1' } },
    });
    expect(lines).toEqual(
      expect.arrayContaining([
        'Type=exec',
        'ExecStart=/srv/app/service/bin/api',
        'WorkingDirectory=/srv/app/service',
        'StartLimitBurst=5',
        'StartLimitIntervalSec=60s',
        'RestartSec=1.5s',
        'MemoryMax=300M',
        'LimitNOFILE=256',
        'Nice=5',
        'CPUAffinity=0-1',
        'KillMode=control-group',
      ]),
    );
  });

  it('quotes what systemd would read otherwise', () => {
    const lines = unit({
      process: { command: 'sh', args: ['-c', 'echo "$HOME" 100%', 'a b'], env: { GREETING: 'a "b" \\ %h' } },
    });
    expect(lines).toContain(String.raw`ExecStart=sh -c "echo \"$$HOME\" 100%%" "a b"`);
    expect(lines).toContain(String.raw`Environment="GREETING=a \"b\" \\ %%h"`);
  });

  it('is of the type notify, with a watchdog, when the sidecar notifies', () => {
    const liveness = { type: 'notify', watchdog: 30_000 } as const;
    const lines = unit({ process: { command: 'api' }, healthCheck: { liveness } });
    expect(lines).toEqual(expect.arrayContaining(['Type=notify', 'WatchdogSec=30s']));
  });

  it('reads secrets from a file', () => {
    const lines = unit({ name: 'api', process: { command: 'api', env: { DB_PASSWORD: 'hunter2' } } });
    expect(lines).toContain('EnvironmentFile=/etc/api.env');
    expect(lines.join('\n')).not.toContain('hunter2');
  });
});
