/**
 * How quick the page of the inspector is: from its address to a button that can be pressed, from a transition to the state that
 * is lit in the page, and how many pictures it draws in a flood of lines. It needs Chromium.
 */

import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import type { Sidecar, SidecarConfig } from '../src/index.js';
import { countFrames, notedLights, noteLights } from '../test/browser/in-page.js';
import { browserPath, launchBrowser } from '../test/browser/launch.js';
import { summarize } from './statistics.js';

const { createSidecar }: typeof import('../src/index.js') = await import(
  pathToFileURL(resolve('dist/src/index.js')).href
);
const SERVER = fileURLToPath(new URL('child/server.mjs', import.meta.url));

/** 500 lines every 50 ms. */
const PRINTER = `let n = 0; setInterval(() => {
  process.stdout.write(Array.from({ length: 500 }, () => 'line ' + n++ + ' of very many\\n').join(''));
}, 50)`;

const LOADS = 7;
const RESTARTS = 15;
const FLOOD = 5000;

if (browserPath === null) {
  console.log('Skipped: the page of the inspector (needs Chromium).');
} else {
  const browser = await launchBrowser();
  await measureLoads(browser);
  await measureLights(browser);
  await measureFlood(browser);
  await browser.close();
}

async function measureLoads(browser: Browser): Promise<void> {
  await using sidecar = await started({ process: { command: process.execPath, args: [SERVER] } });
  const times: number[] = [];
  for (let load = 0; load < LOADS; load += 1) {
    const page = await opened(browser, sidecar);
    times.push(await page.evaluate(() => performance.now()));
    await page.context().close();
  }
  console.log(`page can be used after: median ${Math.round(summarize(times).median)} ms of ${LOADS}`);
}

async function measureLights(browser: Browser): Promise<void> {
  await using sidecar = await started({ process: { command: process.execPath, args: [SERVER] } });
  const page = await opened(browser, sidecar);
  await page.evaluate(noteLights);
  const before = sidecar.history().length;
  for (let restart = 0; restart < RESTARTS; restart += 1) {
    await sidecar.restart();
    await running(page).waitFor();
  }
  const entered = sidecar.history().slice(before);
  const lights = await page.evaluate(notedLights);
  const delays = lights.flatMap(({ state, at }) => {
    const record = entered.findLast(({ to, time }) => to === state && time <= at);
    return record === undefined ? [] : [at - record.time];
  });
  const sorted = delays.toSorted((one, other) => one - other);
  const worst = sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN;
  console.log(
    `transition → lit in the page: median ${Math.round(summarize(delays).median)} ms, 95 % within ${Math.round(worst)} ms, of ${delays.length}`,
  );
}

async function measureFlood(browser: Browser): Promise<void> {
  await using sidecar = await started({
    process: { command: process.execPath, args: ['-e', PRINTER] },
    healthCheck: { liveness: { type: 'process' } },
  });
  const page = await opened(browser, sidecar);
  const { frames, longest } = await page.evaluate(countFrames, FLOOD);
  const rate = Math.round((frames * 1000) / FLOOD);
  console.log(`10,000 lines a second: ${rate} pictures a second, ${Math.round(longest)} ms apart at most`);
}

async function started(config: SidecarConfig): Promise<Sidecar> {
  const sidecar = createSidecar({ http: { host: '127.0.0.1', port: 0 }, inspect: true, ...config });
  await sidecar.start();
  return sidecar;
}

/** Its page, once it can be used. */
async function opened(browser: Browser, sidecar: Sidecar): Promise<Page> {
  const inspector = await sidecar.inspector();
  if (inspector === null) throw new Error('There is no inspector.');
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  // tsx marks functions with it, those too that are run in the page.
  await page.addInitScript('globalThis.__name = (value) => value');
  await page.goto(inspector.url);
  await running(page).waitFor();
  return page;
}

function running(page: Page) {
  return page.locator('g.leaf[data-state="running"][data-active="true"]');
}
