import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { PATIENCE } from '../support/within.js';

const KNOWN = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** A browser that is installed; null where none is. */
export const browserPath = KNOWN.find((path) => existsSync(path)) ?? null;

/** It asks nobody for anything, and needs no more than a container has. */
export const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launchBrowser(): Promise<Browser> {
  if (browserPath === null) throw new Error('There is no browser on this machine.');
  return chromium.launch({ executablePath: browserPath, args: ARGUMENTS, timeout: PATIENCE });
}
