import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { errorCode } from '../os/error-code.js';
import { addressOf, PAGE_PATH, type Refusal } from './access.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

const NOT_BUILT = `The page of the inspector is not built: run "npm run build" in the folder of sidecar-machine.
Its socket works: anything that speaks @xstate/inspect can connect to it.
`;

/** The files of the page, out of one folder and only those that are in it. */
export class Page {
  readonly #folder: string | null;

  /** @param folder that the page was built into; null for none */
  constructor(folder: string | null) {
    this.#folder = folder;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = addressOf(request);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      refuse(response, { status: 404, detail: 'there is nothing to be written here' });
    } else if (`${pathname}/` === PAGE_PATH || pathname === '/') {
      response.writeHead(302, { location: PAGE_PATH }).end();
    } else if (pathname.startsWith(PAGE_PATH)) {
      await this.#answerFile(pathname.slice(PAGE_PATH.length) || 'index.html', request, response);
    } else {
      refuse(response, { status: 404, detail: `the page is at ${PAGE_PATH}` });
    }
  }

  async #answerFile(name: string, { headers, method }: IncomingMessage, response: ServerResponse) {
    const files = await this.#files();
    const path = files.get(name);
    // Without an index there is no page, only what is left of one.
    const isBuilt = files.has('index.html');
    if (path === undefined && (isBuilt || name !== 'index.html')) {
      refuse(response, { status: 404, detail: 'there is no such file' });
      return;
    }
    const body = path === undefined ? NOT_BUILT : await readFile(path);
    response.writeHead(200, {
      'content-type':
        path === undefined ? TYPES['.txt'] : (TYPES[extname(name)] ?? 'application/octet-stream'),
      'content-length': Buffer.byteLength(body),
      'cache-control': name === 'index.html' ? 'no-store' : 'no-cache',
      ...protection(headers.host),
    });
    response.end(method === 'HEAD' ? undefined : body);
  }

  /** By their names in an address. They are looked for each time: the page may be built while this runs. */
  async #files(): Promise<ReadonlyMap<string, string>> {
    const folder = this.#folder;
    if (folder === null) return new Map();
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
      (error: unknown) => {
        if (errorCode(error) === 'ENOENT') return [];
        throw error;
      },
    );
    const paths = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    return new Map(paths.map((path) => [relative(folder, path).replaceAll(sep, '/'), path]));
  }
}

/** Nothing from anywhere else, and in nobody's frame. A `Host` that was let in has no more than a name and a port. */
function protection(host = ''): Readonly<Record<string, string>> {
  return {
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      `connect-src 'self' ws://${host}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  };
}

export function refuse(response: ServerResponse, { status, detail }: Refusal): void {
  response
    .writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' })
    .end(`${detail}\n`);
}
