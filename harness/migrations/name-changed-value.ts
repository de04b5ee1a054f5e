/**
 * Version 0 to 1: the id of a counter-test names the value that it changes a key to, where that is one word, because
 * a key can be tried with several values: `counter-test-tls.min` became `counter-test-tls.min=1.0`.
 */
export function nameChangedValue(record: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { trial, change } = record;
  const to = typeof change === 'object' && change !== null && 'to' in change ? change.to : undefined;
  return typeof trial === 'string' && typeof to === 'string' ? { ...record, trial: `${trial}=${to}` } : record;
}
