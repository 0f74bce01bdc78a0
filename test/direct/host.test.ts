import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../support/temp-folder.js';
import { LibraryHostProcess } from './library-host-process.js';
import { arithmeticLibrary, hasC } from './toolchains.js';

describe.runIf(hasC)('the host of a shared library', () => {
  const arithmetic = arithmeticLibrary();

  it('survives calls to a library that was unloaded', async () => {
    const host = new LibraryHostProcess({ path: arithmetic.path, does: 'call-late' });
    expect(await host.exited()).toEqual({ code: 0, signal: null });
    const refused = ['LibraryUnloadedError', 'LibraryUnloadedError', 'LibraryUnloadedError'];
    expect(host.lines).toEqual([
      'stopped requested',
      ...refused,
      ...refused,
      'present 3',
      'stopped requested',
    ]);
  });

  it('dies with a crash of the library', async () => {
    const host = new LibraryHostProcess({ path: arithmetic.path, does: 'crash' });
    expect(await host.exited()).toEqual({ code: null, signal: 'SIGSEGV' });
    expect(host.lines).toEqual(['running']);
  });

  it('is not signalled, whatever becomes of the library', async () => {
    const sign = join(await tempFolder(), 'sign');
    const host = new LibraryHostProcess({ path: arithmetic.path, does: 'hang', sign });
    expect(await host.exited()).toEqual({ code: 0, signal: null });
    expect(host.lines).toEqual([
      'stopped unkillable',
      'SidecarUnkillableError',
      'stopped unkillable',
      'SidecarStartError',
      'call 42',
    ]);
  });

  it('ends on a signal as if there were no library, and leaves no copy of it', async () => {
    const temporaryFolder = await tempFolder();
    const host = new LibraryHostProcess({ path: arithmetic.path, does: 'start', temporaryFolder });
    await host.printed('done');
    // The copy is needed only while it is loaded.
    const isCopy = (name: string) => name.startsWith('sidecar-library-');
    expect((await readdir(temporaryFolder)).filter(isCopy)).toEqual([]);
    host.signal('SIGTERM');
    expect(await host.exited()).toEqual({ code: null, signal: 'SIGTERM' });
    expect(host.lines).toEqual(['done', 'stopped requested']);
  });

  it('is told what to install when koffi is missing', async () => {
    const host = new LibraryHostProcess({ path: arithmetic.path, does: 'start', hasKoffi: false });
    await host.printed('SidecarStartError');
    expect(host.lines).toContain(
      'stopped spawn-failed KOFFI_MISSING: the transport "direct" needs the package koffi: npm install koffi',
    );
  });
});
