import type { Page } from 'playwright-core';
import type { SidecarStateName } from '../../src/index.js';

/** The state that is lit in the chart. */
export function litState(page: Page, state: SidecarStateName) {
  return page.locator(`g.leaf[data-state="${state}"][data-active="true"]`);
}

export async function untilLit(page: Page, state: SidecarStateName): Promise<void> {
  await litState(page, state).waitFor();
}

export function button(page: Page, name: string) {
  return page.getByRole('button', { name, exact: true });
}

/** Why a command does nothing now, as somebody who does not see the page is told. */
export async function reasonAgainst(page: Page, command: string): Promise<string> {
  const refused = page.locator(`[data-command="${command}"][aria-disabled="true"]`);
  const id = await refused.getAttribute('aria-describedby');
  return page.locator(`#${id}`).innerText();
}

export async function select(page: Page, sidecar: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Sidecars' }).getByRole('button', { name: sidecar }).click();
  await page.getByRole('heading', { level: 2, name: sidecar, exact: true }).waitFor();
}

/** The rows of the timeline, newest first: where each led. */
export function timeline(page: Page): Promise<readonly string[]> {
  return page.locator('.transition .way b').allInnerTexts();
}
