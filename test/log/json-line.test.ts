import { describe, expect, it } from 'vitest';
import { readJsonLine } from '../../src/log/json-line.js';

describe('a line in JSON', () => {
  it.each([
    ['pino', '{"level":40,"time":1,"pid":7,"hostname":"h","msg":"slow"}', 'warn', 'slow'],
    [
      'bunyan',
      '{"name":"a","hostname":"h","pid":7,"level":60,"msg":"dead","time":"t","v":0}',
      'error',
      'dead',
    ],
    ['zap', '{"level":"dpanic","ts":1.5,"caller":"a.go:1","msg":"odd"}', 'error', 'odd'],
    ['zerolog', '{"level":"trace","time":1,"message":"here"}', 'debug', 'here'],
    ['slog', '{"time":"t","level":"INFO+2","msg":"up","port":1}', 'info', 'up'],
    ['slog below debug', '{"time":"t","level":"DEBUG-4","msg":"up"}', 'debug', 'up'],
    ['logrus', '{"level":"warning","msg":"w","time":"t"}', 'warn', 'w'],
    ['Google Cloud', '{"severity":"CRITICAL","message":"m"}', 'error', 'm'],
    ['python-json-logger', '{"levelname":"ERROR","message":"m"}', 'error', 'm'],
    ['structlog', '{"level":"info","event":"started"}', 'info', 'started'],
    ['the Elastic Common Schema', '{"@timestamp":"t","log.level":"warn","message":"m"}', 'warn', 'm'],
    ['no level', '{"msg":"hello"}', 'info', 'hello'],
    ['a level that nobody knows', '{"level":"loud","msg":"hello"}', 'info', 'hello'],
    ['no message', '{"level":"error","code":5}', 'error', ''],
  ])('of %s', (_, line, level, message) => {
    expect(readJsonLine(line)).toMatchObject({ level, message });
  });

  it('keeps all its other fields', () => {
    const line = '{"level":30,"msg":"m","time":1,"err":{"stack":"s"},"__proto__":{"polluted":true}}';
    const read = readJsonLine(line);
    expect(Object.keys(read?.fields ?? {})).toEqual(['time', 'err', '__proto__']);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    expect(readJsonLine('{"level":"loud","msg":"m"}')?.fields).toEqual({ level: 'loud' });
  });

  it.each([
    ['text', 'listening on http://127.0.0.1:80'],
    ['a list', '["level", 30]'],
    ['broken', '{"level":30,"msg":"m"'],
    ['broken inside', '{level:30}'],
    ['an object that is no line of a log', '{"id":5,"name":"x"}'],
    ['too long', `{"msg":"${'x'.repeat(40_000)}"}`],
    ['named as what every object has', '{"level":"constructor"}'],
  ])('is not one that is %s', (_, line) => expect(readJsonLine(line)).toBeNull());
});
