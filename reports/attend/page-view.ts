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

export function isInHand(device: AttendedDevice, me: string): boolean {
  return device.by === me && me !== '' && device.state !== 'done' && device.state !== 'skipped';
}
