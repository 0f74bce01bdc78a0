#!/usr/bin/env node
import { errorCode } from '../os/error-code.js';
import { createProgram } from './program.js';
import { reportFailure } from './report-failure.js';

// Whoever read it has seen enough, as with `sidecar events | head`.
process.stdout.on('error', (error) => {
  if (errorCode(error) !== 'EPIPE') throw error;
  process.exit();
});

try {
  await createProgram().parseAsync();
} catch (error) {
  reportFailure(error);
}
