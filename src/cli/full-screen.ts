import { emitKeypressEvents, type Key } from 'node:readline';
import type { ScreenSize } from './top-lines.js';

/** A terminal that is drawn on as a whole, and left as it was. */
export interface FullScreen {
  readonly size: ScreenSize;
  draw(lines: readonly string[]): void;
  /** Leaves it; may be called again. */
  leave(): void;
}

export interface ScreenListener {
  /** As `node:readline` names it; `ctrl-c` with the control key. */
  readonly pressed: (key: string) => void;
  readonly resized: () => void;
}

/** Takes the terminal over: another screen, and each key at once. */
export async function openFullScreen({ pressed, resized }: ScreenListener): Promise<FullScreen> {
  // Only for who draws.
  const [{ createLogUpdate }, { default: escapes }] = await Promise.all([
    import('log-update'),
    import('ansi-escapes'),
  ]);
  const { stdin, stdout } = process;
  const draw = createLogUpdate(stdout);
  const onKey = (_text: string | undefined, key: Key) => pressed(nameOf(key));
  const onResize = () => {
    // What is there was broken into lines for another width.
    draw.clear();
    stdout.write(escapes.eraseScreen + escapes.cursorTo(0, 0));
    resized();
  };
  let isLeft = false;
  const leave = () => {
    if (isLeft) return;
    isLeft = true;
    stdin.off('keypress', onKey);
    stdout.off('resize', onResize);
    process.off('exit', leave);
    stdin.setRawMode(false);
    stdin.pause();
    draw.clear();
    draw.done();
    stdout.write(escapes.exitAlternativeScreen + escapes.cursorShow);
  };

  // Also when it ends in a way that nobody has foreseen.
  process.on('exit', leave);
  emitKeypressEvents(stdin);
  stdin.setRawMode(true);
  stdin.on('keypress', onKey);
  stdin.resume();
  stdout.on('resize', onResize);
  stdout.write(escapes.enterAlternativeScreen + escapes.eraseScreen + escapes.cursorTo(0, 0));
  return {
    get size() {
      const { columns = 80, rows = 24 } = stdout;
      return { columns, rows };
    },
    draw: (lines) => draw(lines.join('\n')),
    leave,
  };
}

function nameOf({ name = '', ctrl, sequence = '' }: Key): string {
  if (ctrl === true) return `ctrl-${name}`;
  return name === '' ? sequence : name;
}
