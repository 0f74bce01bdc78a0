import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
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

type Size = { readonly width: number; readonly height: number };

/**
 * A page of its own, closed when the test has finished. It fails the test when the page has an error, breaks its policy or
 * asks another host for anything.
 */
export async function openPage(
  browser: Browser,
  url: string,
  { theme = 'dark', size = { width: 1440, height: 900 } }: { theme?: 'dark' | 'light'; size?: Size } = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: size, colorScheme: theme });
  context.setDefaultTimeout(PATIENCE);
  const troubles = troublesOf(context, new URL(url).host);
  onTestFinished(async () => {
    await context.close();
    expect(troubles).toEqual([]);
  });
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

function troublesOf(context: BrowserContext, host: string): readonly string[] {
  const troubles: string[] = [];
  context.on('request', (request) => {
    const { protocol, host: asked } = new URL(request.url());
    if (protocol !== 'blob:' && asked !== host) troubles.push(`asked ${request.url()}`);
  });
  context.on('weberror', (error) => troubles.push(String(error.error())));
  context.on('console', (message) => {
    // That a service is gone is told by the browser, and is what some tests are about.
    if (message.type() === 'error' && !/ERR_CONNECTION_REFUSED|WebSocket connection/.test(message.text()))
      troubles.push(message.text());
  });
  return troubles;
}
