import type { EmulatedTask } from '../../../harness/drivers/emulated.ts';

export type Task = EmulatedTask;

/** Reads what device to be, and removes it from the environment: the firmware's processes must not see the passwords. */
export function takeTask(): Task {
  const text = process.env['CUTOVER_EMULATED'];
  delete process.env['CUTOVER_EMULATED'];
  if (text === undefined) {
    process.stderr.write(
      'This program is the console of an emulated device. The harness starts it and says which in CUTOVER_EMULATED;\n' +
        'to see a device at work use `cutover run --device emu-…`.\n',
    );
    process.exit(64);
  }
  const task: Task = JSON.parse(text);
  if (!/^[a-z0-9-]+$/.test(task.console))
    throw new Error(`no console dialect is called ${JSON.stringify(task.console)}`);
  return task;
}
