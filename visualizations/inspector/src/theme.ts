import { effect, signal } from '@preact/signals';

export type Theme = 'dark' | 'light';

const KEY = 'theme';

/** As chosen, or as the system has it. */
export const theme = signal<Theme>(chosenTheme() ?? systemTheme());

/** Has the page follow it. */
export function applyTheme(): void {
  effect(() => {
    document.documentElement.dataset['theme'] = theme.value;
  });
}

export function toggleTheme(): void {
  theme.value = theme.peek() === 'dark' ? 'light' : 'dark';
  try {
    localStorage.setItem(KEY, theme.peek());
  } catch {
    // Where nothing may be kept, it is chosen anew each time.
  }
}

function chosenTheme(): Theme | null {
  try {
    const chosen = localStorage.getItem(KEY);
    return chosen === 'dark' || chosen === 'light' ? chosen : null;
  } catch {
    // Nothing may be kept here.
    return null;
  }
}

function systemTheme(): Theme {
  return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
}
