import { fromCallback } from 'xstate';
import type { IncarnationInput, ResourcesReport } from '../../machines/sidecar.types.js';
import { now } from '../os/clock.js';
import { GroupSampler } from './group-sampler.js';
import { LinuxProcesses } from './linux-processes.js';
import { listedProcesses, singleProcesses } from './other-processes.js';

/** One for all sidecars of this process. */
const sampler = new GroupSampler(processSource());

/** Samples what the process group of one incarnation uses, every `resources.interval`, and reports it. */
export const resourcesActor = fromCallback<{ type: 'none' }, IncarnationInput>(({ input, sendBack }) => {
  const { config, generation, pid, endpoint } = input;
  // A library has no process of its own: these would be the host's figures.
  if (endpoint?.transport === 'direct') return;
  let isWarned = false;

  const report = (event: ResourcesReport) => sendBack(event);
  const warn = (error: string) => {
    if (!isWarned) report({ type: 'resources.unavailable', generation, error });
    isWarned = true;
  };

  return sampler.subscribe({
    group: pid,
    interval: config.resources.interval,
    unref: config.process.unref,
    onUsage: (usage) => {
      report({ type: 'resources.sampled', generation, sample: { ...usage, sampledAt: now() } });
      // Elsewhere it is documented that nobody tells.
      if (usage.fileDescriptors === null && process.platform === 'linux') warn(HIDDEN_DESCRIPTORS);
    },
    onFailure: (error) => warn(error instanceof Error ? error.message : String(error)),
  });
});

const HIDDEN_DESCRIPTORS = 'the file descriptors of a process that another user owns can not be counted';

function processSource() {
  switch (process.platform) {
    case 'linux':
      return new LinuxProcesses();
    case 'win32':
      return singleProcesses;
    default:
      return listedProcesses;
  }
}
