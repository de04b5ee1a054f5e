import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's heap near what lives in it. By itself V8 lets the heap become four times as large before it collects, and
 * the young generation 100 MB: what a trial leaves would be 400 MB of garbage over 300 devices, of 50 MB that live.
 * Measured there: 405 MB before, 200 MB after, for a third more processor time. Both flags are read at every
 * collection, so that they work without another start of the process.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=50');
  setFlagsFromString('--semi-space-growth-factor=1');
}
