import { describe, expect, it } from 'vitest';
import type { ShownTransition } from '../../src/inspect/messages.js';
import { addressOf, serverOf, typedAddress } from '../../visualizations/inspector/src/connection/address.js';
import { countVisits } from '../../visualizations/inspector/src/model/visits.js';
import { lineText } from '../../visualizations/inspector/src/panels/line-text.js';
import { durationText } from '../../visualizations/inspector/src/time/words.js';

describe('the address of a host', () => {
  const address = { host: '127.0.0.1:4777', token: 'a+b', protocol: 'ws' };

  it('is that of the page, with the token of its fragment', () => {
    expect(addressOf(new URL('http://127.0.0.1:4777/inspect/#token=a%2Bb'))).toEqual(address);
    expect(addressOf(new URL('https://example.org/inspect/#token=x'))?.protocol).toBe('wss');
    expect(addressOf(new URL('http://127.0.0.1:4777/inspect/'))).toBeNull();
    expect(addressOf(new URL('chrome-extension://abc/index.html#token=x'))).toBeNull();
  });

  it('is typed whole, or in two parts', () => {
    expect(typedAddress(' http://127.0.0.1:4777/inspect/#token=a%2Bb ', '')).toEqual(address);
    expect(typedAddress('127.0.0.1:4777', ' a+b ')).toEqual(address);
    expect(typedAddress('127.0.0.1:4777', '')).toBeNull();
    expect(typedAddress('', 'token')).toBeNull();
    expect(typedAddress('http://', 'token')).toBeNull();
  });

  it('names the socket', () => {
    expect(serverOf({ host: 'h:1', token: 'a+b', protocol: 'ws' })).toBe('h:1/inspect/socket?token=a%2Bb');
  });
});

describe('visits', () => {
  const entered = (to: string, from: string | null, time: number): ShownTransition => ({
    sequence: time,
    time,
    from,
    to,
    event: '',
    cause: { type: 'created' },
    generation: 1,
    pid: null,
    decision: null,
    explanation: '',
    delay: null,
    context: null,
  });

  it('are counted with how long they lasted; a compound state is not entered anew from within', () => {
    const visits = countVisits([
      entered('running', null, 1000),
      entered('restarting.deciding', 'running', 3000),
      entered('restarting.backingOff', 'restarting.deciding', 3001),
      entered('running', 'restarting.backingOff', 4000),
    ]);
    expect(Object.fromEntries(visits)).toEqual({
      running: { count: 2, total: 2000 },
      restarting: { count: 1, total: 1000 },
      'restarting.deciding': { count: 1, total: 1 },
      'restarting.backingOff': { count: 1, total: 999 },
    });
  });
});

describe('words', () => {
  it('tell how long something lasts', () => {
    expect([0, 999, 1000, 59_999, 61_000, 7_500_000, 100_000_000].map(durationText)).toEqual([
      '0 ms',
      '999 ms',
      '1.0 s',
      '59 s',
      '1 min 01 s',
      '2 h 05 min',
      '1 d 3 h',
    ]);
  });

  it('of a line are its message, and what else a logger wrote', () => {
    const line = '{"level":"warn","msg":"slow","took":12,"pid":7}';
    expect(lineText({ line, level: 'warn' })).toBe('slow  took=12');
    expect(lineText({ line, level: null })).toBe(line);
    expect(lineText({ line: '{"level":"warn"', level: 'warn' })).toBe('{"level":"warn"');
    expect(lineText({ line: '{"level":"warn"}', level: 'warn' })).toBe('{"level":"warn"}');
  });
});
