import { createSidecarChart } from '../machines/sidecar.js';
import { compileActor } from './compile/actor.js';
import { forstPreset } from './config/forst.js';
import { resolveConfig } from './config/resolve.js';
import { healthActor } from './health/actor.js';
import { now } from './os/clock.js';
import { processActor } from './process/actor.js';
import { resourcesActor } from './resources/actor.js';

/**
 * The statechart with real actors: it compiles, spawns, checks, restarts and stops a real process.
 *
 * ```ts
 * const actor = interpret(sidecarMachine, { input: config }).start();
 * actor.send({ type: 'RESTART' });
 * ```
 *
 * Without input it runs the seed's defaults, which are those of the Forst preset. A wrong configuration becomes
 * the actor's error (a `SidecarConfigError`), before anything was started.
 */
export const sidecarMachine = createSidecarChart({
  resolveConfig: (input = forstPreset()) => resolveConfig(input),
  now,
  random: Math.random,
}).provide({
  actors: { compile: compileActor, process: processActor, health: healthActor, resources: resourcesActor },
});
