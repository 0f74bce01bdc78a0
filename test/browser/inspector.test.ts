import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createFleet, type SidecarConfig } from '../../src/index.js';
import { pageOf, socketOf } from '../inspect/looking-on.js';
import { serverConfig, shellConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { type WatchedSidecar, watch } from '../support/watched-sidecar.js';
import { PATIENCE, within } from '../support/within.js';
import { openPage } from './browser.js';
import { openExtension } from './extension.js';
import { countFrames, notedLights, noteLights, runAxe, scrollWidth, tryWebSocket } from './in-page.js';
import { button, litState, reasonAgainst, select, timeline, untilLit } from './inspected-page.js';
import { browserPath, launchBrowser } from './launch.js';
import { otherHost } from './other-host.js';
import { screenshotPath, shopFleet } from './screenshots.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

if (browserPath === null) console.log('Not tested here: the page of the inspector (needs Chromium).');

it.runIf(browserPath === null && process.env['CI'] === 'true')('there is a browser on CI', () => {
  expect.fail('Chromium is not installed: .ci/run does that as root.');
});

/** One for all: it takes longer to start than the tests take. */
let browser: Browser;

/** A sidecar that runs and is inspected. */
async function inspected(
  config: SidecarConfig,
): Promise<{ readonly watched: WatchedSidecar; readonly url: string }> {
  const watched = await watch({ ...config, inspect: config.inspect ?? true }).run();
  return { watched, url: (await pageOf(watched.sidecar)).href };
}

describe.skipIf(browserPath === null)('the page of the inspector', () => {
  beforeAll(async () => {
    await build({ root: join(ROOT, 'visualizations/inspector'), logLevel: 'warn' });
    browser = await launchBrowser();
  });

  afterAll(() => browser?.close());

  it('lights each state as it is entered, and says why', async () => {
    const { watched, url } = await inspected(serverConfig());
    const page = await openPage(browser, url);
    await untilLit(page, 'running');
    // It was laid out as the page was built.
    expect(page.workers()).toEqual([]);
    await page.evaluate(noteLights);

    await watched.sidecar.restart();
    await untilLit(page, 'running');

    const history = watched.sidecar.history();
    const entered = history.slice(history.findLastIndex(({ from }) => from === 'running'));
    const lights = await page.evaluate(notedLights);
    const delays = entered.flatMap(({ to, time }) => {
      // Where it does not stay, it is only passed.
      const light = lights.find(({ state }) => state === to);
      return light === undefined ? [] : [light.at - time];
    });
    expect(delays.length).toBeGreaterThanOrEqual(4);
    // Nobody is asked to be quick here; bench/inspector-page.ts is.
    expect(Math.max(...delays)).toBeLessThan(PATIENCE);
    console.log(`States were lit ${delays.map(Math.round).join(', ')} ms after they were entered.`);
    await expect
      .poll(async () => (await timeline(page)).slice(0, entered.length), { timeout: PATIENCE })
      .toEqual(entered.map(({ to }) => to).toReversed());
    await page.getByRole('status').filter({ hasText: 'is running: GET http://127.0.0.1:' }).waitFor();
  });

  it('shows a crash and counts the backoff down, and takes the buttons', async () => {
    const { watched, url } = await inspected(
      serverConfig({}, { process: { restartDelay: 60_000, restartJitter: 0 } }),
    );
    const page = await openPage(browser, url);
    await untilLit(page, 'running');
    expect(await reasonAgainst(page, 'START')).not.toBe('');

    process.kill(watched.sidecar.status().pid ?? Number.NaN, 'SIGKILL');
    await untilLit(page, 'restarting.backingOff');
    const countdown = page.locator('[data-countdown="backoff"] .countdown-text');
    const left = async () => Number.parseFloat((await countdown.textContent()) ?? '');
    const first = await left();
    expect(first).toBeLessThanOrEqual(60);
    await expect.poll(left, { timeout: PATIENCE }).toBeLessThan(first);
    const because = /^restart 1 of 5 in .*: process \d+ was ended by SIGKILL$/;
    await page.locator('.because', { hasText: because }).waitFor();
    await page
      .locator('.edge.taken[data-edge="restarting.deciding → restarting.backingOff"]')
      .waitFor({ state: 'attached' });

    await button(page, 'RESTART').click();
    await untilLit(page, 'running');
    await button(page, 'STOP').click();
    await untilLit(page, 'stopped');
    expect(watched.sidecar.status()).toMatchObject({ state: 'stopped', reason: 'requested' });
    await button(page, 'START').click();
    await untilLit(page, 'running');
  });

  it('goes back in time and forth', async () => {
    const { watched, url } = await inspected(
      shellConfig('echo first; exec sleep 600', { healthCheck: { liveness: { type: 'process' } } }),
    );
    const page = await openPage(browser, url);
    await page.getByText('first', { exact: true }).waitFor();
    await watched.sidecar.stop();
    await untilLit(page, 'stopped');

    await page.locator('.transition', { hasText: 'spawning → waitingHealthy' }).click();
    await untilLit(page, 'waitingHealthy');
    expect(await litState(page, 'stopped').count()).toBe(0);
    expect(await page.locator('.since').innerText()).toMatch(/^as of /);
    expect(await reasonAgainst(page, 'START')).toContain('past');
    // What was printed later had not been printed then.
    expect(await page.locator('.line').count()).toBe(0);

    await button(page, 'One transition on').click();
    await untilLit(page, 'running');
    await page.getByRole('tab', { name: 'Context' }).click();
    expect(await page.locator('.context').innerText()).toContain('"generation": 1');
    await page.getByRole('tab', { name: 'Timeline' }).click();
    await page.getByLabel('Filter the timeline').fill('stopped');
    expect(await timeline(page)).toEqual(['stopped']);
    await button(page, 'Live').click();
    await untilLit(page, 'stopped');
    await page.getByText('first', { exact: true }).waitFor();
  });

  it('tells where an event would lead, and sends any in development only', async () => {
    const { watched, url } = await inspected(serverConfig({}, { inspect: { development: true } }));
    const page = await openPage(browser, url);
    await untilLit(page, 'running');
    await page.getByRole('tab', { name: 'Events' }).click();
    await button(page, 'What if STOP?').click();
    await page.locator('[data-what-if="STOP"]', { hasText: 'stopping.terminating' }).waitFor();
    await page.locator('g.would[data-state="stopping.terminating"]').waitFor();
    expect(watched.sidecar.status().state).toBe('running');

    const form = page.getByRole('form', { name: 'Send an event' });
    await form.getByLabel('Event').selectOption('process.taken');
    await form.getByLabel('with').fill('{"by": null}');
    await form.getByRole('button', { name: 'Send' }).click();
    await untilLit(page, 'stopped');
    expect(watched.sidecar.status().reason).toBe('taken');
  });

  it('only shows what it is not allowed to steer', async () => {
    const { watched, url } = await inspected(serverConfig({}, { inspect: { readOnly: true } }));
    const page = await openPage(browser, url);
    await untilLit(page, 'running');
    for (const command of ['START', 'STOP', 'RESTART', 'RELOAD']) {
      expect(await reasonAgainst(page, command)).toContain('looked at only');
    }
    await button(page, 'STOP').click({ force: true });
    await page.getByRole('tab', { name: 'Events' }).click();
    expect(await page.getByRole('form').count()).toBe(0);
    expect(watched.sidecar.status().state).toBe('running');
  });

  it('replays a journal that a real run wrote, without a process', async () => {
    const stateDirectory = await tempFolder();
    const { watched, url } = await inspected(serverConfig({}, { name: 'recorded', stateDirectory }));
    process.kill(watched.sidecar.status().pid ?? Number.NaN, 'SIGKILL');
    await watched.next('restart-scheduled');
    await watched.next('healthy');
    await watched.sidecar[Symbol.asyncDispose]();
    const states = watched.sidecar.history().map(({ to }) => to);

    const other = await inspected(serverConfig());
    const page = await openPage(browser, other.url);
    await untilLit(page, 'running');
    await page.getByLabel('A journal or an export').setInputFiles(join(stateDirectory, 'journal.jsonl'));
    await page.getByRole('heading', { level: 2, name: 'recorded', exact: true }).waitFor();
    expect((await timeline(page)).toReversed()).toEqual(states);
    await untilLit(page, 'compiling');
    expect(await reasonAgainst(page, 'STOP')).toContain('journal');
    await page.evaluate(noteLights);
    await button(page, 'Replay the transitions').click();
    await untilLit(page, 'stopped');
    const shown = (await page.evaluate(notedLights)).flatMap(({ state }) => (state === null ? [] : [state]));
    expect(shown.filter((state) => state !== 'restarting' && state !== 'stopping')).toEqual(states.slice(1));

    await page.getByLabel('A journal or an export').setInputFiles({
      name: 'other.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('nothing of this kind'),
    });
    await page.getByRole('alert').filter({ hasText: "other.txt can't be shown" }).waitFor();

    const download = page.waitForEvent('download');
    await button(page, 'Export').click();
    const exported = join(await tempFolder(), 'export.json');
    await (await download).saveAs(exported);
    await button(page, 'Close').click();
    await untilLit(page, 'running');
    await page.getByLabel('A journal or an export').setInputFiles(exported);
    await page.getByRole('heading', { level: 2, name: 'recorded', exact: true }).waitFor();
    expect((await timeline(page)).toReversed()).toEqual(states);
    expect(url).not.toBe(other.url);
  });

  it('does not freeze when 10,000 lines a second are printed', async () => {
    const printer = `let n = 0; setInterval(() => {
      process.stdout.write(Array.from({ length: 500 }, () => 'line ' + n++ + ' of very many\\n').join(''));
    }, 50)`;
    const { url } = await inspected(
      serverConfig(
        {},
        {
          process: { command: process.execPath, args: ['-e', printer] },
          healthCheck: { liveness: { type: 'process' } },
        },
      ),
    );
    const page = await openPage(browser, url);
    await untilLit(page, 'running');
    const { frames, longest } = await page.evaluate(countFrames, 2000);
    console.log(`${frames} frames in 2 s of a flood, ${Math.round(longest)} ms apart at most.`);
    expect(frames).toBeGreaterThan(4);
    await page.locator('.log-foot', { hasText: /^10,000 lines/ }).waitFor();
    expect(await page.locator('.line').count()).toBeLessThan(200);

    // It still does what it is told.
    await page.getByLabel('Search the log').fill('no such line');
    await page.locator('.log-foot', { hasText: /^0 lines/ }).waitFor();
    await page.getByLabel('Search the log').fill('line');
    await button(page, 'Pause').click();
    const paused = await page.locator('.line .text').first().innerText();
    await page.evaluate(countFrames, 300);
    expect(await page.locator('.line .text').first().innerText()).toBe(paused);
  });

  it('shows fifty sidecars', async () => {
    const sleeper = (): SidecarConfig => ({
      http: { port: 0 },
      process: { command: 'sleep', args: ['600'] },
      healthCheck: { liveness: { type: 'process' } },
    });
    const names = Array.from({ length: 50 }, (_, index) => `worker-${index}`);
    const fleet = createFleet({
      sidecars: Object.fromEntries(names.map((name) => [name, sleeper()])),
      inspect: true,
    });
    onTestFinished(() => fleet[Symbol.asyncDispose]());
    await within(fleet.start(), () => 'fifty sidecars');
    const page = await openPage(browser, (await pageOf(fleet)).href);
    await untilLit(page, 'running');
    const running = page.locator('.fleet-item', { hasText: 'running' });
    await expect.poll(() => running.count(), { timeout: PATIENCE }).toBe(50);
    await select(page, 'worker-49');
    await button(page, 'STOP').click();
    await untilLit(page, 'stopped');
    await expect.poll(() => running.count(), { timeout: PATIENCE }).toBe(49);
  });

  it('comes back by itself when the service was started again', async () => {
    const token = 'a-token-that-stays-the-same';
    const first = await inspected(serverConfig({}, { inspect: { token } }));
    const page = await openPage(browser, first.url);
    await untilLit(page, 'running');
    const { port } = new URL(first.url);
    await first.watched.sidecar[Symbol.asyncDispose]();
    await page.locator('[data-connection="lost"]').waitFor();
    expect(await reasonAgainst(page, 'STOP')).toContain('no connection');

    const second = await inspected(serverConfig({}, { inspect: { token, port: Number(port) } }));
    await page.locator('[data-connection="open"]').waitFor();
    await page.locator('.fact-pid', { hasText: String(second.watched.sidecar.status().pid) }).waitFor();
    await untilLit(page, 'running');
  });

  it('is told nothing where the page is another site’s, or the token is wrong', async () => {
    const { url } = await inspected(serverConfig());
    const site = createServer((_, response) => {
      response.setHeader('content-type', 'text/html').end('<title>another site</title>');
    });
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
    onTestFinished(() => void site.close());
    const { port } = site.address() as AddressInfo;
    const page = await openPage(browser, `http://127.0.0.1:${port}/`);
    expect(await page.evaluate(tryWebSocket, socketOf(new URL(url)).href)).toBe('refused');

    const own = await openPage(browser, url.replace(/token=.*/, 'token=not-the-token'));
    await own.locator('[data-connection="lost"]', { hasText: 'token' }).waitFor();
    expect(await own.locator('.fleet-item').count()).toBe(0);
  });

  it('draws any machine of whoever speaks @xstate/inspect, which it has to lay out', async () => {
    const page = await openPage(browser, await otherHost());
    await page.locator('g.leaf[data-state="red.walk"][data-active="true"]').waitFor();
    await page.locator('g.compound[data-state="red"][data-active="true"]').waitFor();
    expect(page.workers()).toHaveLength(1);
    expect(await page.locator('.edge').count()).toBe(5);
    await button(page, 'All guards').click();
    await page.locator('.edge-label', { hasText: 'after pause' }).waitFor();
    expect(await reasonAgainst(page, 'STOP')).toContain('not known');
  });

  it.each(['dark', 'light'] as const)('can be used by everybody: %s, wide and narrow', async (theme) => {
    const { url } = await inspected(serverConfig({}, { inspect: { development: true } }));
    const page = await openPage(browser, url, { theme });
    await untilLit(page, 'running');
    for (const tab of ['Events', 'Context', 'Timeline']) {
      await page.getByRole('tab', { name: tab }).click();
      expect(await violations(page)).toEqual([]);
    }
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate(scrollWidth)).toBeLessThanOrEqual(360);
  });

  // Chrome takes no extension from its command line; Chromium does.
  it.skipIf(!/chromium/.test(browserPath ?? ''))('is a panel of the developer tools, too', async () => {
    const { watched, url } = await inspected(serverConfig());
    const { context, panel } = await openExtension();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(panel);
    await page.getByLabel('Address').fill('127.0.0.1:1');
    await button(page, 'Connect').click();
    await page.locator('.problem', { hasText: 'token' }).waitFor();
    await page.getByLabel('Address').fill(url);
    await button(page, 'Connect').click();
    await untilLit(page, 'running');
    await button(page, 'STOP').click();
    await untilLit(page, 'stopped');
    expect(watched.sidecar.status().reason).toBe('requested');
  });

  it('looks like this', async () => {
    const fleet = createFleet(shopFleet());
    onTestFinished(() => fleet[Symbol.asyncDispose]());
    await within(fleet.start(), () => 'a fleet');
    const { href } = await pageOf(fleet);
    const dark = await openPage(browser, href);
    await select(dark, 'orders');
    await untilLit(dark, 'running');
    await dark.locator('.line', { hasText: 'slow query' }).first().waitFor();
    await dark.screenshot({ path: await screenshotPath('running-dark') });

    const [orders] = fleet.sidecars.get('orders') ?? [];
    // It is told to end, and has no answer to that.
    await orders?.fetch('/crash').catch(() => null);
    await untilLit(dark, 'restarting.backingOff');
    await dark.screenshot({ path: await screenshotPath('crashed-dark') });

    const light = await openPage(browser, href, { theme: 'light' });
    await select(light, 'orders');
    await untilLit(light, 'restarting.backingOff');
    await button(light, 'RESTART').click();
    await untilLit(light, 'running');
    await light.locator('.line', { hasText: 'slow query' }).first().waitFor();
    await light.screenshot({ path: await screenshotPath('running-light') });
    await light.setViewportSize({ width: 360, height: 740 });
    await light.screenshot({ path: await screenshotPath('narrow-light'), fullPage: true });
  });
});

/** What axe finds, for people. Its source is evaluated by the tests, as the page's own policy would not have it. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(runAxe);
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
}
