import { createHash } from 'node:crypto';
import type { Device } from '../vocabulary/device.ts';
import type { Setting } from '../vocabulary/trial.ts';

/** What a list says of a device: the fields of a file that a person presses the button of. */
export interface ListedFacts {
  readonly id: string;
  readonly vendor: string;
  readonly model: string;
  readonly kind: Device['kind'];
  /** At least one; the first is the installed one. */
  readonly versions: readonly string[];
  /** At least one; the first is as configured. */
  readonly settings: readonly Setting[];
}

/**
 * The file of a device that a list names. Its first line tells a later import whether a person has changed what follows;
 * a JSON string is a YAML string, so that no name can be read as something else.
 */
export function renderDeviceFile({ id, vendor, model, kind, versions, settings }: ListedFacts): string {
  const lines = [
    `id: ${plain(id)}`,
    `vendor: ${plain(vendor)}`,
    `model: ${plain(model)}`,
    `kind: ${kind}`,
    'firmware:',
    ...versions.map((version) => `  - version: ${JSON.stringify(version)}`),
    'settings:',
    ...settings.map((setting) => `  - { ${Object.entries(setting).map(renderEntry).join(', ')} }`),
    'reach: { driver: button }',
  ];
  const content = `${lines.join('\n')}\n`;
  return `${MARK}${digestOf(content)}\n${content}`;
}

/** `ours`: as an import has written it. `edited`: a person has changed it since. `foreign`: no import has written it. */
export function stateOf(file: string): 'ours' | 'edited' | 'foreign' {
  if (!file.startsWith(MARK)) return 'foreign';
  const end = file.indexOf('\n');
  return file.slice(MARK.length, end) === digestOf(file.slice(end + 1)) ? 'ours' : 'edited';
}

/** Whether an import last wrote just this into the file, whatever a person has made of it since. */
export function wasWritten(file: string, rendered: string): boolean {
  return file.slice(0, file.indexOf('\n')) === rendered.slice(0, rendered.indexOf('\n'));
}

const MARK =
  '# From a list (`cutover devices import`). Change what you like: the next import then leaves this file alone. ';

function digestOf(content: string): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}

function renderEntry([key, value]: readonly [string, unknown]): string {
  return `${key}: ${typeof value === 'string' ? plain(value) : JSON.stringify(value)}`;
}

/** Names that YAML reads as the texts that they are stay as people write them. */
function plain(text: string): string {
  const isPlain =
    /^[\p{L}][\p{L}\p{N} ./()!-]*[\p{L}\p{N})!]$/u.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}
