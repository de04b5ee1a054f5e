import type { Language } from '../../harness/cause-texts.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import { deviceName, kindWord } from '../device-words.ts';

/** One line a device, with the command that gives its answer; more than a person on the phone wants to hear are counted. */
export function renderCandidates(devices: readonly Device[], shown: number, language: Language): readonly string[] {
  const names = devices.slice(0, shown).map((device) => {
    return { id: device.id, name: `${shortened(deviceName(device, language))} (${kindWord(device.kind, language)})` };
  });
  const width = Math.max(0, ...names.map(({ name }) => name.length));
  const rest = devices.length - names.length;
  return [
    ...names.map(({ id, name }) => `  ${name.padEnd(width)}  cutover lookup ${id}`),
    ...(rest > 0 ? [`  (${rest} ${MORE[language]})`] : []),
  ];
}

/** Some entries stand for a dozen models and name them all. */
function shortened(name: string): string {
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 2).trimEnd()} …`;
}

const LONGEST_NAME = 60;

const MORE = {
  de: 'weitere Treffer; mit mehr Wörtern eingrenzen',
  en: 'more hits; narrow down with more words',
} as const;
