/** The configuration file can't be read, or is wrong; the message says all of it. */
export class ConfigReadError extends Error {
  override readonly name = 'ConfigReadError';
}
