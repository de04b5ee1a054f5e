import type { Language } from '../../harness/cause-texts.ts';
import type { AttendedDevice, AttendView } from '../../harness/vocabulary/attend.ts';
import type { Schedule } from '../phase.ts';
import type { Words } from './words.ts';

/** What every part of the page is rendered from. */
export interface PageView {
  readonly attend: AttendView;
  readonly language: Language;
  readonly words: Words;
  readonly schedule: Schedule;
  /** Name of the person at this tablet. */
  readonly me: string;
  /** Devices that are open on this tablet, in the order in which they were opened. */
  readonly opened: readonly string[];
  readonly query: string;
  readonly filter: Filter;
}

export const FILTERS = ['all', 'free', 'busy', 'stuck', 'done', 'skipped'] as const;
export type Filter = (typeof FILTERS)[number];

/** The press that somebody who looks at the device now speaks of: see `PressOrdinal`. */
export function spokenPress({ state, problem, results }: AttendedDevice): number {
  const isOn = state === 'armed' || state === 'connected' || state === 'stuck' || problem === 'restarted';
  return isOn || results.length === 0 ? results.length + 1 : results.length;
}

/** Connections one of which is the device's, as far as can be told: the person in front of it says which. */
export function candidatesFor({ strangers }: AttendView, { id, problem }: AttendedDevice): AttendView['strangers'] {
  return problem === 'ambiguous' ? strangers.filter((s) => s.mayBe.includes(id)) : [];
}

export function isInHand(device: AttendedDevice, me: string): boolean {
  return device.by === me && me !== '' && device.state !== 'done' && device.state !== 'skipped';
}
