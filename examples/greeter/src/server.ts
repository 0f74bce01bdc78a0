import { createServer, type ServerResponse } from 'node:http';

const MAX_NAME_LENGTH = 100;
const SHUTDOWN_TIMEOUT = 5000;

const host = process.env['HOST'] ?? '127.0.0.1';
const port = Number(process.env['PORT'] ?? 8080);

/** What `/leak` holds for ever. */
const leaked: Buffer[] = [];

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(`http://greeter${request.url ?? '/'}`);
  switch (pathname) {
    case '/health':
      return answer(response, 200, { status: 'ok', pid: process.pid, uptime: process.uptime() });
    case '/greet':
      return greet(response, searchParams.get('name') || 'World');
    case '/crash':
      console.error('crash: as requested');
      return process.exit(1);
    case '/hang':
      console.log('hang: nothing is answered from now on');
      return blockFor(Number.POSITIVE_INFINITY);
    case '/leak':
      return leak(response, Number(searchParams.get('mb') ?? 100));
    case '/burn':
      return burn(response, Number(searchParams.get('seconds') ?? 30));
    default:
      return answer(response, 404, { error: `nothing is at ${pathname}` });
  }
});

server.on('error', (error: NodeJS.ErrnoException) => {
  const reason = error.code === 'EADDRINUSE' ? 'the address is already in use' : error.message;
  console.error(`cannot listen on http://${host}:${port}: ${reason}`);
  process.exit(1);
});

server.listen(port, host, () => {
  const address = server.address();
  const actualPort = typeof address === 'object' && address !== null ? address.port : port;
  console.log(`listening on http://${host}:${actualPort}`);
});

let stopping = false;
process.on('SIGTERM', shutDown);
process.on('SIGINT', shutDown);

function greet(response: ServerResponse, name: string): void {
  if (name.length > MAX_NAME_LENGTH) {
    answer(response, 400, { error: `a name has at most ${MAX_NAME_LENGTH} characters` });
  } else {
    console.log(`greeting ${JSON.stringify(name)}`);
    answer(response, 200, { greeting: `Hello, ${name}!` });
  }
}

function leak(response: ServerResponse, megabytes: number): void {
  if (!(megabytes > 0 && megabytes <= 1024)) {
    answer(response, 400, { error: 'mb must be a number up to 1024' });
    return;
  }
  // Filled with something: pages that were never written do not count as resident memory.
  leaked.push(Buffer.alloc(megabytes * 1024 * 1024, 1));
  const heldMB = leaked.reduce((total, { length }) => total + length, 0) / 1024 / 1024;
  console.log(`leak: holding ${heldMB} MiB`);
  answer(response, 200, { heldMB });
}

function burn(response: ServerResponse, seconds: number): void {
  if (!(seconds > 0 && seconds <= 3600)) {
    answer(response, 400, { error: 'seconds must be a number up to 3600' });
    return;
  }
  console.log(`burn: busy for ${seconds} s`);
  answer(response, 200, { seconds });
  const end = performance.now() + seconds * 1000;
  const slice = () => {
    blockFor(20);
    // setImmediate lets requests in between two slices, so the health check still passes.
    if (performance.now() < end) setImmediate(slice);
  };
  setImmediate(slice);
}

function blockFor(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

function shutDown(signal: NodeJS.Signals): void {
  if (stopping) return;
  stopping = true;
  console.log(`${signal}: finishing the requests in flight`);
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => server.closeAllConnections(), SHUTDOWN_TIMEOUT);
}
