import { describe, expect, it } from 'vitest';
import { isAuthenticationOff, proofHeaders, readSecret } from '../../src/forst/invoke-proof.js';
import { HiddenLine } from '../../src/process/handoff.js';

/** The bytes 0 to 31. */
const TOKEN = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8';

describe('a proof', () => {
  it('is what openssl computes with the 32 bytes of the token as the key', async () => {
    const secret = readSecret(new HiddenLine(JSON.stringify({ generation: 7, token: TOKEN })), {});
    if (secret === null) throw new Error('there is one');
    expect(await proofHeaders(secret, { nonce: 'bm9uY2U', generation: 7 })).toEqual({
      'X-Forst-Invoke-Nonce': 'bm9uY2U',
      'X-Forst-Invoke-Generation': '7',
      'X-Forst-Invoke-Proof': '2y7JoiKnnwtTZsCaGLPgwWp-B2y4-NG2HAhWMEUyI3E',
    });
  });

  it('is of the generation that the token was handed over with', async () => {
    const secret = readSecret(new HiddenLine(JSON.stringify({ generation: 7, token: TOKEN })), {});
    if (secret === null) throw new Error('there is one');
    const { 'X-Forst-Invoke-Generation': generation } = await proofHeaders(secret, {
      nonce: 'n',
      generation: 8,
    });
    expect(generation).toBe('7');
  });

  it('is of the generation of the challenge when the token came without one', async () => {
    const secret = readSecret(null, { FORST_INVOKE_TOKEN: `${TOKEN}\n` });
    if (secret === null) throw new Error('there is one');
    expect(await proofHeaders(secret, { nonce: 'bm9uY2U', generation: 7 })).toMatchObject({
      'X-Forst-Invoke-Generation': '7',
      'X-Forst-Invoke-Proof': '2y7JoiKnnwtTZsCaGLPgwWp-B2y4-NG2HAhWMEUyI3E',
    });
  });
});

describe('a secret', () => {
  it('that was handed over goes before that of the environment', () => {
    const handed = new HiddenLine(JSON.stringify({ generation: 7, token: TOKEN }));
    expect(readSecret(handed, { FORST_INVOKE_TOKEN: 'b3RoZXI' })).toMatchObject({ generation: 7 });
  });

  it.each([{}, { FORST_INVOKE_TOKEN: '' }, { FORST_INVOKE_TOKEN: undefined }])(
    'is not there with %j',
    (environment) => {
      expect(readSecret(null, environment)).toBeNull();
    },
  );

  it.each(['no JSON of secret', '"secret"', '{"token":"secret"}', '{"generation":1,"token":""}', '[1]'])(
    'is not read from %j, which the error does not quote',
    (line) => {
      const read = () => readSecret(new HiddenLine(line), {});
      expect(read).toThrow('what the process handed over is not a token with its generation');
      expect(read).not.toThrow(/secret/);
    },
  );
});

it.each([
  ['off', true],
  ['OFF', true],
  ['0', true],
  ['false', true],
  ['on', false],
  ['', false],
  [undefined, false],
])('FORST_INVOKE_AUTH=%s switches it off: %s', (value, isOff) => {
  expect(isAuthenticationOff({ FORST_INVOKE_AUTH: value })).toBe(isOff);
});
