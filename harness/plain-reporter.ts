import type { Reporter, TestCase } from 'vitest/node';

/** Prints the run's totals as the last line, in the form that CI reads: `N passed, N failed, N skipped`. */
export default class PlainReporter implements Reporter {
  readonly #count = { passed: 0, failed: 0, skipped: 0, pending: 0 };

  onTestCaseResult(test: TestCase): void {
    this.#count[test.result().state] += 1;
  }

  onTestRunEnd(modules: readonly { errors(): readonly unknown[] }[], unhandled: readonly unknown[]): void {
    const broken = modules.filter((m) => m.errors().length > 0).length + unhandled.length;
    const { passed, failed, skipped } = this.#count;
    // After the default reporter's summary, which is printed when all reporters have ended.
    process.on('exit', () => console.log(`${passed} passed, ${failed + broken} failed, ${skipped} skipped`));
  }
}
