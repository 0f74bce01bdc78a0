import fc from 'fast-check';
import type { SidecarConfig } from '../../src/index.js';
import { count, nonEmptyText, optional, positiveMilliseconds, text } from './value-arbitraries.js';

type HealthCheck = NonNullable<SidecarConfig['healthCheck']>;
type Check = NonNullable<HealthCheck['liveness']>;
type SingleCheck = Exclude<Check, { type: 'all' | 'any' }>;

/** How a sidecar is reached; it decides which checks can pass. */
export type Reach = 'port' | 'socket' | 'announced' | 'library';

const port = fc.integer({ min: 1, max: 65_535 });
const host = fc.stringMatching(/^[A-Za-z0-9._:-]{1,20}$/);
const pattern = fc.constantFrom<string | RegExp>('ready', /^ready in (\d+) ms$/i, '[a-z]{3}', /\p{L}/gu);
const stream = fc.constantFrom('stdout', 'stderr');
const status = fc.integer({ min: 100, max: 599 });
const service = fc.string({ maxLength: 10 });

/** All of an HTTP check but its port. */
const asked = {
  path: fc.stringMatching(/^\/[a-z/]{0,10}$/),
  status: fc.oneof(status, fc.array(status, { minLength: 1, maxLength: 3 })),
  body: pattern,
  json: fc.dictionary(
    text.filter((key) => key !== '__proto__'),
    fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)),
    { maxKeys: 2 },
  ),
  headers: fc.dictionary(fc.stringMatching(/^[a-z-]{1,8}$/), text, { maxKeys: 2 }),
};

const type = <Type extends string>(name: Type) => fc.constant(name);

/** Checks that can be made however the sidecar is reached. */
const exec = fc.record(
  { type: type('exec'), command: nonEmptyText, args: fc.array(text, { maxLength: 2 }) },
  { requiredKeys: ['type', 'command'] },
);
const elsewhere = [
  exec,
  fc.record({ type: type('tcp'), host, port }),
  fc.record({ type: type('http'), ...asked, port }, { requiredKeys: ['port'] }),
  fc.record({ type: type('grpc'), service, port }, { requiredKeys: ['type', 'port'] }),
] as const;

/** Checks that ask a process. */
const ofProcess = [
  exec,
  fc.record({ type: type('http'), ...asked }, optional),
  fc.record({ type: type('grpc'), service }, { requiredKeys: ['type'] }),
  fc.record({ type: type('file'), path: nonEmptyText }),
  fc.record({ type: type('log'), pattern, stream }, { requiredKeys: ['type', 'pattern'] }),
  fc.record({ type: type('notify'), watchdog: positiveMilliseconds }, { requiredKeys: ['type'] }),
  fc.record({ type: type('process') }),
] as const;

const ipc = fc.record({ type: type('ipc') });
const tcp = fc.record({ type: type('tcp'), host, port }, { requiredKeys: ['type'] });
const direct = fc.record({ type: type('direct') });

const single: Readonly<Record<Reach, fc.Arbitrary<SingleCheck>>> = {
  port: fc.oneof(...ofProcess, ...elsewhere, tcp),
  socket: fc.oneof(...ofProcess, ipc, fc.record({ type: type('tcp'), host, port })),
  announced: fc.oneof(...ofProcess, ...elsewhere, tcp, ipc),
  library: fc.oneof(exec, fc.record({ type: type('tcp'), host, port }), direct),
};

function check(reach: Reach): fc.Arbitrary<Check> {
  const checks = fc.array(single[reach], { minLength: 1, maxLength: 3 });
  return fc.oneof(single[reach], fc.record({ type: fc.constantFrom('all', 'any'), checks }));
}

const pacing = fc.record(
  { interval: positiveMilliseconds, failureThreshold: count, successThreshold: count },
  optional,
);

/** Checks that can pass, each of which may be missing. */
export function checks(reach: Reach): fc.Arbitrary<Pick<HealthCheck, 'startup' | 'liveness' | 'readiness'>> {
  const readiness = fc.tuple(check(reach), pacing).map(([asks, pace]) => ({ ...asks, ...pace }));
  return fc.record({ startup: check(reach), liveness: check(reach), readiness }, optional);
}
