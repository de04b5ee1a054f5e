import { createLogUpdate } from 'log-update';
import type { Record } from '../vocabulary/record.ts';

export interface Progress extends Disposable {
  record(record: Record): void;
}

/** Devices whose last trial is shown at a time; the rest is a number. */
const SHOWN = 6;

/** Shows a run on stderr: live in a terminal, else one plain line a question. */
export function openProgress(devices: readonly string[]): Progress {
  const live = process.stderr.isTTY ? createLogUpdate(process.stderr) : null;
  const last = new Map<string, string>();
  let trials = 0;
  return {
    record(record) {
      trials += 1;
      const line = `${record.device.id}  ${record.mode}  ${record.role}: ${record.outcome}${record.cause === undefined ? '' : ` ${record.cause}`}`;
      last.delete(record.device.id);
      last.set(record.device.id, line);
      if (live !== null)
        live(
          [`${trials} trials, ${last.size} of ${devices.length} devices seen`, ...[...last.values()].slice(-SHOWN)]
            .map((l) => `  ${l}`)
            .join('\n'),
        );
      else if (record.role === 'question') process.stderr.write(`${line}\n`);
    },
    [Symbol.dispose]: () => live?.clear(),
  };
}
