import { askEngine } from '../containers/engine.ts';
import { planGuest } from '../drivers/qemu/plan-guest.ts';
import { checkRoot } from '../drivers/rootfs/check-root.ts';
import { architectureOf, findEntry } from '../drivers/rootfs/find-entry.ts';
import { HarnessFault } from '../faults.ts';
import { findGuestImage } from '../guests/find.ts';
import type { Device } from '../vocabulary/device.ts';
import type { RootfsReach } from '../vocabulary/root-reach.ts';

/** Why a guest cannot be started here, as a sentence with what to install or build; null: it can, or is no guest. */
export async function whyNoGuest({ reach }: Device): Promise<string | null> {
  if (reach?.driver === 'qemu') return whyNot(planGuest(reach));
  if (reach?.driver === 'rootfs') return (await whyNot(findRoot(reach))) ?? (await whyNoEntry(reach));
  return null;
}

async function findRoot({ image, root }: RootfsReach): Promise<void> {
  if (image !== undefined) await findGuestImage(image);
  if (root !== undefined) checkRoot(root);
}

async function whyNoEntry(reach: RootfsReach): Promise<string | null> {
  const entry = findEntry(architectureOf(reach), (await askEngine()).kind === 'ready');
  return entry.kind === 'none' ? `${entry.why} (${entry.advice})` : null;
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
