/** Aborts on Ctrl-C; a second one ends the process at once. */
export interface Interrupt extends Disposable {
  readonly signal: AbortSignal;
}

/** Faster than a person presses Ctrl-C again. */
const REPEAT_MS = 500;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Replaces the default end of the process, so that servers, devices and files are closed in order. */
export function onInterrupt(): Interrupt {
  const controller = new AbortController();
  let firstAt = 0;
  const handle = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      // The launcher passes on what the whole process group already got, and a terminal that closes hangs up twice.
      if (signal === 'SIGHUP' || performance.now() - firstAt < REPEAT_MS) return;
      process.exit(130);
    }
    firstAt = performance.now();
    console.error(`\ncutover: ${signal}: closing; what was recorded is kept (once more ends at once)`);
    controller.abort(new DOMException(`stopped by ${signal}`, 'AbortError'));
  };
  for (const signal of SIGNALS) process.on(signal, handle);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const signal of SIGNALS) process.off(signal, handle);
    },
  };
}
