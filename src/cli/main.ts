#!/usr/bin/env node
import { errorCode } from '../os/error-code.js';
import { createProgram } from './program.js';
import { reportFailure } from './report-failure.js';

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    const code = errorCode(error);
    // The terminal is gone, and SIGHUP says so.
    if (code === 'EIO') return;
    if (code !== 'EPIPE') throw error;
    // Whoever read it has seen enough, as with `sidecar events | head`.
    process.exit();
  });
}

try {
  await createProgram().parseAsync();
} catch (error) {
  reportFailure(error);
}
