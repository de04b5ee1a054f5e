import { readFileSync } from 'node:fs';
import { explainText } from '../../reports/explain/explain.ts';
import { renderExplanations } from '../../reports/explain/render-explanations.ts';
import { devicesToFind } from '../../reports/lookup/search-devices.ts';
import { HarnessFault } from '../faults.ts';
import { EXIT } from './exit.ts';
import { readLookupState } from './lookup-state.ts';
import { printable } from './printable.ts';

interface ExplainOptions {
  readonly language: 'de' | 'en';
  readonly json?: boolean;
}

/** `cutover explain TEXT…`, or `-` for standard input. Exit 1 when nothing is known. */
export async function explain(words: readonly string[], options: ExplainOptions): Promise<number> {
  const text = words.join(' ') === '-' ? readStandardInput() : words.join(' ');
  const { devices } = await readLookupState('out');
  const explained = explainText(text, devicesToFind(devices, false));
  if (options.json === true) process.stdout.write(`${JSON.stringify(explained.explanations, null, 2)}\n`);
  else console.log(printable(renderExplanations(explained, options.language).join('\n')));
  return explained.explanations.length > 0 ? EXIT.expected : EXIT.different;
}

function readStandardInput(): string {
  try {
    return readFileSync(0, 'utf8');
  } catch (cause) {
    throw new HarnessFault('file-unreadable', 'standard input cannot be read.', {
      advice: 'Pipe a log into it: tail -n 50 mail.log | npx cutover explain -',
      stage: 'configuration',
      cause,
    });
  }
}
