import { realpath } from 'node:fs/promises';
import { exportCompose } from '../export/compose.js';
import { type Exported, NotExportableError } from '../export/deployed-sidecar.js';
import { exportKubernetes, type KubernetesOptions } from '../export/kubernetes.js';
import { exportSystemd } from '../export/systemd.js';
import { exportSystemdService } from '../export/systemd-service.js';
import { resolveFleetConfig } from '../index.js';
import { CliError, ExitCode } from './cli-error.js';
import { type LoadedConfig, loadAnyConfig, loadSidecarConfig } from './sidecar-config.js';

export type ExportTarget =
  | ({ readonly target: 'kubernetes' } & KubernetesOptions)
  | { readonly target: 'systemd' }
  | { readonly target: 'compose'; readonly image: string };

/** `sidecar export systemd --service`: a unit in which this very command runs all of it. */
export async function exportService(named: string | undefined): Promise<void> {
  const loaded = await loadAnyConfig(named);
  const configs =
    loaded.kind === 'fleet'
      ? resolveFleetConfig(loaded.config).members.map(({ config }) => config)
      : [loaded.config];
  const { path, folder } = loaded;
  const command = [process.execPath, await realpath(process.argv[1] ?? '')] as const;
  process.stdout.write(exportSystemdService(configs, { command, config: path, folder }));
}

/** `sidecar export`: prints the configuration as another engine wants it, and in comments what is lost on the way. */
export async function exportFor(named: string | undefined, target: ExportTarget): Promise<void> {
  const loaded = await loadSidecarConfig(named);
  try {
    process.stdout.write(exported(loaded, target).text);
  } catch (error) {
    if (!(error instanceof NotExportableError)) throw error;
    throw new CliError(`${loaded.path}: ${error.message}`, ExitCode.usage, { cause: error });
  }
}

function exported({ config, folder }: LoadedConfig, target: ExportTarget): Exported {
  switch (target.target) {
    case 'kubernetes':
      return exportKubernetes(config, target);
    case 'systemd':
      return exportSystemd(config, folder);
    case 'compose':
      return exportCompose(config, target.image);
  }
}
