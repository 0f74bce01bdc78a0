import type { Command } from 'commander';
import type { ApplyFlags } from './apply.js';
import { CONFIG_HELP } from './help-texts.js';
import type { RollingFlags, RollingVerb } from './roll.js';
import type { ServiceFlags } from './running-service.js';
import type { Verb } from './steer.js';
import type { LogsFlags } from './tell.js';
import type { WaitFlags } from './wait.js';

type WithJson = ServiceFlags & { readonly json?: true };

const NAMES = 'sidecars, or all instances of one (default: all)';

/** The commands that talk to a running `sidecar run`. */
export function addServiceCommands(program: Command): void {
  const about = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .option('-c, --config <file>', CONFIG_HELP)
      .option('--connect <host:port>', 'one that listens there; the token is in SIDECAR_TOKEN');

  about('status', 'what the sidecars of the running service are doing')
    .option('--json', 'as data')
    .action(async (flags: WithJson) => {
      const { status } = await import('./status.js');
      await status(flags);
    });

  const verbs: readonly (readonly [Verb, string, string])[] = [
    ['start', 'start sidecars of the running service that are stopped', NAMES],
    [
      'stop',
      'stop sidecars; without names, all of them and the service',
      'which (default: the whole service)',
    ],
    ['restart', 'replace their processes, one after the other', NAMES],
    ['reload', 'compile, and replace their processes if that worked', NAMES],
  ];
  for (const [verb, description, names] of verbs) {
    const command = about(verb, description).argument('[names...]', names);
    if (verb === 'restart' || verb === 'reload') addRolling(command, verb);
    else
      command.action(async (given: string[], flags: ServiceFlags) => {
        const { steer } = await import('./steer.js');
        await steer(verb, given, flags);
      });
  }

  about('apply', 'let the service change to what its configuration file says now')
    .option('--dry-run', 'only say what would be changed')
    .option('--json', 'as data')
    .action(async (flags: ApplyFlags) => {
      const { apply } = await import('./apply.js');
      await apply(flags);
    });

  about('why', 'why they are as they are, in sentences')
    .argument('[names...]', NAMES)
    .action(async (names: string[], flags: ServiceFlags) => {
      const { why } = await import('./tell.js');
      await why(names, flags);
    });

  about('history', 'their last transitions, with the causes')
    .argument('[names...]', NAMES)
    .option('--json', 'each as a line of JSON')
    .action(async (names: string[], flags: WithJson) => {
      const { history } = await import('./tell.js');
      await history(names, flags);
    });

  about('logs', 'the last lines that they printed')
    .argument('[names...]', NAMES)
    .option('-f, --follow', 'and those that come')
    .option('-n, --lines <number>', 'how many at most', '100')
    .action(async (names: string[], flags: LogsFlags) => {
      const { logs } = await import('./tell.js');
      await logs(names, flags);
    });

  about('events', 'what happens from now on')
    .argument('[names...]', NAMES)
    .option('--json', 'each as a line of JSON')
    .action(async (names: string[], flags: WithJson) => {
      const { events } = await import('./events.js');
      await events(names, flags);
    });

  about('send', 'send START, STOP, RESTART or RELOAD to their state machines, and do not wait')
    .argument('<event>', 'START, STOP, RESTART or RELOAD')
    .argument('[names...]', NAMES)
    .action(async (event: string, names: string[], flags: ServiceFlags) => {
      const { send } = await import('./tell.js');
      await send(event, names, flags);
    });

  about('wait', 'wait until they are as they should be; for scripts')
    .argument('[names...]', NAMES)
    .option('--for <state>', 'running, ready, degraded or stopped', 'running')
    .option('--timeout <time>', 'such as 30s or 2m; ends with 1 after it', '30s')
    .action(async (names: string[], flags: WaitFlags) => {
      const { wait } = await import('./wait.js');
      await wait(names, flags);
    });
}

function addRolling(command: Command, verb: RollingVerb): void {
  command
    .option('--rolling', 'all instances, while others serve; the next once the one before is ready')
    .option('--keep-serving <number>', 'with --rolling: so many at any time (default: all but one)')
    .action(async (names: string[], flags: RollingFlags) => {
      if (flags.rolling === true || flags.keepServing !== undefined) {
        const { roll } = await import('./roll.js');
        await roll(verb, names, flags);
      } else {
        const { steer } = await import('./steer.js');
        await steer(verb, names, flags);
      }
    });
}
