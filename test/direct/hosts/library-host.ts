/*
 * An application whose sidecar is a shared library; tests spawn it, to see what becomes of it.
 *
 *   node library-host.js '{"path":"libarithmetic.so","does":"call-late"}'
 *
 *   path   a library made of test/direct/fixtures/arithmetic.c
 *   does   call-late   calls it after it was unloaded
 *          crash       calls a function that follows a null pointer
 *          hang        stops it, restarts it and stops it again while a call hangs, until `sign` is a file
 *          start       starts it, says how that went, and stays up
 */
import { writeFile } from 'node:fs/promises';
import { createSidecar } from '../../../src/index.js';
import { libraryConfig, libraryOf } from '../library-config.js';

interface HostOptions {
  readonly path: string;
  readonly does: 'call-late' | 'crash' | 'hang' | 'start';
  readonly sign?: string;
}

const { path, does, sign = '' }: HostOptions = JSON.parse(process.argv[2] ?? '{}');
const sidecar = createSidecar(
  libraryConfig(path, does === 'hang' ? { process: { stopTimeout: 50, killTimeout: 50 } } : {}),
);
sidecar.on('stopped', ({ reason, cause }) => {
  const code = cause?.type === 'spawn-failed' ? ` ${cause.failure.code}: ${cause.failure.message}` : '';
  console.log(`stopped ${reason}${code}`);
});

switch (does) {
  case 'call-late': {
    await sidecar.start();
    const library = libraryOf(sidecar);
    await sidecar.stop();
    await callLate(library);
    await sidecar.restart();
    await callLate(library);
    console.log(`present ${libraryOf(sidecar).call('add', 1, 2)}`);
    await sidecar.stop();
    break;
  }
  case 'crash':
    await sidecar.start();
    console.log('running');
    libraryOf(sidecar).call('crash');
    console.log('survived');
    break;
  case 'hang': {
    await sidecar.start();
    await sidecar.restart();
    const call = libraryOf(sidecar).callAsync('wait_for_file', sign);
    await tell(sidecar.stop());
    await tell(sidecar.restart());
    await writeFile(sign, '');
    console.log(`call ${await call}`);
    break;
  }
  case 'start':
    await tell(sidecar.start());
    setInterval(() => {}, 60_000);
    break;
}

async function callLate(library: ReturnType<typeof libraryOf>): Promise<void> {
  for (let times = 0; times < 100; times += 1) {
    await tell(library.callAsync('add', 1, 2), times === 0);
    await tell(
      Promise.resolve().then(() => library.call('greet', 'Ada')),
      times === 0,
    );
    await tell(
      Promise.resolve().then(() => library.check()),
      times === 0,
    );
  }
}

async function tell(call: Promise<unknown>, isLoud = true): Promise<void> {
  const outcome = await call.then(
    () => 'done',
    (error: Error) => error.name,
  );
  if (isLoud) console.log(outcome);
}
