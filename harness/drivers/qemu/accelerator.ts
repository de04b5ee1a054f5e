import type { GuestPlan } from './plan-guest.ts';

/** How the guest's processor is made. */
export async function chooseAccelerator(_plan: GuestPlan, signal: AbortSignal): Promise<'kvm' | 'tcg'> {
  signal.throwIfAborted();
  return 'tcg';
}
