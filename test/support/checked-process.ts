import type { Endpoint } from '../../machines/sidecar.types.js';
import { resolveConfig } from '../../src/config/resolve.js';
import type { CheckedProcess } from '../../src/health/check.js';
import { Notices } from '../../src/health/notices.js';
import { serverConfig } from './server-config.js';

type Sections = NonNullable<Parameters<typeof serverConfig>[1]>;

/** What a check is made for: by default this very process, which then is what must listen at the endpoint. */
export function checkedProcess(
  endpoint: Endpoint | null,
  sections: Sections = {},
  pid = process.pid,
): CheckedProcess {
  return {
    config: resolveConfig(serverConfig({}, sections)),
    pid,
    endpoint,
    library: null,
    notices: new Notices(),
  };
}

/** The deadline of a check that should come to its end by itself. */
export function longDeadline(): AbortSignal {
  return AbortSignal.timeout(20_000);
}
