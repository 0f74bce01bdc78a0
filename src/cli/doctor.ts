import { ServiceControl, ServiceNotRunningError, type ServiceStatus } from '../control.js';
import { examineMachine } from '../doctor/examine-machine.js';
import { examineSidecar } from '../doctor/examine-sidecar.js';
import { type Finding, messageOf, note, ok, problem } from '../doctor/finding.js';
import { resolveFleetConfig } from '../index.js';
import { CliError, ExitCode } from './cli-error.js';
import { colors } from './colors.js';
import { type LoadedAny, loadAnyConfig } from './sidecar-config.js';

interface Section {
  readonly title: string;
  readonly findings: readonly Finding[];
}

/** `sidecar doctor`: what keeps the sidecars from running here, or from being protected, and what to do about it. */
export async function doctor(named: string | undefined, { json }: { json: boolean }): Promise<void> {
  const sections = [
    ...(await sectionsOf(named)),
    { title: 'this machine', findings: await examineMachine() },
  ];
  if (json) console.log(JSON.stringify(sections, null, 2));
  else for (const line of sections.flatMap(linesOf)) console.log(line);
  const problems = sections
    .flatMap(({ findings }) => findings)
    .filter(({ level }) => level === 'problem').length;
  if (problems > 0) process.exitCode = ExitCode.failed;
}

async function sectionsOf(named: string | undefined): Promise<readonly Section[]> {
  const title = 'configuration';
  let loaded: LoadedAny;
  try {
    loaded = await loadAnyConfig(named);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return [
      { title, findings: [problem(error.message, 'mend it; docs/configuration.md has every setting')] },
    ];
  }
  const { status, finding } = await lookForService(loaded.path);
  const members =
    loaded.kind === 'fleet' ? resolveFleetConfig(loaded.config).members : [{ config: loaded.config }];
  const running = new Set(status?.sidecars.filter(({ pid }) => pid !== null).map(({ name }) => name));
  const sections = members.map(async ({ config }) => ({
    title: config.name,
    findings: await examineSidecar(config, running.has(config.name)),
  }));
  return [{ title, findings: [ok(`${loaded.path} is right`), finding] }, ...(await Promise.all(sections))];
}

async function lookForService(
  config: string,
): Promise<{ readonly status: ServiceStatus | null; readonly finding: Finding }> {
  try {
    const status = await new ServiceControl({ config }).status();
    return { status, finding: ok(`a service of it is running (pid ${status.pid})`) };
  } catch (error) {
    if (error instanceof ServiceNotRunningError)
      return { status: null, finding: ok('no service of it is running') };
    const text = `a service of it is there, and does not answer: ${messageOf(error)}`;
    return { status: null, finding: note(text, 'look at what it prints, or end it') };
  }
}

const marks: Readonly<Record<Finding['level'], string>> = {
  ok: colors.green('ok     '),
  note: colors.yellow('note   '),
  problem: colors.red('problem'),
};

function linesOf({ title, findings }: Section): readonly string[] {
  const lines = findings.flatMap(({ level, text, advice }) => [
    `  ${marks[level]}  ${text.replaceAll('\n', '\n           ')}`,
    ...(advice === null ? [] : [`           ${colors.dim(`→ ${advice}`)}`]),
  ]);
  return [colors.bold(title), ...lines];
}
