import { accessSync, constants } from 'node:fs';
import { createDeadline } from '../../deadline.ts';
import { openPty } from '../pty.ts';
import { type GuestPlan, isPc } from './plan-guest.ts';

export type Accelerator = 'kvm' | 'tcg';

/** A kernel without a root panics 0.5 s after its start where KVM works. */
const PROOF_MS = 4000;
const KVM = '/dev/kvm';

const proven = new Map<string, Promise<boolean>>();

/**
 * KVM only where it has proven itself with the very kernel that is to be booted: on some nested hosts it is there, and
 * a stock kernel hangs, or QEMU aborts. For a disk, whose kernel is not known, QEMU translates (TCG). One proof a
 * kernel and process.
 */
export async function chooseAccelerator(
  plan: Pick<GuestPlan, 'architecture' | 'emulator' | 'kernel'>,
  signal: AbortSignal,
  device = KVM,
): Promise<Accelerator> {
  signal.throwIfAborted();
  const { kernel, emulator } = plan;
  if (kernel === undefined || !isPc(plan.architecture) || process.arch !== 'x64' || !mayOpen(device)) return 'tcg';
  const key = `${emulator} ${kernel}`;
  const proof = proven.get(key) ?? proveKvm(emulator, kernel);
  proven.set(key, proof);
  return (await proof) ? 'kvm' : 'tcg';
}

function mayOpen(device: string): boolean {
  try {
    accessSync(device, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Boots the kernel without anything to run: it panics, restarts, and that ends the emulator. Hanging, it is killed. */
async function proveKvm(emulator: string, kernel: string): Promise<boolean> {
  const ended = Promise.withResolvers<string>();
  const machine = ['-machine', 'pc', '-accel', 'kvm', '-cpu', 'host', '-m', '256', '-no-reboot'];
  const quiet = ['-no-user-config', '-nodefaults', '-display', 'none', '-serial', 'null', '-monitor', 'none'];
  await using _ = await openPty({
    program: emulator,
    args: [...quiet, ...machine, '-kernel', kernel, '-append', 'panic=-1'],
    name: 'kvm',
    onEnd: ended.resolve,
  });
  using deadline = createDeadline({ totalMs: PROOF_MS });
  const raced = await deadline.race(ended.promise);
  return raced.kind === 'finished' && raced.value === 'kvm ended with exit code 0';
}
