import { fromCallback } from 'xstate';
import type { CompileFailure, CompileInput, CompileReport } from '../../machines/sidecar.types.js';
import { redactorOf } from '../redact/redactor.js';
import type { compile } from './compile.js';

/** Compiles once, tells each line as it comes, and reports the result. Aborted when the chart leaves the state. */
export const compileActor = fromCallback<{ type: 'none' }, CompileInput>(({ input, sendBack }) => {
  const { config, compilation } = input;
  if (config.compile === undefined) throw new Error('The chart is wrong: there is nothing to compile.');
  const startedAt = performance.now();
  const abort = new AbortController();

  const report = (event: CompileReport) => {
    if (!abort.signal.aborted) sendBack(event);
  };
  const reportFailure = (failure: CompileFailure) =>
    report({ type: 'compile.failed', compilation, failure: withoutSecrets(failure, config) });

  compileIt(config.compile, abort.signal, (lines) => report({ type: 'compile.output', lines })).then(
    (result) => {
      if (result.outcome === 'failed') {
        reportFailure(result.failure);
        return;
      }
      const duration = performance.now() - startedAt;
      report({ type: 'compile.done', compilation, outcome: result.outcome, duration });
    },
    (error: unknown) => {
      // An aborted compilation has nobody left to tell. Anything else is unforeseen, and still a failure.
      reportFailure({
        kind: 'unusable',
        message: `the compilation broke off: ${error instanceof Error ? error.message : String(error)}`,
        command: config.compile?.command ?? '',
        exitCode: null,
        signal: null,
        tail: [],
      });
    },
  );

  return () => abort.abort();
});

/** Loaded by those that have something to compile. */
const compileIt: typeof compile = async (...args) => (await import('./compile.js')).compile(...args);

/** From here on it is shown: in errors, events, the status and the history. */
function withoutSecrets(failure: CompileFailure, config: CompileInput['config']): CompileFailure {
  const redactor = redactorOf(config);
  // What the compiler has inherited.
  redactor.learn(process.env);
  const { message, command, tail } = failure;
  return {
    ...failure,
    message: redactor.text(message),
    command: redactor.text(command),
    tail: redactor.lines(tail),
  };
}
