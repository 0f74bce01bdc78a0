import * as z from 'zod';
import {
  count,
  hostName,
  nonEmptyText,
  pattern,
  portNumber,
  positiveMilliseconds,
  requestPath,
  text,
} from './values.js';

const status = z.int().min(100).max(599);

const port = portNumber.min(1).optional().describe('Another port of the same host than that of the sidecar.');

const http = z
  .strictObject({
    // Optional first: what has no type must find its member in the union.
    type: z.literal('http').optional().default('http'),
    path: requestPath.default('/health').describe('What is asked with GET, over TCP or the Unix socket.'),
    status: z
      .union([status, z.array(status).min(1)], { error: 'must be a status (100 to 599), or a list of them' })
      .optional()
      .describe('The status that passes, or several; any 2xx if left out. Redirects are not followed.'),
    body: pattern.optional().describe('Regular expression that the first 64 KiB of the body must match.'),
    json: z
      .record(
        z.string(),
        z.union([z.string(), z.number(), z.boolean(), z.null()], {
          error: 'must be a string, a number, true, false or null',
        }),
      )
      .optional()
      .describe(
        'Fields that the JSON body must have, by their paths: `{ "success": true, "db.status": "up" }`.',
      ),
    headers: z.record(z.string(), text).default({}).describe('Headers to send.'),
    port,
  })
  .describe('Sends a GET request; what has no `type` is this check.');

const ipc = z.strictObject({ type: z.literal('ipc') }).describe('Connects to the Unix socket.');

const tcp = z
  .strictObject({
    type: z.literal('tcp'),
    port,
    host: hostName.optional().describe('Another host than that of the sidecar.'),
  })
  .describe('Connects to a TCP port.');

const exec = z
  .strictObject({
    type: z.literal('exec'),
    command: nonEmptyText.describe('Program that passes by exit code 0.'),
    args: z.array(text).default([]).describe('Its arguments; templates as in `process.args`.'),
  })
  .describe('Runs a command in `process.cwd`, with the environment of the sidecar; exit code 0 passes.');

const file = z
  .strictObject({
    type: z.literal('file'),
    path: nonEmptyText.describe('The file, relative to `process.cwd`; removed before each spawn.'),
  })
  .describe('A file that the sidecar writes once it is ready.');

const log = z
  .strictObject({
    type: z.literal('log'),
    pattern: pattern.describe('Regular expression that a line must match.'),
    stream: z.enum(['stdout', 'stderr']).optional().describe('The stream to look at; both if left out.'),
  })
  .describe(
    'A line that the sidecar prints once it is ready; once seen it passes for the life of the process.',
  );

const notify = z
  .strictObject({
    type: z.literal('notify'),
    watchdog: positiveMilliseconds
      .optional()
      .describe('Fails when `WATCHDOG=1` did not come for this long, in milliseconds.'),
  })
  .describe('`READY=1`, written to the descriptor that the environment variable NOTIFY_FD names (3).');

const grpc = z
  .strictObject({
    type: z.literal('grpc'),
    service: z.string().default('').describe('The service asked for; empty for the server as a whole.'),
    port,
  })
  .describe('Asks grpc.health.v1.Health/Check; SERVING passes. Needs the package @grpc/grpc-js.');

const alive = z.strictObject({ type: z.literal('process') }).describe('The process is alive, and no zombie.');

const direct = z
  .strictObject({ type: z.literal('direct') })
  .describe('The library is loaded, its symbols resolve, and its health function returns 0.');

const single = [http, ipc, tcp, exec, file, log, notify, grpc, alive, direct] as const;

/** One check, which may be part of a combined one. */
export const singleCheckSchema = z.discriminatedUnion('type', single);

const checks = z
  .array(singleCheckSchema)
  .min(1, { error: 'must name at least one check' })
  .describe('The checks that count as one; none of them may be `all` or `any` itself.');
const all = z
  .strictObject({ type: z.literal('all'), checks })
  .describe('Passes when each of the checks does.');
const any = z
  .strictObject({ type: z.literal('any'), checks })
  .describe('Passes when one of the checks does.');

/** How to ask a sidecar whether it is well. Without a `type` it is an HTTP check. */
export const checkSchema = z.discriminatedUnion('type', [...single, all, any]);

/** What the readiness check has beside what is asked. */
const pacing = {
  interval: positiveMilliseconds.default(5000).describe('Time between two checks, in milliseconds.'),
  failureThreshold: count.default(1).describe('Consecutive failures before requests have to wait.'),
  successThreshold: count.default(1).describe('Consecutive passes before requests are sent (again).'),
};

/** A check that also says how often it is made. */
export const readinessSchema = z.discriminatedUnion('type', [
  http.extend(pacing),
  ipc.extend(pacing),
  tcp.extend(pacing),
  exec.extend(pacing),
  file.extend(pacing),
  log.extend(pacing),
  notify.extend(pacing),
  grpc.extend(pacing),
  alive.extend(pacing),
  direct.extend(pacing),
  all.extend(pacing),
  any.extend(pacing),
]);

export type SingleCheckConfig = z.output<typeof singleCheckSchema>;
export type CheckConfig = z.output<typeof checkSchema>;
