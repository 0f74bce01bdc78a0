import type { Project } from './project.js';

/** What `sidecar init` writes: a configuration that explains itself, and is right as it stands. */
export function configTemplate(project: Project): string {
  if (project.kind === 'forst') return forstTemplate(project.root);
  const { compile, command, args, note } = programOf(project);
  return `import { defineConfig } from 'sidecar-machine';

// All settings and their defaults: docs/configuration.md of sidecar-machine. Paths are relative to this file.
export default defineConfig({
  name: ${text(project.name)},

  // Port 0: a free port, anew for each process. The program learns it from the environment variable PORT, or from
  // {port} in its arguments. For a Unix socket: transport: 'ipc', ipc: { socketPath: '…' }, and SOCKET_PATH.
  http: { port: 0, host: '127.0.0.1' },
${compile === null ? '' : `\n${compile}\n`}
  process: {${note === null ? '' : `\n    // ${note}`}
    command: ${text(command)},
    args: [${args.map(text).join(', ')}],
    // After a crash: again after restartDelay, then twice as long each time; at most maxRestarts in restartWindow.
    restartDelay: 1000,
    maxRestarts: 5,
    // Grace period between SIGTERM and SIGKILL, in milliseconds.
    stopTimeout: 10_000,
  },

  // It is up when GET /health answers with a 2xx. Others: { liveness: { type: 'tcp' } }, 'grpc', 'exec', 'log', …
  healthCheck: { path: '/health', interval: 10_000 },

  // Of its whole process group. Broken for three samples in a row, it is replaced.
  resources: { maxMemoryMB: 512 },
});
`;
}

interface Program {
  readonly compile: string | null;
  readonly command: string;
  readonly args: readonly string[];
  readonly note: string | null;
}

function programOf(project: Exclude<Project, { kind: 'forst' }>): Program {
  const { name } = project;
  switch (project.kind) {
    case 'go':
      return {
        compile: compileSection(
          'go',
          ['build', '-o', `build/${name}`, '.'],
          ['**/*.go', 'go.mod'],
          `build/${name}`,
        ),
        command: `./build/${name}`,
        args: [],
        note: null,
      };
    case 'rust':
      return {
        compile: compileSection(
          'cargo',
          ['build', '--release'],
          ['src/**/*.rs', 'Cargo.toml'],
          `target/release/${name}`,
        ),
        command: `./target/release/${name}`,
        args: [],
        note: null,
      };
    case 'python':
      return {
        compile: null,
        command: 'python3',
        args: project.module === null ? ['-u', 'main.py'] : ['-u', project.module],
        note: 'With a virtual environment: .venv/bin/python. -u keeps Python from holding its output back.',
      };
    case 'node':
      return { compile: null, command: 'node', args: [project.main], note: null };
    case 'unknown':
      return {
        compile: null,
        command: './server',
        args: ['--port', '{port}'],
        note: 'The program to run: a name on PATH, or a path.',
      };
  }
}

function compileSection(command: string, args: string[], inputs: string[], output: string): string {
  return `  // Skipped while the output is newer than all inputs.
  compile: {
    command: ${text(command)},
    args: [${args.map(text).join(', ')}],
    inputs: [${inputs.map(text).join(', ')}],
    outputs: [${text(output)}],
  },`;
}

function forstTemplate(entry: string): string {
  return `import { defineConfig, forstPreset } from 'sidecar-machine';

// Builds a binary with "forst build" and runs that. While you develop, form: 'dev' runs "forst dev" instead, which
// compiles by itself. Whatever else you set here wins over the preset: name, resources, healthCheck, …
export default defineConfig(forstPreset({ form: 'build', entry: ${text(`./${entry}`)} }));
`;
}

/** As a literal in single quotes. */
function text(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
