import type { Assessment } from './assess.ts';
import type { Texts } from './texts.ts';

/** Go or not yet; after the day the question is another one: whether it can stay so. */
export function recommendation({ ready, schedule }: Pick<Assessment, 'ready' | 'schedule'>, texts: Texts): string {
  const isAhead = schedule.phase === 'before' || schedule.phase === 'trial';
  if (isAhead) return ready ? texts.ready : texts.notReady;
  return ready ? texts.readySince : texts.notReadySince;
}
