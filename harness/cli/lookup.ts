import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { renderAnswer } from '../../reports/lookup/render-answer.ts';
import { searchDevices } from '../../reports/lookup/search-devices.ts';
import { serverTraits } from '../../reports/server-traits.ts';
import { readDevices } from '../device-files.ts';
import { readRuns } from '../records.ts';
import { concludeRuns, policiesOf } from './conclusions.ts';
import { EXIT } from './exit.ts';
import { DEVICES_FOLDER } from './prepare.ts';

interface LookupOptions {
  readonly out: string;
  readonly asOf?: Date;
  readonly language: 'de' | 'en';
  readonly json?: boolean;
}

/** More hits than a person on the phone wants to hear. */
const SHOWN = 5;
const WORDS = {
  de: { none: 'Kein Gerät passt zu', more: 'weitere Treffer; mit mehr Wörtern eingrenzen' },
  en: { none: 'No device fits', more: 'more hits; narrow down with more words' },
} as const;

/** `cutover lookup WORDS…`: the best hits with their verdicts. Exit 1 when nothing fits. */
export async function lookUp(words: readonly string[], options: LookupOptions): Promise<number> {
  const runs = existsSync(join(options.out, 'runs')) ? readRuns(options.out) : [];
  const known = readDevices(DEVICES_FOLDER);
  // A run's snapshot knows devices from other folders too; the files of today win.
  const devices = [...new Map([...runs.flatMap((r) => r.devices), ...known].map((d) => [d.id, d])).values()];
  const concluded = concludeRuns(runs);
  const hits = searchDevices(devices, concluded.verdicts, words);
  if (options.json === true) {
    const rows = hits.map(({ device: { id, vendor, model, kind }, verdicts }) => ({
      device: { id, vendor, model, kind },
      verdicts,
    }));
    process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return hits.length > 0 ? EXIT.expected : EXIT.different;
  }
  const { language, asOf = new Date() } = options;
  const modes = policiesOf(runs);
  const traits = serverTraits(runs.map((r) => r.run));
  const shown = { language, asOf, modes, outranked: concluded.outranked, traits };
  const answers = hits.slice(0, SHOWN).map((hit) => renderAnswer(hit, shown));
  if (hits.length > SHOWN) answers.push(`(${hits.length - SHOWN} ${WORDS[language].more})`);
  if (hits.length === 0) answers.push(`${WORDS[language].none} „${words.join(' ')}“.`);
  console.log(answers.join('\n\n'));
  return hits.length > 0 ? EXIT.expected : EXIT.different;
}
