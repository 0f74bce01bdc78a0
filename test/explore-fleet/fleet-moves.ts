import type { FakeSidecar, FleetWorld } from './fleet-world.js';

interface Move {
  readonly name: string;
  readonly make: () => unknown;
}

/** Lets the world go on by these choices, and looks at it after each. A failure tells all that happened. */
export function playFleet(
  world: FleetWorld,
  picks: readonly number[],
  afterEach: (world: FleetWorld) => void = () => {},
): void {
  const log: string[] = [];
  try {
    for (const pick of picks) {
      const moves = possibleMoves(world);
      const move = moves[pick % moves.length];
      if (move === undefined) return;
      log.push(`${world.clock.now()} ${world.state}: ${move.name}`);
      move.make();
      if (world.error !== null) throw world.error;
      afterEach(world);
    }
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${message}\nafter:\n  ${log.join('\n  ')}`, { cause });
  }
}

function possibleMoves(world: FleetWorld): Move[] {
  const isDown = world.state === 'stopped';
  return [
    ...likely(isDown ? 20 : 1, 'START', () => world.send('START')),
    ...likely(1, 'STOP', () => world.send('STOP')),
    ...world.config.members.flatMap(({ name, sidecar }) => {
      // As many as there are before it: at most all but one.
      const others = world.config.members.filter((each) => each.sidecar === sidecar);
      const keepServing = others.findIndex((each) => each.name === name);
      return likely(1, `ROLL ${sidecar}, keep ${keepServing}`, () => world.roll(sidecar, keepServing));
    }),
    ...(world.clock.nextDue() === null
      ? likely(1, 'time passes', () => world.clock.advance(30_000))
      : likely(5, 'the next timer fires', () => world.clock.advanceToNext())),
    ...[...world.sidecars.values()].flatMap((fake) => sidecarMoves(world, fake)),
  ];
}

/** A move that is so many times as likely as others. */
function likely(weight: number, name: string, make: Move['make']): Move[] {
  return Array<Move>(weight).fill({ name, make });
}

function sidecarMoves(world: FleetWorld, { member, state, isDraining, isServing }: FakeSidecar): Move[] {
  const { name } = member;
  const isPermanent = member.config.process.autoRestart;
  const trouble = isPermanent
    ? [
        ...likely(2, `${name} is lost`, () => world.loses(name)),
        ...likely(1, `${name} gives up`, () => world.stops(name, 'restarts-exhausted')),
      ]
    : likely(1, `${name} ends`, () => world.stops(name, 'exited'));
  const stopped = likely(1, `somebody stops ${name}`, () => world.stops(name));
  switch (state) {
    case 'stopped':
      return [];
    case 'starting':
      return [...likely(15, `${name} is spawned`, () => world.spawns(name)), ...trouble, ...stopped];
    case 'spawned':
      return [...likely(15, `${name} is healthy`, () => world.isHealthy(name)), ...trouble, ...stopped];
    case 'healthy':
      return [
        ...likely(2, `${name} flips readiness`, () => world.serves(name, !isServing)),
        ...(isDraining ? likely(10, `${name} has drained`, () => world.drains(name)) : []),
        ...trouble,
        ...stopped,
      ];
    case 'backingOff':
      return likely(10, `${name} restarts by itself`, () => world.restartsByItself(name));
    case 'stopping':
      return likely(10, `${name} is down`, () => world.stops(name));
  }
}
