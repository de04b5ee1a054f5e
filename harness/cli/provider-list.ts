import { checkProviderList } from '../../reports/provider-list/check-provider-list.ts';
import { readProviderList } from '../../reports/provider-list/provider-list.ts';
import { renderProviderList, renderProviderListJson } from '../../reports/provider-list/render-provider-list.ts';
import { EXIT } from './exit.ts';
import { readLookupState } from './lookup-state.ts';
import { printable } from './printable.ts';

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
  else console.log(printable(renderProviderList(list, rows, language)));
  return EXIT.expected;
}
