import type axe from 'axe-core';

/*
 * What is run in the page itself, where nothing outside of the function is known. The tests are checked without the types of
 * a browser, as the package is: here is what these functions use of one.
 */
declare const document: {
  readonly body: unknown;
  readonly documentElement: { readonly scrollWidth: number };
};
declare const requestAnimationFrame: (next: (now: number) => void) => void;
declare const MutationObserver: new (
  hear: (changes: readonly { readonly target: Shown }[]) => void,
) => { observe(target: unknown, options: object): void };
declare const WebSocket: new (address: string) => { onopen: () => void; onerror: () => void };

interface Shown {
  getAttribute(name: string): string | null;
}

/** That a state was lit, and when by the clock of the page. */
interface Light {
  readonly state: string | null;
  readonly at: number;
}

/** Begins to write down when each state is lit. */
export function noteLights(): void {
  const noted: Light[] = [];
  Object.assign(globalThis, { noted });
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      if (target.getAttribute('data-active') === 'true')
        noted.push({ state: target.getAttribute('data-state'), at: Date.now() });
    }
  }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ['data-active'] });
}

export function notedLights(): readonly Light[] {
  return Reflect.get(globalThis, 'noted');
}

/** How many pictures are drawn in a time, and how long the longest wait for one was, in milliseconds. */
export function countFrames(
  duration: number,
): Promise<{ readonly frames: number; readonly longest: number }> {
  return new Promise((resolve) => {
    const begin = performance.now();
    let [frames, longest, last] = [0, 0, begin];
    const next = (now: number) => {
      frames += 1;
      longest = Math.max(longest, now - last);
      last = now;
      if (now - begin < duration) requestAnimationFrame(next);
      else resolve({ frames, longest });
    };
    requestAnimationFrame(next);
  });
}

export function tryWebSocket(address: string): Promise<'open' | 'refused'> {
  return new Promise((resolve) => {
    const socket = new WebSocket(address);
    socket.onopen = () => resolve('open');
    socket.onerror = () => resolve('refused');
  });
}

export function scrollWidth(): number {
  return document.documentElement.scrollWidth;
}

export async function runAxe(): Promise<axe.AxeResults['violations']> {
  const runner: typeof axe = Reflect.get(globalThis, 'axe');
  return (await runner.run()).violations;
}
