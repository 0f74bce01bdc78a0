import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactArguments, redactEnvironment, redactFields, redactText } from '../../src/redact/redact.js';
import { Redactor } from '../../src/redact/redactor.js';
import { isSecretName } from '../../src/redact/secret-names.js';

describe('a secret name', () => {
  it.each([
    ...['TOKEN', 'GITHUB_TOKEN', 'GITHUBTOKEN', 'apiToken', 'api-token', '--token', 'token2', 'authToken'],
    ...[
      'SECRET',
      'CLIENT_SECRET',
      'clientSecret',
      'PASSWORD',
      'PGPASSWORD',
      'db.password',
      'passwd',
      'DB_PASS',
    ],
    ...[
      'API_KEY',
      'apiKey',
      'apikey',
      'x-api-key',
      'STRIPE_KEY',
      'PRIVATE_KEY',
      'privateKey',
      'AWS_ACCESS_KEY',
    ],
    ...['Authorization', 'CREDENTIALS', 'aws_credential', 'passphrase', 'Set-Cookie', '_auth'],
  ])('%s', (name) => expect(isSecretName(name)).toBe(true));

  it.each([
    ...[
      'PATH',
      'PWD',
      'HOME',
      'TOKENIZERS_PARALLELISM',
      'tokenizer',
      'bypass',
      'compass',
      'monkey',
      'KEYRING',
      'key',
    ],
    ...[
      'author',
      'authority',
      'secretary',
      'PASSWORD_FILE',
      'TOKEN_URL',
      'SSH_AUTH_SOCK',
      'AWS_ACCESS_KEY_ID',
    ],
  ])('but not %s', (name) => expect(isSecretName(name)).toBe(false));

  it('may be one more, with * for any text', () => {
    expect(isSecretName('ACME_LICENSE', ['acme_*'])).toBe(true);
    expect(isSecretName('license.v1', ['license.v?'])).toBe(false);
    expect(isSecretName('MY_ACME_LICENSE', ['acme_*'])).toBe(false);
  });
});

describe('a text', () => {
  it.each([
    ['--token=abc123 --port=80', '--token=[redacted] --port=80'],
    ['server --password hunter2 --verbose', 'server --password [redacted] --verbose'],
    ['API_KEY=abc,DEBUG=1', 'API_KEY=[redacted],DEBUG=1'],
    ['PASSWORD="two words" x', 'PASSWORD=[redacted] x'],
    ['{"user":"ada","secret":"s3","port":1}', '{"user":"ada","secret":[redacted],"port":1}'],
    ['GET http://h/p?token=abc&page=2', 'GET http://h/p?token=[redacted]&page=2'],
    ['url=http://h/p?api_key=abc', 'url=http://h/p?api_key=[redacted]'],
    ['postgres://ada:pw@db:5432/x', 'postgres://[redacted]@db:5432/x'],
    ['https://ghp_abc@github.com/x', 'https://[redacted]@github.com/x'],
    ['redis://:p@ss@cache/0', 'redis://[redacted]@cache/0'],
    ['Authorization: Bearer abc.def', 'Authorization: [redacted]'],
    ['sent Bearer abcdefgh.ij to it', 'sent Bearer [redacted] to it'],
    ['listening on http://127.0.0.1:8080/', 'listening on http://127.0.0.1:8080/'],
    ['me@example.com wrote key=value', 'me@example.com wrote key=value'],
    ['max_tokens: []', 'max_tokens: []'],
  ])('%s', (text, redacted) => expect(redactText(text)).toBe(redacted));

  it('is redacted once: a second time changes nothing', () => {
    const piece = fc.constantFrom(
      'token',
      '--',
      '=',
      ':',
      ' ',
      '"',
      "'",
      '\\',
      '://',
      '@',
      'a',
      '[',
      'Bearer ',
      ',',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const once = redactText(pieces.join(''));
        expect(redactText(once)).toBe(once);
      }),
    );
  });

  it('never shows a value behind a secret name, whatever is around it', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9+/=_.-]{6,40}$/);
    fc.assert(
      fc.property(secret, fc.lorem(), (value, words) => {
        expect(redactText(`${words} --token=${value} ${words}`)).toBe(`${words} --token=[redacted] ${words}`);
        expect(redactArguments(['--password', value])).toEqual(
          value.startsWith('-') ? ['--password', redactText(value)] : ['--password', '[redacted]'],
        );
      }),
    );
  });

  it.each([
    ['a', 'one word'],
    ['://', 'beginnings of URLs'],
    ['--token ', 'names'],
    ['token="', 'quotes'],
    ['"\\', 'escapes'],
    ['@', 'at signs'],
    ['Bearer ', 'schemes'],
  ])('of 2 MB of "%s" (%s) takes no time to speak of', (piece) => {
    // Quadratic, it would take hours.
    expect(redactText(piece.repeat(2_000_000 / piece.length)).length).toBeGreaterThan(0);
  });
});

describe('arguments, fields and an environment', () => {
  it('are redacted by their names', () => {
    expect(redactArguments(['run', '--api-key', 'abc', '-p', '80', '--secret=x'])).toEqual([
      ...['run', '--api-key', '[redacted]', '-p', '80', '--secret=[redacted]'],
    ]);
    expect(redactArguments(['--password', '--verbose'])).toEqual(['--password', '--verbose']);
    expect(redactEnvironment({ API_KEY: 'abc', HOME: '/root', GONE: undefined })).toEqual({
      API_KEY: '[redacted]',
      HOME: '/root',
    });
    expect(redactFields({ a: [{ apiKey: 'x', max_tokens: 5 }], dsn: 'pg://u:p@h', b: null })).toEqual({
      a: [{ apiKey: '[redacted]', max_tokens: 5 }],
      dsn: 'pg://[redacted]@h',
      b: null,
    });
  });

  it('that nest without end are cut', () => {
    let deep: unknown = 'token=abc';
    for (let depth = 0; depth < 1000; depth += 1) deep = { deep };
    expect(JSON.stringify(redactFields(deep)).length).toBeLessThan(200);
  });
});

describe('what a redactor has learned', () => {
  const redactor = () =>
    new Redactor({
      redact: ['LICENSE'],
      process: { args: ['--token=from-args', '--password', 'hunter2', '--db', 'pg://u:dbpassword@h/x'] },
      compile: { args: [], env: { NPM_TOKEN: 'from-compile' } },
    });

  it('is masked wherever it is found', () => {
    const each = redactor();
    each.learn({ LICENSE: 'licensed', SHORT_TOKEN: 'abc', KEY_PEM_PRIVATE_KEY: 'BEGIN KEY\nbase64line\n' });
    expect(each.text('from-args hunter2 dbpassword from-compile licensed abc base64line')).toBe(
      '[redacted] [redacted] [redacted] [redacted] [redacted] abc [redacted]',
    );
    expect(each.command('server', ['--license', 'licensed', '--x', 'y'])).toBe(
      'server --license [redacted] --x y',
    );
    expect(each.lines(['a', 'b hunter2'])).toEqual(['a', 'b [redacted]']);
  });

  it('is bounded, the oldest is forgotten first', () => {
    const each = redactor();
    for (let run = 0; run < 1000; run += 1) each.learn({ TOKEN: `generated-${run}-end` });
    expect(each.text('generated-999-end')).toBe('[redacted]');
    expect(each.text('generated-1-end')).toBe('generated-1-end');
  });
});
