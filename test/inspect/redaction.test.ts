import { expect, it } from 'vitest';
import { serverArgs, serverConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';
import { eventually } from '../support/within.js';
import { lookOn } from './looking-on.js';

it('shows no secret of the environment, the arguments or the lines, to whoever looks on when', async () => {
  const secrets = {
    API_TOKEN: 'Zx81-token-of-the-api',
    DATABASE_URL: 'postgres://user:Zx82-password@localhost/db',
    INTERNAL_PIN: 'Zx83-named-by-the-user',
  };
  const config = serverConfig(
    { printEnv: Object.keys(secrets).join(',') },
    {
      // Told with each check; no name says that it is one.
      healthCheck: { path: `/health?x=${secrets.API_TOKEN}`, interval: 100 },
      inspect: { token: 'Zx84-token-of-the-inspector' },
      redact: ['*_PIN'],
      process: {
        env: { ...secrets, HARMLESS: 'Zy-harmless' },
        args: [...serverArgs({ printEnv: Object.keys(secrets).join(',') }), '--password', 'Zx85'],
      },
    },
  );
  const watched = watch(config);
  const early = await lookOn(watched.sidecar);
  await watched.run();
  await watched.printed(/Zx8/, 3);
  const late = await lookOn(watched.sidecar);
  process.kill(watched.pid, 'SIGKILL');
  await watched.entered('restarting.backingOff');
  await watched.entered('running');
  late.say({ type: 'sidecar.what-if', id: '1', sessionId: 'sidecar', event: { type: 'RESTART' } });
  await late.next('service.what-if');
  await watched.stopsCleanly();
  for (const viewer of [early, late]) {
    await viewer.next('service.transition', ({ transition }) => transition.to === 'stopped');
    await eventually(
      () => viewer.lines().filter((line) => line.includes('[redacted]')).length >= 6,
      'lines',
      100,
    );
    const told = JSON.stringify(viewer.messages);
    expect(told).toContain('Zy-harmless');
    expect(told.match(/Zx8\d[\w-]*/g)).toBe(null);
  }
});
