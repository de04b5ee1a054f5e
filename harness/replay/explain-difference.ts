import { findExtension, EXTENSION, listedCodes } from '../corpus/read-extension.ts';
import type { RecordedHello } from '../corpus/recorded-hello.ts';
import type { Difference } from './compare-prediction.ts';

/** Why a prediction and a replay differ, where that is known (README.md); null: nobody knows yet. */
export function explainDifference(hello: RecordedHello, { in: what, predicted, observed }: Difference): string | null {
  const isNamedLater = predicted === 'no-shared-group' && SIGNATURES.includes(observed);
  if (what !== 'cause' || !isNamedLater || !listsTls13(hello) || findExtension(hello, EXTENSION.groups) !== undefined)
    return null;
  return 'it has two faults, and the server names the signature first';
}

const SIGNATURES: readonly string[] = ['no-shared-signature', 'certificate-key'];

function listsTls13(hello: RecordedHello): boolean {
  return listedCodes(hello, EXTENSION.versions).includes(0x0304);
}
