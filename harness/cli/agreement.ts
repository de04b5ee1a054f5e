import { countAgreement } from '../../reports/agreement/agreement.ts';
import { renderAgreement } from '../../reports/agreement/render-agreement.ts';
import { EXIT } from './exit.ts';
import { readLookupState } from './lookup-state.ts';

interface AgreementOptions {
  readonly out: string;
  readonly language: 'de' | 'en';
  readonly json?: boolean;
}

/** `cutover agreement`: how often claims, predictions and measurements agree, with the denominators. */
export async function showAgreement({ out, language, json }: AgreementOptions): Promise<number> {
  const { devices, verdicts, policies } = await readLookupState(out);
  const agreement = countAgreement(devices, verdicts, policies);
  console.log(json === true ? JSON.stringify(agreement, null, 2) : renderAgreement(agreement, language));
  return EXIT.expected;
}
