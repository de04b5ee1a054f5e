import { checkProviderList } from '../../reports/provider-list/check-provider-list.ts';
import { readProviderList } from '../../reports/provider-list/provider-list.ts';
import { renderProviderList, renderProviderListJson } from '../../reports/provider-list/render-provider-list.ts';
import { predictRows, renderPredictedRows } from '../../reports/provider-list/predicted-rows.ts';
import { PACKAGED_CORPUS, readCorpus } from '../corpus/corpus.ts';
import { readModes } from '../modes/read-mode.ts';
import { EXIT } from './exit.ts';
import { readInstalledTestssl } from './installed-testssl.ts';
import { readLookupState } from './lookup-state.ts';
import { comparePredictions } from './predicted-agreement.ts';
import { printable } from './printable.ts';
import { predictRecorded } from './recorded-predictions.ts';

interface ProviderListOptions {
  readonly out: string;
  readonly language: 'de' | 'en';
  readonly json?: boolean;
}

/** `cutover provider-list`: what the provider told its customers, row by row beside the evidence. */
export async function showProviderList({ out, language, json }: ProviderListOptions): Promise<number> {
  const list = readProviderList();
  const { devices, verdicts } = await readLookupState(out);
  const rows = checkProviderList(list, devices, verdicts);
  if (json === true) process.stdout.write(renderProviderListJson(list, rows));
  else {
    console.log(printable(renderProviderList(list, rows, language)));
    const predicted = predictedText(list, language);
    if (predicted !== null) console.log(`\n${printable(predicted)}`);
  }
  return EXIT.expected;
}

/** What the recordings of an installed testssl.sh say about Postfix and Dovecot in the strict mode; null: not installed. */
function predictedText(list: ReturnType<typeof readProviderList>, language: 'de' | 'en'): string | null {
  const installed = readInstalledTestssl();
  const [strict] = readModes(['strict']);
  if (installed === null || strict === undefined) return null;
  const predictions = predictRecorded(installed.recordings, strict, 'containers');
  const agreement = comparePredictions(
    readCorpus([PACKAGED_CORPUS]),
    readModes(['today', 'strict', 'legacy', 'forgiving']),
  );
  return renderPredictedRows(predictRows(list, predictions), agreement, language);
}
