import * as z from 'zod';
import { inspectSchema } from './inspect-schema.js';
import { sidecarConfigSchema } from './schema.js';
import { positiveMilliseconds } from './values.js';

/** One sidecar of a fleet: as one alone, but named by its key and started by the fleet. */
export const fleetSidecarSchema = sidecarConfigSchema
  .omit({ name: true, lazy: true, inspect: true, $schema: true })
  .extend({
    dependsOn: z
      .record(z.string(), z.enum(['started', 'healthy']))
      .default({})
      .describe(
        'What must be there before this one is started, by name: `started`: its process was spawned; `healthy`: it has passed its checks. It is stopped before them.',
      ),
    instances: z
      .int()
      .min(1)
      .max(1000)
      .default(1)
      .describe(
        'How many processes of it there are. Each has its own port, socket and log file: a fixed `http.port` is that of the first, and the next ones follow; paths get the number before their extension. Only the first one compiles.',
      ),
  });

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/, {
  error: 'must be 1 to 60 letters, digits, ".", "_" or "-", and start with a letter or digit',
});

const settings = {
  $schema: z.string().optional().describe('Lets an editor find the JSON Schema; has no other meaning.'),
  strategy: z
    .enum(['one-for-one', 'one-for-all', 'rest-for-one'])
    .default('one-for-one')
    .describe(
      'What is restarted when one sidecar has to be, as in the supervisors of Erlang/OTP: itself; all of them; or itself and those that start after it.',
    ),
  intensity: z
    .int()
    .min(0)
    .max(10_000)
    .default(10)
    .describe('Most automatic restarts within `period`, of all together; one more stops the fleet.'),
  period: positiveMilliseconds
    .default(60_000)
    .describe('Sliding window in which `intensity` counts, in milliseconds.'),
  inspect: inspectSchema,
};

const atLeastOne = (sidecars: object) => Object.keys(sidecars).length > 0;
const noneNamed = { error: 'must name at least one sidecar' };
const SIDECARS =
  'The sidecars by name. Those without an order between them start in the order in which they are here.';

/** The whole configuration of a fleet: types and JSON Schema come from here. */
export const fleetConfigSchema = z
  .strictObject({
    sidecars: z.record(name, fleetSidecarSchema).refine(atLeastOne, noneNamed).describe(SIDECARS),
    ...settings,
  })
  .describe('Configuration of several sidecars that belong together.');

/** The same without what is in each sidecar, which is validated one by one. */
export const fleetFrameSchema = z
  .strictObject({
    sidecars: z.record(name, z.looseObject({})).refine(atLeastOne, noneNamed).describe(SIDECARS),
    ...settings,
  })
  .describe('Give at least one sidecar in `sidecars`.');

/** When a dependency counts as there. */
export type DependencyCondition = 'started' | 'healthy';

/** One sidecar of a fleet: as `SidecarConfig`, without a name, and with what it needs of the others. */
export type FleetSidecarConfig<Name extends string = string> = Omit<
  z.input<typeof fleetSidecarSchema>,
  'dependsOn'
> & { readonly dependsOn?: { readonly [Other in Name]?: DependencyCondition } };

/** What a user writes of a fleet. `sidecars` is required, and of each its `process.command`. */
export interface FleetConfig<Name extends string = string>
  extends Omit<z.input<typeof fleetConfigSchema>, 'sidecars'> {
  readonly sidecars: { readonly [Each in Name]: FleetSidecarConfig<NoInfer<Name>> };
}

export type ResolvedFleetSidecar = z.output<typeof fleetSidecarSchema>;
