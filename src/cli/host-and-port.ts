import { CliError } from './cli-error.js';

/** `:8700` is that port of this machine only, as is `8700`. */
export function hostAndPort(address: string): { readonly host: string; readonly port: number } {
  const [, host = '', digits = ''] = /^(?:(.*):)?(\d{1,5})$/.exec(address) ?? [];
  const port = Number(digits);
  if (digits === '' || port > 65_535) {
    throw new CliError(`"${address}" is no address: write host:port, such as 127.0.0.1:8700`);
  }
  return { host: host.replace(/^\[|\]$/g, '') || '127.0.0.1', port };
}
