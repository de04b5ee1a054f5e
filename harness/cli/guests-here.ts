import { planGuest } from '../drivers/qemu/plan-guest.ts';
import { HarnessFault } from '../faults.ts';
import { findGuestImage } from '../guests/find.ts';
import type { Device } from '../vocabulary/device.ts';

/** Why a guest cannot be started here, as a sentence with what to install or build; null: it can, or is no guest. */
export async function whyNoGuest({ reach }: Device): Promise<string | null> {
  if (reach?.driver === 'qemu') return whyNot(planGuest(reach));
  if (reach?.driver === 'rootfs' && reach.image !== undefined) return whyNot(findGuestImage(reach.image));
  return null;
}

async function whyNot(finding: Promise<unknown>): Promise<string | null> {
  try {
    await finding;
    return null;
  } catch (fault) {
    if (!(fault instanceof HarnessFault)) throw fault;
    return fault.advice === undefined ? fault.message : `${fault.message} (${fault.advice})`;
  }
}
