/**
 * What is called so holds a secret: in names of environment variables, arguments, headers and fields, written as
 * `API_TOKEN`, `apiToken` or `api-token`. A plural counts, `tokenizer` and `bypass` do not.
 */
const SECRET =
  /(?:tokens?|secrets?|passwords?|passwd|passphrases?|credentials?|authorization|cookies?)(?:\d*)(?=_|$)|(?:^|_)(?:pass|pwd|auth)(?=_|$)|(?:api|access|private|signing|encryption)keys?(?=_|$)|_keys?$/;

/** Where a shell is: a folder that many paths begin with, and no password. */
const WORKING_DIRECTORY = 'PWD';

/** What is called so says where a secret is, and not what it is. */
const LOCATION = /_(?:file|path|dir|folder|url|uri|id|sock)$/;

/**
 * Whether a name says that a secret is behind it.
 *
 * @param more further names, in which `*` stands for any text; upper and lower case are the same
 */
export function isSecretName(name: string, more: readonly string[] = []): boolean {
  return saysSecret(name) || more.some((pattern) => matches(pattern, name));
}

/** The names of an environment are asked about with each process. */
const asked = new Map<string, boolean>();
const MOST_ASKED = 1000;

function saysSecret(name: string): boolean {
  const known = asked.get(name);
  if (known !== undefined) return known;
  const snake = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z\d]+/g, '_')
    .toLowerCase();
  const answer = name !== WORKING_DIRECTORY && SECRET.test(snake) && !LOCATION.test(snake);
  if (asked.size >= MOST_ASKED) asked.clear();
  asked.set(name, answer);
  return answer;
}

function matches(pattern: string, name: string): boolean {
  const source = pattern.split('*').map(escapeRegExp).join('.*');
  return new RegExp(`^${source}$`, 'is').test(name);
}

/** Text as the source of a regular expression that matches just it. */
export function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
