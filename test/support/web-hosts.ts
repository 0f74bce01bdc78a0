import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import connect from 'connect';
import express from 'express';
import fastify, { type FastifyInstance } from 'fastify';
import { onTestFinished } from 'vitest';
import { type SidecarProxyOptions, sidecarProxy } from '../../src/adapters/express.js';
import { sidecarProxy as sidecarProxyPlugin } from '../../src/adapters/fastify.js';
import type { Sidecar, SidecarConfig } from '../../src/index.js';
import { serverConfig } from './server-config.js';
import { tempFolder } from './temp-folder.js';

const PROXIED = fileURLToPath(new URL('../fixtures/proxied.mjs', import.meta.url));
// It has no types of its own; what is used of it is the same.
const express4: typeof express = createRequire(import.meta.url)('express-4');

type Sections = NonNullable<Parameters<typeof serverConfig>[1]>;

/** The server of test/fixtures/proxied.mjs, over TCP. */
export function proxiedConfig(sections: Sections = {}): SidecarConfig {
  return serverConfig({}, { ...sections, process: { args: [PROXIED], ...sections.process } });
}

/** The same, over a Unix socket in a folder of its own. */
export async function proxiedOverSocket(sections: Sections = {}): Promise<SidecarConfig> {
  const socketPath = join(await tempFolder(), 'proxied.sock');
  return proxiedConfig({ transport: 'ipc', ipc: { socketPath }, ...sections });
}

/** A web server of the host's. */
export interface WebHost {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly port: number;
  readonly server: Server;
}

/** What makes a web server with a proxy at `/api`, WebSockets included. */
export type MakeHost = (sidecar: Sidecar, options?: SidecarProxyOptions) => Promise<WebHost>;

/** Where the two ways into the proxy differ. */
export const frameworks: readonly (readonly [name: string, make: MakeHost])[] = [
  ['Express 5', (sidecar, options) => expressHost(sidecar, options)],
  ['Fastify 5', (sidecar, options) => fastifyHost(sidecar, options)],
];

/** All servers that the adapters are made for, each with a proxy at `/api`. */
export const hosts: typeof frameworks = [
  ...frameworks,
  ['node:http', (sidecar, options) => withExpressProxy(sidecar, options, (proxy) => createServer(proxy))],
  [
    'Connect',
    (sidecar, options) =>
      withExpressProxy(sidecar, options, (proxy) => createServer(connect().use('/api', proxy))),
  ],
  [
    'Express 4',
    (sidecar, options) =>
      withExpressProxy(sidecar, options, (proxy) => createServer(express4().use('/api', proxy))),
  ],
];

/** Express 5, where it does not matter which. */
export const expressHost: MakeHost = (sidecar, options) =>
  withExpressProxy(sidecar, options, (proxy) => createServer(express().use('/api', proxy)));

async function withExpressProxy(
  sidecar: Sidecar,
  options: SidecarProxyOptions = {},
  make: (proxy: ReturnType<typeof sidecarProxy>) => Server,
): Promise<WebHost> {
  const proxy = sidecarProxy(sidecar, { path: '/api', ...options });
  const server = make(proxy);
  server.on('upgrade', proxy.upgrade);
  onTestFinished(() => proxy.close());
  return listen(server);
}

export async function fastifyHost(
  sidecar: Sidecar,
  options: SidecarProxyOptions = {},
  prepare: (app: FastifyInstance) => void = () => {},
): Promise<WebHost> {
  const app = fastify({ forceCloseConnections: true });
  prepare(app);
  const { path: prefix = '/api', ...others } = options;
  await app.register(sidecarProxyPlugin, { prefix, sidecar, ...others });
  await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => app.close());
  return hostOf(app.server);
}

/** Lets a server listen on a free port until the test has finished. */
export async function listen(server: Server): Promise<WebHost> {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  return hostOf(server);
}

function hostOf(server: Server): WebHost {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return { origin: `http://127.0.0.1:${address.port}`, port: address.port, server };
}

/** Reads an answer to its end. */
export async function textOf(answer: IncomingMessage): Promise<string> {
  const pieces = await answer.toArray();
  return Buffer.concat(pieces).toString();
}
