import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { PATIENCE } from '../support/within.js';

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
