import { describe, expect, it } from 'vitest';
import { sidecar } from './command.js';
import { fleetFolder, runService } from './service-folder.js';

describe('the commands that ask a running service', () => {
  it('status, why, history and logs tell how it is', async () => {
    const folder = await fleetFolder();
    await runService(folder);
    const [table, json, why, history, logs] = await Promise.all([
      sidecar(folder, 'status'),
      sidecar(folder, 'status', '--json'),
      sidecar(folder, 'why', 'db'),
      sidecar(folder, 'history', 'api'),
      sidecar(folder, 'logs', '-n', '2', 'api'),
    ]);
    for (const { code, stderr } of [table, json, why, history, logs])
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [header, ...rows] = table.stdout.trimEnd().split('\n');
    expect(header).toMatch(/^NAME +STATE +FOR +READY +PID +MEMORY +CPU +RESTARTS +ADDRESS$/);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatch(/^db +running +\S+ +yes +\d+ .* 0\/5 +http:\/\/127\.0\.0\.1:\d+$/);
    expect(rows[2]).toMatch(/^api-2 +running /);
    expect(JSON.parse(json.stdout)).toMatchObject({ sidecars: [{ name: 'db', state: 'running' }, {}, {}] });
    expect(why.stdout).toMatch(/^Running since /);
    expect(history.stdout).toMatch(/ api-2 {2}running +GET .*passed/);
    expect(logs.stdout.trimEnd().split('\n').toSorted()).toEqual([
      expect.stringMatching(/^api-1 {2}listening on /),
      expect.stringMatching(/^api-2 {2}listening on /),
    ]);
  });

  it('wrong words are refused with what is right', async () => {
    const folder = await fleetFolder();
    await runService(folder);
    const refused = async (...args: string[]) => {
      const { code, stdout, stderr } = await sidecar(folder, ...args);
      expect({ code, stdout }, args.join(' ')).toEqual({ code: 2, stdout: '' });
      return stderr;
    };
    const [name, event, state, timeout, token] = await Promise.all([
      refused('why', 'apo'),
      refused('send', 'exit'),
      refused('wait', '--for', 'sunshine'),
      refused('wait', '--timeout', 'soon'),
      refused('status', '--connect', 'localhost:80'),
    ]);
    expect(name).toBe('sidecar: there is no sidecar "apo"; there are: db, api-1, api-2\n');
    expect(event).toContain('"exit" can\'t be sent; there are: START, STOP');
    expect(state).toContain('--for takes running, ready');
    expect(timeout).toContain('write 500ms, 30s, 2m or 1h');
    expect(token).toContain('SIDECAR_TOKEN');
  });
});
