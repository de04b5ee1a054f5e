import { existsSync, readFileSync, statSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import type { ReportInput } from '../contract.ts';
import type { Record } from '../../harness/vocabulary/record.ts';
import type { Step } from './step.ts';
import type { Words } from './words.ts';

/** The trial's files, each in a step; a transcript also as text, because few people have a player at hand. */
export function evidenceSteps(record: Record, input: ReportInput, words: Words): readonly Step[] {
  return record.attachments.map((attachment): Step => {
    const path = input.attachmentPath(record, attachment);
    if (!existsSync(path)) return { name: `${attachment.name}: ${words.gone}`, status: 'skipped' };
    const extension = attachment.name.split('.').at(-1) ?? 'bin';
    const file = { name: attachment.name, type: attachment.type, extension, path };
    const text = extension === 'cast' ? [transcript(path)] : [];
    return { name: attachment.name, status: 'passed', files: [...text, file] };
  });
}

function transcript(path: string) {
  return { name: 'console.txt', type: 'text/plain', extension: 'txt', text: castToText(path) };
}

/** The output of an asciicast v2 file (https://docs.asciinema.org/manual/asciicast/v2/) without control sequences. */
function castToText(path: string): string {
  if (statSync(path).size > LIMIT_BYTES) return 'The transcript is larger than 4 MiB: see console.cast.';
  const [, ...events] = readFileSync(path, 'utf8').split('\n');
  return stripVTControlCharacters(events.map(outputOf).join('')).replaceAll('\r\n', '\n').replaceAll('\r', '\n');
}

const LIMIT_BYTES = 4 * 1024 * 1024;

/** An event is `[seconds, "o", text]`. A line that a crash cut off is shown as it is. */
function outputOf(line: string): string {
  if (line.trim() === '') return '';
  try {
    const event: unknown = JSON.parse(line);
    return Array.isArray(event) && event[1] === 'o' && typeof event[2] === 'string' ? event[2] : '';
  } catch {
    return line;
  }
}
