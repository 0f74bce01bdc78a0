import type { ChildProcess } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { OutputLine, ProcessNotice, ProcessReport } from '../../machines/sidecar.types.js';
import { freshPattern } from '../config/pattern.js';
import type { ResolvedSidecarConfig } from '../config/schema.js';
import type { Environment } from '../config/values.js';
import { watchFile } from '../os/file-watch.js';
import { LineSplitter } from '../output/lines.js';
import { type Redactor, redactorOf } from '../redact/redactor.js';
import { readAnnouncement } from './announced-endpoint.js';
import { HiddenLine } from './handoff.js';
import { LogSigns, singleChecks } from './log-signs.js';
import { SpawnError } from './spawn-failure.js';

/** The first descriptor after stdin, stdout and stderr. */
const FIRST_DESCRIPTOR = 3;

/**
 * What one process says of itself beside its output: lines that are waited for, sd_notify text on a pipe, a line
 * handed over on another, and a file in which it says where it listens.
 */
export class Announcements {
  /** Environment variables that name the inherited pipes. */
  readonly environment: Environment;
  readonly #config: ResolvedSidecarConfig;
  readonly #generation: number;
  readonly #report: (report: ProcessReport) => void;
  readonly #folder: string;
  readonly #redactor: Redactor;
  readonly #pipes: readonly ((pipe: Readable) => void)[];
  readonly #signs: LogSigns;
  #stopWatching = () => {};
  #isAnnounced = false;

  constructor(config: ResolvedSidecarConfig, generation: number, report: (report: ProcessReport) => void) {
    this.#config = config;
    this.#generation = generation;
    this.#report = report;
    this.#folder = resolve(config.process.cwd);
    this.#redactor = redactorOf(config);
    const pipes = this.#choosePipes();
    this.#pipes = pipes.map(({ read }) => read);
    this.environment = Object.fromEntries(
      pipes.map(({ variable }, index) => [variable, String(FIRST_DESCRIPTOR + index)]),
    );
    this.#signs = new LogSigns(this.#chooseSigns());
  }

  /** The descriptors that the process inherits beside stdin, stdout and stderr. */
  get stdio(): 'pipe'[] {
    return this.#pipes.map(() => 'pipe');
  }

  /** Takes away what an earlier process may have left: it would be believed. */
  async prepare(): Promise<void> {
    for (const path of this.#announcedFiles()) {
      await rm(path, { force: true }).catch((error: NodeJS.ErrnoException) => {
        const message = `the file ${path} of an earlier start can't be removed: ${error.message}`;
        throw new SpawnError({ code: error.code ?? 'UNKNOWN', message, permanent: true });
      });
    }
  }

  /** Begins to listen, once the process was started. */
  listen(child: ChildProcess): void {
    const pipes = child.stdio.slice(FIRST_DESCRIPTOR);
    for (const [index, read] of this.#pipes.entries()) {
      const pipe = pipes[index];
      if (pipe instanceof Readable) read(pipe);
    }
    const { endpoint } = this.#config;
    if (endpoint?.from === 'file') this.#watchEndpointFile(resolve(this.#folder, endpoint.path));
  }

  /** Looks for what is waited for in the output. */
  look(lines: readonly OutputLine[]): void {
    this.#signs.look(lines);
  }

  close(): void {
    this.#stopWatching();
  }

  #choosePipes(): { variable: string; read: (pipe: Readable) => void }[] {
    const { endpoint, process } = this.#config;
    const usesNotify =
      endpoint?.from === 'notify' || singleChecks(this.#config).some(({ type }) => type === 'notify');
    return [
      ...(usesNotify ? [{ variable: 'NOTIFY_FD', read: (pipe: Readable) => this.#readNotices(pipe) }] : []),
      ...(process.handoffVariable === undefined
        ? []
        : [{ variable: process.handoffVariable, read: (pipe: Readable) => this.#readHandoff(pipe) }]),
    ];
  }

  #chooseSigns() {
    const { endpoint } = this.#config;
    const checked = singleChecks(this.#config).flatMap((check) => {
      if (check.type !== 'log') return [];
      const notice: ProcessNotice = { type: 'log', pattern: String(check.pattern) };
      return [
        { pattern: freshPattern(check.pattern), stream: check.stream, seen: () => this.#notice(notice) },
      ];
    });
    if (endpoint?.from !== 'log') return checked;
    const seen = ({ groups, 1: only }: RegExpExecArray) => this.#announce(groups ?? only);
    return [...checked, { pattern: freshPattern(endpoint.pattern), stream: endpoint.stream, seen }];
  }

  #announcedFiles(): string[] {
    const { endpoint } = this.#config;
    const checked = singleChecks(this.#config).flatMap((check) =>
      check.type === 'file' ? [check.path] : [],
    );
    const paths = endpoint?.from === 'file' ? [...checked, endpoint.path] : checked;
    return paths.map((path) => resolve(this.#folder, path));
  }

  #readNotices(pipe: Readable): void {
    readLines(pipe, (line) => {
      const [, name, value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
      if (name === 'READY' && value === '1') this.#notice({ type: 'ready' });
      if (name === 'WATCHDOG' && value === '1') this.#notice({ type: 'watchdog' });
      if (name === 'STATUS') this.#notice({ type: 'status', text: this.#redactor.text(value) });
      if (name === 'X_ENDPOINT' && this.#config.endpoint?.from === 'notify') this.#announce(value);
    });
  }

  /** The last line counts: a process that replaces a child of its own hands over anew. */
  #readHandoff(pipe: Readable): void {
    readLines(pipe, (line) => {
      const handoff = new HiddenLine(line);
      this.#report({ type: 'process.handed', generation: this.#generation, handoff });
    });
  }

  #watchEndpointFile(path: string): void {
    const look = async () => {
      const text = await readFile(path, 'utf8').catch(() => null);
      const announced = text === null ? null : parseJson(text);
      // Not there, or not yet written to its end.
      if (announced === null || this.#isAnnounced) return;
      this.#stopWatching();
      this.#announce(announced);
    };
    this.#stopWatching = watchFile(path, () => void look());
  }

  #notice(notice: ProcessNotice): void {
    this.#report({ type: 'process.noticed', generation: this.#generation, notice });
  }

  #announce(announced: unknown): void {
    const generation = this.#generation;
    this.#isAnnounced = true;
    try {
      const endpoint = readAnnouncement(announced, this.#config.http.host, this.#folder);
      this.#report({ type: 'endpoint.announced', generation, endpoint });
    } catch (error) {
      this.#report({ type: 'endpoint.unusable', generation, error: this.#redactor.text(String(error)) });
    }
  }
}

function readLines(pipe: Readable, onLine: (line: string) => void): void {
  const splitter = new LineSplitter('stdout');
  const pass = (lines: readonly OutputLine[]) => {
    for (const { line } of lines) onLine(line);
  };
  pipe.on('data', (chunk: Buffer) => pass(splitter.push(chunk)));
  pipe.once('end', () => pass(splitter.end()));
  pipe.on('error', () => {
    // The process ended in the middle of a line; its end is told by 'exit'.
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
