import { and, not, raise, setup } from 'xstate';

/** A chart with one of everything that the graph reads. It is never started. */
export const trafficLight = setup({
  guards: { isNight: () => false, isBroken: () => false },
  actions: { count: () => {}, blink: () => {} },
  delays: { greenTime: 1000 },
}).createMachine({
  id: 'light',
  initial: 'red',
  on: {
    POWER_OFF: { target: '.off' },
    'car.seen': { actions: 'count' },
    'car.*': { actions: raise({ type: 'POWER_OFF' }) },
  },
  states: {
    red: {
      always: { guard: and(['isNight', not('isBroken')]), target: 'off' },
      on: {
        GO: [
          { guard: 'isBroken', target: 'off' },
          { guard: 'isNight', actions: 'blink' },
          { target: 'green', actions: 'count' },
        ],
        RESET: { target: 'red', reenter: true },
      },
    },
    green: {
      initial: 'steady',
      on: { GO: { guard: 'isNight', target: '.blinking' }, WAIT: 'red', RESET: {} },
      states: {
        steady: { after: { greenTime: 'blinking' }, on: { GO: { guard: 'isBroken', target: '#light.off' } } },
        blinking: { after: { 3000: '#light.red' }, on: { WAIT: { target: '#light.green' } } },
        choosing: { always: [{ guard: 'isNight', target: 'steady' }, { target: 'blinking' }] },
      },
    },
    off: { type: 'final' },
  },
});

/** A chart whose first state only chooses where to begin. */
export const choosing = setup({ guards: { isHoliday: () => false } }).createMachine({
  id: 'choosing',
  initial: 'dawn',
  states: {
    dawn: { always: [{ guard: 'isHoliday', target: 'off' }, { target: 'on' }] },
    on: { on: { STOP: 'off' } },
    off: {},
  },
});
