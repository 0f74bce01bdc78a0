import { redactArguments } from '../index.js';
import { loadSidecarConfig } from './sidecar-config.js';

/** `sidecar validate`: says that the configuration is right, or everything that is wrong with it. */
export async function validate(named: string | undefined, { json }: { json: boolean }): Promise<void> {
  const { path, config } = await loadSidecarConfig(named);
  if (json) {
    console.log(JSON.stringify(config, null, 2));
    return;
  }
  const { command, args } = config.process;
  console.log(`${path} is right: "${config.name}" runs ${redactArguments([command, ...args]).join(' ')}`);
}
