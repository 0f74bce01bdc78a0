import * as z from 'zod';
import { hostName, nonEmptyText, pattern, portNumber } from './values.js';

/** The longest Unix socket path that every platform keeps whole; `listen()` silently cuts a longer one. */
export const MAX_SOCKET_PATH_BYTES = 103;

/** A TCP address. */
export const httpSchema = z
  .strictObject({
    port: portNumber
      .default(8080)
      .describe('TCP port of the sidecar; 0 picks a free port anew for each incarnation.'),
    host: hostName
      .default('localhost')
      .describe(
        'Address of the sidecar. `localhost` means the loopback interface, IPv4 or IPv6, whichever answers.',
      ),
    cors: z
      .boolean()
      .default(true)
      .describe('Only told to the sidecar, as the template `{cors}` in arguments and environment.'),
  })
  .prefault({})
  .describe('Where the sidecar listens when `transport` is `http`.');

/** A Unix domain socket. */
export const ipcSchema = z
  .strictObject({
    socketPath: nonEmptyText
      .default('/tmp/forst.sock')
      .describe(
        'Path of the Unix domain socket, at most 103 bytes. A stale one is removed before each spawn.',
      ),
    permissions: z
      .int()
      .min(0)
      .max(0o777)
      .default(0o600)
      .describe('File mode that the socket must have before the sidecar counts as healthy.'),
  })
  .prefault({})
  .describe('Where the sidecar listens when `transport` is `ipc`.');

const symbol = z.string().regex(/^[A-Za-z_]\w*$/, { error: 'must be the name of a symbol' });

/** A shared library in this process. */
export const directSchema = z
  .strictObject({
    functions: z
      .record(symbol, nonEmptyText)
      .default({})
      .describe(
        'The functions that are called, each with its prototype in C, such as `int add(int a, int b)`.',
      ),
    health: symbol.optional().describe('Symbol of a function `int f(void)` that returns 0 when all is well.'),
  })
  .prefault({})
  .describe(
    'What is in the shared library, when `transport` is `direct`: `process.command` is its path then. A crash in it takes the host along.',
  );

/** A sidecar that chooses its address itself, and says which. */
export const endpointSchema = z
  .discriminatedUnion('from', [
    z
      .strictObject({
        from: z.literal('log'),
        pattern: pattern
          .refine(hasAddressGroup, {
            error: 'must have a group named `url`, `port` or `socketPath`, or one group for a URL or a port',
          })
          .describe(
            'Regular expression whose groups `url`, `port`, `host` or `socketPath` (or its only group: a URL or a port) say where it listens.',
          ),
        stream: z.enum(['stdout', 'stderr']).optional().describe('The stream to look at; both if left out.'),
      })
      .describe('A line of its output.'),
    z
      .strictObject({
        from: z.literal('file'),
        path: nonEmptyText.describe(
          'JSON file with `url`, `socketPath`, or `port` and `host`, relative to `process.cwd`; removed before each spawn.',
        ),
      })
      .describe('A JSON file that it writes.'),
    z
      .strictObject({ from: z.literal('notify') })
      .describe(
        '`X_ENDPOINT=` and a URL, written to the descriptor that the environment variable NOTIFY_FD names.',
      ),
  ])
  .describe(
    'How the sidecar says where it listens, when it chooses that itself: a line of its output, a JSON file, or `X_ENDPOINT=` on the notify descriptor.',
  );

/** Whether what matches can say an address: a pattern without any such group would be waited for in vain. */
function hasAddressGroup(expression: string | RegExp): boolean {
  // With an empty alternative it matches anything, and the match has every group of the expression.
  const { source, flags } = new RegExp(expression);
  const match = new RegExp(`${source}|`, flags).exec('');
  if (match?.groups === undefined) return match?.length === 2;
  return ['url', 'port', 'socketPath'].some((name) => name in (match.groups ?? {}));
}
