import { redactArguments, resolveFleetConfig } from '../index.js';
import { loadAnyConfig } from './sidecar-config.js';

/** `sidecar validate`: says that the configuration is right, or everything that is wrong with it. */
export async function validate(named: string | undefined, { json }: { json: boolean }): Promise<void> {
  const loaded = await loadAnyConfig(named);
  const config = loaded.kind === 'fleet' ? resolveFleetConfig(loaded.config) : loaded.config;
  if (json) {
    console.log(JSON.stringify(config, null, 2));
    return;
  }
  const sidecars = 'members' in config ? config.members.map((member) => member.config) : [config];
  const runs = sidecars.map(({ name, process: { command, args } }) => {
    return `"${name}" runs ${redactArguments([command, ...args]).join(' ')}`;
  });
  const [only = ''] = runs;
  console.log(`${loaded.path} is right:${runs.length === 1 ? ` ${only}` : ['', ...runs].join('\n  ')}`);
}
