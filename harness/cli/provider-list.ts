import { checkProviderList } from '../../reports/provider-list/check-provider-list.ts';
import { type ProviderList, readProviderList } from '../../reports/provider-list/provider-list.ts';
import {
  type Predicted,
  renderProviderList,
  renderProviderListJson,
} from '../../reports/provider-list/render-provider-list.ts';
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
  const predicted = predictList(list);
  if (json === true) process.stdout.write(renderProviderListJson(list, rows, predicted));
  else {
    console.log(printable(renderProviderList(list, rows, language)));
    const text = predicted === null ? null : renderPredictedRows(predicted.rows, predicted.measured, language);
    if (text !== null) console.log(`\n${printable(text)}`);
  }
  return EXIT.expected;
}

/** What the recordings of an installed testssl.sh say about Postfix and Dovecot in the strict mode; null: not installed. */
function predictList(list: ProviderList): Predicted | null {
  const installed = readInstalledTestssl();
  const [strict] = readModes(['strict']);
  if (installed === null || strict === undefined) return null;
  const predictions = predictRecorded(installed.recordings, strict, 'containers');
  const { agree, of } = comparePredictions(
    readCorpus([PACKAGED_CORPUS]),
    readModes(['today', 'strict', 'legacy', 'forgiving']),
  );
  return { rows: predictRows(list, predictions), measured: { agree, of } };
}
