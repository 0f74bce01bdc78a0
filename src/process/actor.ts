import { fromCallback } from 'xstate';
import type { ProcessCommand, ProcessInput, ProcessReport } from '../../machines/sidecar.types.js';
import { endWithHost } from '../os/host-exit.js';
import { Incarnation } from './incarnation.js';
import { LibraryIncarnation } from './library-incarnation.js';
import { Ownership } from './ownership.js';

/** What the host's exit may take beyond the grace period and the wait for SIGKILL, in milliseconds. */
const EXIT_MARGIN = 1000;

/** Runs one process (or one loaded library) at a time, as the chart tells it, for the life of a machine. */
export const processActor = fromCallback<ProcessCommand, ProcessInput>(({ input, receive, sendBack }) => {
  const { config } = input;
  const { stopTimeout, killTimeout } = config.process;
  const Runs = config.transport === 'direct' ? LibraryIncarnation : Incarnation;
  let incarnation: Incarnation | LibraryIncarnation | null = null;
  let stopped = false;

  const report = (event: ProcessReport) => {
    if (!stopped) sendBack(event);
  };

  const ownership = new Ownership(config, report);

  receive((command) => {
    switch (command.type) {
      case 'process.spawn':
        incarnation = new Runs(config, command.generation, report, ownership);
        break;
      case 'process.terminate':
        incarnation?.terminate();
        break;
      case 'process.kill':
        incarnation?.kill();
        break;
      case 'process.release':
        ownership.release();
        break;
    }
  });

  const giveUp = endWithHost({
    patience: stopTimeout + killTimeout + EXIT_MARGIN,
    kill: () => incarnation?.kill(),
    end: async (signal) => {
      report({ type: 'host.exiting', signal });
      await incarnation?.ended;
    },
  });

  return () => {
    stopped = true;
    giveUp();
    // The machine was stopped as an actor, so nobody is left to wait for a grace period.
    incarnation?.kill();
    ownership.release();
  };
});
