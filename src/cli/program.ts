import { Argument, Command, Option } from 'commander';
import type { Shell } from './completion.js';
import { CONFIG_HELP } from './help-texts.js';
import { addServiceCommands } from './service-commands.js';
import { packageVersion } from './version.js';

const AFTERWARDS = `
Exit codes: 0 as asked · 1 it failed, or a sidecar ended against its will · 2 wrong usage or configuration ·
130 ended at once by a second Ctrl-C

Paths in a configuration file are relative to its folder.`;

interface RunFlags {
  readonly config?: string;
  readonly json?: true;
  readonly control: boolean;
  readonly listen?: string;
  readonly inspect?: string | boolean;
}

/** The command line. What a command does is loaded when it is the one that was typed: help must not wait for it. */
export function createProgram(): Command {
  const program = new Command('sidecar')
    .description('Runs helper processes beside an application, and is honest about them.')
    .version(packageVersion(), '-v, --version')
    .showHelpAfterError('(sidecar --help lists the commands)')
    .exitOverride()
    .addHelpText('after', AFTERWARDS);

  program
    .command('init')
    .description('look at this folder and write a commented sidecar.config.ts')
    .option('--force', 'replace a configuration file that is there')
    .action(async (options: { force?: true }) => {
      const { init } = await import('./init.js');
      await init({ force: options.force === true });
    });

  program
    .command('run')
    .description('compile and run the sidecars in the foreground, until Ctrl-C')
    .argument('[names...]', 'only these of a fleet, and what they depend on')
    .option('-c, --config <file>', CONFIG_HELP)
    .option('--json', 'print every event as a line of JSON')
    .option('--listen <host:port>', 'answer the other commands over TCP, too, to whoever has the token')
    .option('--no-control', 'do not answer the other commands at all')
    .option(
      '--inspect [host:port]',
      'serve the page that shows them there (on a terminal: at a free port of this machine)',
    )
    .option('--no-inspect', 'do not serve that page')
    .action(async (names: string[], options: RunFlags) => {
      const { standBehindInit } = await import('./init-process.js');
      await standBehindInit();
      // Before what it runs is loaded.
      const { spareMemory } = await import('../service/spare-memory.js');
      spareMemory();
      const { run } = await import('./run.js');
      const { config, json, control, listen, inspect } = options;
      await run(config, { names, json: json === true, control, listen, inspect });
    });

  addServiceCommands(program);

  program
    .command('validate')
    .description('check the configuration, and list everything that is wrong with it')
    .option('-c, --config <file>', CONFIG_HELP)
    .option('--json', 'print the configuration with all defaults')
    .action(async (options: { config?: string; json?: true }) => {
      const { validate } = await import('./validate.js');
      await validate(options.config, { json: options.json === true });
    });

  program
    .command('graph')
    .description('print the statechart of a sidecar')
    .addOption(new Option('--mermaid', 'as a Mermaid diagram (the default)').conflicts(['dot', 'json']))
    .addOption(new Option('--dot', 'for Graphviz').conflicts(['mermaid', 'json']))
    .addOption(new Option('--json', 'as data').conflicts(['mermaid', 'dot']))
    .option('--overview', 'the top-level states only')
    .action(async (options: { dot?: true; json?: true; overview?: true }) => {
      const { graph } = await import('./graph.js');
      const format = options.dot ? 'dot' : options.json ? 'json' : 'mermaid';
      graph({ format, isOverview: options.overview === true });
    });

  const exports = program
    .command('export')
    .description('write the configuration for an engine that runs it on other machines');
  exports
    .command('kubernetes')
    .description('a Pod in which it is a native sidecar')
    .option('-c, --config <file>', CONFIG_HELP)
    .requiredOption('--image <image>', 'the image that has the program of the sidecar')
    .option('--app-image <image>', 'the image of the application beside it', 'your-application')
    .option('--deployment', 'a Deployment of such Pods')
    .action(async (options: { config?: string; image: string; appImage: string; deployment?: true }) => {
      const { image, appImage, deployment } = options;
      const { exportFor } = await import('./export.js');
      await exportFor(options.config, {
        target: 'kubernetes',
        image,
        appImage,
        isDeployment: deployment === true,
      });
    });
  exports
    .command('systemd')
    .description('a unit that runs the program of the sidecar')
    .option('-c, --config <file>', CONFIG_HELP)
    .option('--service', 'a unit that runs "sidecar run", with all that is configured')
    .action(async (options: { config?: string; service?: true }) => {
      const { exportFor, exportService } = await import('./export.js');
      if (options.service === true) await exportService(options.config);
      else await exportFor(options.config, { target: 'systemd' });
    });
  exports
    .command('compose')
    .description('a service of Docker Compose')
    .option('-c, --config <file>', CONFIG_HELP)
    .requiredOption('--image <image>', 'the image that has the program of the sidecar')
    .action(async (options: { config?: string; image: string }) => {
      const { exportFor } = await import('./export.js');
      await exportFor(options.config, { target: 'compose', image: options.image });
    });

  program
    .command('doctor')
    .description('look for what keeps the sidecars from running here, and say what to do')
    .option('-c, --config <file>', CONFIG_HELP)
    .option('--json', 'as data')
    .action(async (options: { config?: string; json?: true }) => {
      const { doctor } = await import('./doctor.js');
      await doctor(options.config, { json: options.json === true });
    });

  program
    .command('completion')
    .description('print a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: Shell) => {
      const { completion } = await import('./completion.js');
      completion(program, shell);
    });

  return program;
}
