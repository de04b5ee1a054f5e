import type { AttendedDevice, AttendView } from '../../harness/vocabulary/attend.ts';
import { verdictName } from '../verdict-texts.ts';
import type { PageView } from './page-view.ts';
import { outcomeWords } from './render-results.ts';
import { situationOf } from './render-verdict.ts';

/** What a screen reader is told of a change: results and problems of the opened devices, and strangers. "" is nothing. */
export function newsOf(before: AttendView, view: PageView): string {
  const { attend, words, opened } = view;
  const known = new Set(before.strangers.map((s) => s.id));
  const stranger = attend.strangers.some((s) => !known.has(s.id)) ? [words.strangers] : [];
  const devices = attend.devices.filter((d) => opened.includes(d.id));
  return [...devices.flatMap((d) => deviceNews(before, view, d)), ...stranger].join('. ');
}

function deviceNews({ devices }: AttendView, view: PageView, device: AttendedDevice): readonly string[] {
  const before = devices.find((d) => d.id === device.id);
  const news: string[] = [];
  const newest = device.results.at(-1);
  if (newest !== undefined && device.results.length > (before?.results.length ?? 0)) {
    news.push(outcomeWords(view, device, newest));
  }
  if (device.state !== before?.state) {
    if (device.state === 'done') news.push(...device.verdicts.map((v) => verdictName(situationOf(view, device, v))));
    if (device.state === 'stuck' && device.problem !== undefined) news.push(view.words.problems[device.problem].what);
    if (device.state === 'connected') news.push(view.words.connected);
  }
  return news.length === 0 ? [] : [`${device.name}: ${news.join('. ')}`];
}
