import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { RUN_MARK } from './processes.js';

// In the environment that children inherit; the worker itself is not marked, as its own was read when it started.
process.env[RUN_MARK] = inject('runId');
process.env['XDG_CACHE_HOME'] = inject('cacheFolder');
// Two test files may call their sidecars the same.
process.env['XDG_RUNTIME_DIR'] = mkdtempSync(join(inject('runtimeFolder'), 'test-'));
