import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, createMachine, fromPromise } from 'xstate';
import { readChart } from '../../src/graph/read-chart.js';
import { chartAsV4 } from '../../src/inspect/chart-as-v4.js';
import { stateJson } from '../../src/inspect/shown-state.js';
import { sidecarMachine } from '../../src/sidecar-machine.js';
import { xstate4 } from './xstate-4.js';

/** As a viewer gets it. */
function received(machine: AnyStateMachine) {
  return xstate4.createMachine(JSON.parse(JSON.stringify(chartAsV4(machine))));
}

type Received = ReturnType<typeof received>;

/** The ids of the states that XState 4 finds active in a state that it is told of. */
function activeIn(machine: Received, value: unknown): string[] {
  return machine
    .resolveState(xstate4.State.create(JSON.parse(stateJson(value, null, 'STOP'))))
    .configuration.map(({ id }) => id)
    .toSorted();
}

/** Everything that a machine has when it is not ours. */
const everything = createMachine({
  id: 'all',
  initial: 'working',
  states: {
    working: {
      type: 'parallel',
      invoke: { id: 'load', src: fromPromise(async () => 1), onDone: '.left.done', onError: 'failed' },
      onDone: 'finished',
      states: {
        left: { initial: 'busy', states: { busy: { on: { NEXT: 'done' } }, done: { type: 'final' } } },
        right: {
          initial: 'busy',
          states: {
            busy: { after: { 500: 'done' }, on: { NEXT: { target: 'busy', reenter: true } } },
            done: { type: 'final' },
            before: { type: 'history', history: 'deep', target: 'busy' },
          },
        },
      },
    },
    failed: { tags: ['bad'], always: { guard: () => false, target: 'finished' } },
    finished: { type: 'final' },
  },
});

describe('the definition of a machine, as XState 4 loads it', () => {
  it.each([
    ['the sidecar', sidecarMachine],
    ['one with everything', everything],
  ])('has each state and each edge: %s', (_, machine) => {
    const chart = readChart(machine);
    const loaded = received(machine);
    const idOf = (name: string) => (name === '' ? machine.id : `${machine.id}.${name}`);
    expect(loaded.stateIds.toSorted()).toEqual(chart.states.map(({ name }) => idOf(name)).toSorted());

    const edges = chart.transitions.map(({ source, guard, targets, actions }) =>
      [idOf(source), guard ?? 'always', targets.map(idOf).join(), actions.join()].join(' | '),
    );
    const loadedEdges = loaded.stateIds
      .map((id) => loaded.getStateNodeById(id))
      .flatMap((node) => node.transitions.map((transition) => ({ node, transition })))
      .map(({ node, transition: { cond, target = [], actions } }) =>
        [
          node.id,
          cond?.name ?? 'always',
          target.map(({ id }) => id).join(),
          actions.map(({ type }) => type).join(),
        ].join(' | '),
      );
    expect(loadedEdges.toSorted()).toEqual(edges.toSorted());
  });

  it('names events, delays and children as XState 4 does', () => {
    const loaded = received(everything);
    const eventsOf = (id: string) =>
      loaded.getStateNodeById(id).transitions.map(({ eventType }) => eventType);
    expect(eventsOf('all.working')).toEqual(
      expect.arrayContaining(['done.invoke.load', 'error.platform.load', 'done.state.all.working']),
    );
    expect(eventsOf('all.working.right.busy')).toContain('xstate.after(500)#all.working.right.busy');
    expect(loaded.getStateNodeById('all.working').invoke).toMatchObject([{ id: 'load' }]);
    expect(loaded.getStateNodeById('all.working.right.before').history).toBe('deep');
    const backingOff = received(sidecarMachine).getStateNodeById('sidecar.restarting.backingOff');
    expect(backingOff.after).toMatchObject([{ delay: 'backoff', target: [{ id: 'sidecar.spawning' }] }]);
  });

  it('tells which states are active', () => {
    const sidecar = received(sidecarMachine);
    expect(activeIn(sidecar, 'running')).toEqual(['sidecar', 'sidecar.running']);
    expect(activeIn(sidecar, { restarting: 'backingOff' })).toEqual([
      'sidecar',
      'sidecar.restarting',
      'sidecar.restarting.backingOff',
    ]);
    expect(activeIn(received(everything), { working: { left: 'busy', right: 'done' } })).toEqual([
      'all',
      'all.working',
      'all.working.left',
      'all.working.left.busy',
      'all.working.right',
      'all.working.right.done',
    ]);
  });
});
