import { resolve } from 'node:path';
import * as z from 'zod';
import type { Endpoint } from '../../machines/sidecar.types.js';
import { hostName, portNumber } from '../config/values.js';

/** A number as a log line or an environment has it. */
const digits = z.string().regex(/^\d+$/).transform(Number);

/** What a sidecar may say about where it listens. */
const announcement = z.object({
  url: z.string().optional(),
  socketPath: z.string().min(1).optional(),
  host: hostName.optional(),
  port: z.union([z.number(), digits]).pipe(portNumber.min(1)).optional(),
});

type Announcement = z.output<typeof announcement>;

/**
 * Reads an announcement: a URL or a port, or an object with `url`, `socketPath`, or `port` and `host`.
 *
 * @param defaultHost where a bare port is
 * @param folder what a relative socket path is relative to
 * @throws {Error} that says what is wrong with it.
 */
export function readAnnouncement(announced: unknown, defaultHost: string, folder: string): Endpoint {
  const parsed = announcement.safeParse(typeof announced === 'string' ? spelledOut(announced) : announced);
  if (!parsed.success) throw unusable(announced, z.prettifyError(parsed.error));
  const { url, socketPath, host, port }: Announcement = parsed.data;
  if (socketPath !== undefined) return { transport: 'ipc', socketPath: resolve(folder, socketPath) };
  if (url !== undefined) return readUrl(url, folder);
  if (port !== undefined) return { transport: 'http', host: host ?? defaultHost, port };
  throw unusable(announced, 'it has neither `url`, `port` nor `socketPath`');
}

function spelledOut(text: string): Announcement | { port: string } {
  return /^\d+$/.test(text) ? { port: text } : { url: text };
}

function readUrl(text: string, folder: string): Endpoint {
  const [, socketPath] = /^unix:(?:\/\/)?(.+)$/.exec(text) ?? [];
  if (socketPath !== undefined) return { transport: 'ipc', socketPath: resolve(folder, socketPath) };
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.protocol !== 'http:') throw unusable(text, 'it is not an http: URL');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { transport: 'http', host, port: url.port === '' ? 80 : Number(url.port) };
}

function unusable(announced: unknown, why: string): Error {
  return new Error(
    `the sidecar said that it listens on ${JSON.stringify(announced)}, which can't be used: ${why}`,
  );
}
