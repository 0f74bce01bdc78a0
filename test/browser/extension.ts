import { createHash } from 'node:crypto';
import { cp, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium } from 'playwright-core';
import { tempFolder } from '../support/temp-folder.js';
import { PATIENCE } from '../support/within.js';
import { ARGUMENTS, browserPath } from './launch.js';

const at = (path: string) => fileURLToPath(new URL(`../../visualizations/${path}`, import.meta.url));

/** A browser that has the extension with the page that was built, and the address of its panel. */
export async function openExtension(): Promise<{ readonly context: BrowserContext; readonly panel: string }> {
  if (browserPath === null) throw new Error('There is no browser on this machine.');
  const folder = at('devtools').replace(/\/$/, '');
  await rm(at('devtools/inspector'), { recursive: true, force: true });
  await cp(at('../dist/inspector'), at('devtools/inspector'), { recursive: true });
  const context = await chromium.launchPersistentContext(await tempFolder(), {
    executablePath: browserPath,
    // The shell that is headless otherwise has no extensions.
    headless: false,
    args: [
      ...ARGUMENTS,
      '--headless=new',
      `--disable-extensions-except=${folder}`,
      `--load-extension=${folder}`,
    ],
    timeout: PATIENCE,
  });
  context.setDefaultTimeout(PATIENCE);
  return { context, panel: `chrome-extension://${idOf(folder)}/inspector/index.html` };
}

/** Of an extension that is loaded from a folder: the beginning of its digest, in letters from a to p. */
function idOf(folder: string): string {
  const digest = createHash('sha256').update(folder).digest('hex').slice(0, 32);
  return [...digest].map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 16))).join('');
}
