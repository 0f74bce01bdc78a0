import * as z from 'zod';
import { limit, milliseconds, nonEmptyText } from './values.js';

const samples = z.int().min(1).max(10_000);

const action = (resource: string) =>
  z
    .enum(['restart', 'degrade', 'report'])
    .default('restart')
    .describe(
      `What too much ${resource} leads to. \`restart\`: degraded, and replaced after \`degradedTimeout\`. \`degrade\`: degraded while it lasts, and not replaced for it. \`report\`: the event \`resource-exhaustion\`, and nothing else.`,
    );

const softLimit = (name: string) =>
  limit
    .default(null)
    .describe(
      `Less than \`${name}\`; when it is broken as often as a limit must be, the event \`resource-warning\` tells it. \`null\` for none.`,
    );

/** CPUs as cpuset(7) lists them. */
const cpuList = z.string().regex(/^\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*$/, {
  error: 'must be a list of CPUs and ranges of them, such as "0-3,8"',
});

const hard = z
  .strictObject({
    memoryMB: limit
      .default(null)
      .describe(
        'Memory of the whole sidecar, in MiB, in a control group of its own (`memory.max` of cgroup v2): the kernel ends a process of it before it has more.',
      ),
    cgroup: nonEmptyText
      .optional()
      .describe(
        'Folder of the control group in which that one is made, for example `/sys/fs/cgroup/sidecars`; by default that of this process, or the one above it.',
      ),
    addressSpaceMB: limit
      .default(null)
      .describe(
        'Address space of each process, in MiB (RLIMIT_AS): an allocation beyond it fails. Far more than the memory that is used.',
      ),
    fileDescriptors: z
      .int()
      .min(8)
      .nullable()
      .default(null)
      .describe('File descriptors of each process (RLIMIT_NOFILE): opening one more fails.'),
    nice: z
      .int()
      .min(-20)
      .max(19)
      .nullable()
      .default(null)
      .describe('Added to the niceness of this process: 19 runs when nobody else wants to.'),
    cpus: cpuList
      .nullable()
      .default(null)
      .describe('The CPUs that it may run on, as cpuset(7) lists them: `0-3,8`.'),
  })
  .prefault({})
  .describe(
    'Limits that the system itself enforces from the start (Linux). What can not be applied is an error.',
  );

export const resourcesSchema = z
  .strictObject({
    maxMemoryMB: limit
      .default(512)
      .describe('Memory of the whole process group, in MiB; `null` for no limit.'),
    softMemoryMB: softLimit('maxMemoryMB'),
    onMemory: action('memory'),
    maxCPUPercent: limit
      .default(80)
      .describe(
        'CPU of the whole process group between two samples, 100 being one core; `null` for no limit.',
      ),
    softCPUPercent: softLimit('maxCPUPercent'),
    onCPU: action('processor time'),
    maxFileDescriptors: limit
      .default(1024)
      .describe('Open file descriptors of the whole process group (Linux); `null` for no limit.'),
    softFileDescriptors: softLimit('maxFileDescriptors'),
    onFileDescriptors: action('file descriptors'),
    interval: milliseconds
      .min(500)
      .default(5000)
      .describe('Time between two samples, in milliseconds; below 500 the CPU figure would be noise.'),
    breachThreshold: samples
      .default(3)
      .describe(
        'How many of the last `breachWindow` samples must be over a limit for it to count as broken.',
      ),
    breachWindow: samples
      .default(3)
      .describe('By default as many as `breachThreshold`: so many samples in a row.'),
    hard,
  })
  .prefault({})
  .describe('Limits that a healthy sidecar keeps, and limits that it can not break.');
