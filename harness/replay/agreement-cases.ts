import { PACKAGED_CORPUS, readCorpus } from '../corpus/corpus.ts';
import type { RecordedHello } from '../corpus/recorded-hello.ts';
import { applyChange } from '../modes/apply-change.ts';
import { readModes } from '../modes/read-mode.ts';
import type { Mode } from '../vocabulary/mode.ts';
import { mutateHellos } from './mutate-hello.ts';

/** Modes in which a prediction can be wrong for different reasons: the shipped ones, and what providers think of next. */
export function agreementModes(): readonly Mode[] {
  const shipped = readModes(['today', 'strict', 'legacy', 'forgiving']);
  const [today, strict] = shipped;
  if (today === undefined || strict === undefined) throw new Error('modes are missing');
  const named = (mode: Mode, id: string, path: string, to: unknown): Mode => {
    return { ...applyChange(mode, path, to).mode, id };
  };
  return [
    ...shipped,
    named(strict, 'tls13-only', 'tls.min', '1.3'),
    named(strict, 'tls12-only', 'tls.max', '1.2'),
    named(strict, 'strict-ecdsa', 'certificate.minted', 'ecdsa-p256'),
    named(today, 'today-ecdsa', 'certificate.minted', 'ecdsa-p256'),
    named(
      strict,
      'intermediate',
      'suites',
      strict.suites.filter((name) => !/_CBC_|^TLS_RSA_/.test(name)),
    ),
    named(strict, 'few-groups', 'groups', ['secp384r1', 'secp256r1']),
  ];
}

export function packagedHellos(): readonly RecordedHello[] {
  return readCorpus([PACKAGED_CORPUS]).map(({ hello }) => hello);
}

/** Well-formed hellos that nobody says, the same for the same seed. */
export function mutatedHellos(count: number, seed: number): readonly RecordedHello[] {
  return mutateHellos(packagedHellos(), count, seed);
}
