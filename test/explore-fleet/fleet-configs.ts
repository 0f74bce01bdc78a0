import fc from 'fast-check';
import {
  type FleetConfig,
  type FleetSidecarConfig,
  type ResolvedFleetConfig,
  resolveFleetConfig,
} from '../../src/index.js';

/** What a test says of a sidecar; the program to run does not matter. */
export type Sketch = Pick<FleetSidecarConfig, 'dependsOn' | 'instances' | 'compile'> & {
  readonly process?: Partial<FleetSidecarConfig['process']>;
};

type Settings = Omit<FleetConfig, 'sidecars'>;

export function sketchFleet(
  sidecars: Readonly<Record<string, Sketch>>,
  settings: Settings = {},
): ResolvedFleetConfig {
  return resolveFleetConfig({
    ...settings,
    sidecars: Object.fromEntries(
      Object.entries(sidecars).map(([name, { process, ...sidecar }]) => [
        name,
        { http: { port: 0 }, ...sidecar, process: { command: 'x', restartJitter: 0, ...process } },
      ]),
    ),
  });
}

const MOST = 5;

const node = fc.record({
  edges: fc.array(fc.constantFrom('none', 'started', 'healthy'), { minLength: MOST, maxLength: MOST }),
  instances: fc.integer({ min: 1, max: 2 }),
  autoRestart: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, fc.constant(false)),
  place: fc.nat(),
});

/** Any fleet: an edge leads to an earlier node, and they are written down in another order. */
export const anyFleet: fc.Arbitrary<ResolvedFleetConfig> = fc
  .record({
    nodes: fc.array(node, { minLength: 1, maxLength: MOST }),
    strategy: fc.constantFrom('one-for-one', 'one-for-all', 'rest-for-one'),
    intensity: fc.integer({ min: 0, max: 4 }),
  })
  .map(({ nodes, ...settings }) => {
    const sketches = nodes.map(({ edges, instances, autoRestart, place }, index) => {
      const dependsOn = Object.fromEntries(
        edges
          .slice(0, index)
          .flatMap((condition, other) => (condition === 'none' ? [] : [[`s${other}`, condition] as const])),
      );
      return { name: `s${index}`, place, sketch: { dependsOn, instances, process: { autoRestart } } };
    });
    const written = sketches.toSorted((one, other) => one.place - other.place);
    return sketchFleet(Object.fromEntries(written.map(({ name, sketch }) => [name, sketch])), settings);
  });
