import type { RecentLine, ServiceStatus } from '../control.js';

/** Most samples that are kept of each sidecar. */
const MOST_SAMPLES = 60;
/** Most lines that are kept of the one whose log is shown. */
const MOST_LINES = 500;

export interface Samples {
  /** In MiB, oldest first. */
  readonly memory: readonly number[];
  /** In percent of a core, oldest first. */
  readonly cpu: readonly number[];
}

/** What `sidecar top` shows. */
export interface TopState {
  readonly status: ServiceStatus;
  readonly samples: ReadonlyMap<string, Samples>;
  /** The name of the selected one: its place in the list may change. */
  readonly selected: string;
  /** Whose log is shown instead of the list. */
  readonly log: { readonly name: string; readonly lines: readonly RecentLine[] } | null;
  /** What became of the last command. */
  readonly message: string;
}

/** What a key asks for. */
export type Wish =
  | { readonly type: 'none' | 'quit' }
  | { readonly type: 'show-log'; readonly name: string }
  | { readonly type: 'command'; readonly verb: Verb; readonly name: string };

export type Verb = 'start' | 'stop' | 'restart' | 'reload';

export const VERBS: Readonly<Record<string, Verb>> = { r: 'restart', e: 'reload', s: 'stop', t: 'start' };

const none: Wish = { type: 'none' };

export function initialState(status: ServiceStatus): TopState {
  const empty: TopState = { status, samples: new Map(), selected: '', log: null, message: '' };
  return withStatus(empty, status);
}

export function withStatus(state: TopState, status: ServiceStatus): TopState {
  const names = status.sidecars.map(({ name }) => name);
  const selected = names.includes(state.selected) ? state.selected : (names[0] ?? '');
  const samples = new Map([...state.samples].filter(([name]) => names.includes(name)));
  for (const { name, resources } of status.sidecars) {
    if (resources !== null && !samples.has(name)) {
      samples.set(name, { memory: [resources.memoryMB], cpu: [resources.cpuPercent] });
    }
  }
  return { ...state, status, selected, samples };
}

export function withSample(
  state: TopState,
  name: string,
  { memoryMB, cpuPercent }: { readonly memoryMB: number; readonly cpuPercent: number },
): TopState {
  const { memory, cpu } = state.samples.get(name) ?? { memory: [], cpu: [] };
  const samples = {
    memory: [...memory, memoryMB].slice(-MOST_SAMPLES),
    cpu: [...cpu, cpuPercent].slice(-MOST_SAMPLES),
  };
  return { ...state, samples: new Map(state.samples).set(name, samples) };
}

/** Lines of the log that is shown; those of another one come too late. */
export function withLines(state: TopState, name: string, lines: readonly RecentLine[]): TopState {
  if (state.log?.name !== name) return state;
  return { ...state, log: { name, lines: [...state.log.lines, ...lines].slice(-MOST_LINES) } };
}

/** What it had printed before it was listened to; some of it may have been heard already. */
export function withEarlierLines(state: TopState, name: string, lines: readonly RecentLine[]): TopState {
  if (state.log?.name !== name) return state;
  const last = lines.at(-1)?.time ?? 0;
  const later = state.log.lines.filter(({ time }) => time > last);
  return { ...state, log: { name, lines: [...lines, ...later].slice(-MOST_LINES) } };
}

export function withMessage(state: TopState, message: string): TopState {
  return { ...state, message };
}

/**
 * What a key does.
 *
 * @param key as `node:readline` names it; `ctrl-c` with the control key
 */
export function pressed(state: TopState, key: string): { readonly state: TopState; readonly wish: Wish } {
  const { selected, log } = state;
  if (key === 'ctrl-c' || (key === 'q' && log === null)) return { state, wish: { type: 'quit' } };
  if (log !== null) {
    const goesBack = ['q', 'escape', 'return', 'l', 'left'].includes(key);
    return { state: goesBack ? { ...state, log: null } : state, wish: none };
  }
  const verb = VERBS[key];
  if (verb !== undefined) {
    if (selected === '') return { state, wish: none };
    return {
      state: withMessage(state, `${verb} ${selected} …`),
      wish: { type: 'command', verb, name: selected },
    };
  }
  switch (key) {
    case 'up':
    case 'k':
      return { state: moved(state, -1), wish: none };
    case 'down':
    case 'j':
      return { state: moved(state, 1), wish: none };
    case 'return':
    case 'l':
    case 'right':
      if (selected === '') return { state, wish: none };
      return {
        state: { ...state, log: { name: selected, lines: [] } },
        wish: { type: 'show-log', name: selected },
      };
    default:
      return { state, wish: none };
  }
}

function moved(state: TopState, by: -1 | 1): TopState {
  const names = state.status.sidecars.map(({ name }) => name);
  const at = Math.min(names.length - 1, Math.max(0, names.indexOf(state.selected) + by));
  return { ...state, selected: names[at] ?? '' };
}
