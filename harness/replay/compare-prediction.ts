import type { Prediction } from '../predict/predict-hello.ts';
import type { Observed } from './observe-answer.ts';

/** In what a prediction and a replay of the same hello differ; empty: in nothing. Both sides are quoted. */
export interface Difference {
  readonly in: 'outcome' | 'cause' | 'version' | 'suite' | 'group' | 'signature' | 'dhBits' | 'retried';
  readonly predicted: string;
  readonly observed: string;
}

/** What of a handshake is known beforehand. */
export type Negotiation = (typeof NEGOTIATED)[number];

export interface Comparing {
  /** What of a handshake both sides tell. Default: all that is in the clear. */
  readonly negotiated?: readonly Negotiation[];
  /** False: no twin tells a certificate of the wrong kind from suites or signatures that do not fit it. Default true. */
  readonly tellsKey?: boolean;
}

/** null: there is nothing to compare, because one side says nothing. */
export function comparePrediction(
  predicted: Prediction,
  observed: Observed,
  { negotiated: known = NEGOTIATED, tellsKey = true }: Comparing = {},
): readonly Difference[] | null {
  if (predicted.outcome === 'cannot-be-predicted' || observed.outcome === 'inconclusive') return null;
  if (predicted.outcome !== observed.outcome) {
    return [{ in: 'outcome', predicted: wordsOf(predicted), observed: wordsOf(observed) }];
  }
  if (predicted.outcome !== 'works' || observed.outcome !== 'works') {
    const [p, o] = [causeOf(predicted), causeOf(observed)];
    const isSame = p === o || (!tellsKey && p === 'certificate-key' && LOOKS_LIKE_KEY.includes(o));
    return isSame ? [] : [{ in: 'cause', predicted: p, observed: o }];
  }
  const { negotiated } = predicted;
  const { serverHello } = observed;
  // CertificateVerify, which names the signature of TLS 1.3, is encrypted.
  const hidden = serverHello.version === '1.3' ? ['signature'] : [];
  return known
    .filter((key) => !hidden.includes(key) && negotiated[key] !== serverHello[key])
    .map((key) => ({
      in: key,
      predicted: String(negotiated[key]),
      observed: String(serverHello[key]),
    }));
}

const LOOKS_LIKE_KEY = ['no-shared-cipher', 'no-shared-signature'];
const NEGOTIATED = ['version', 'suite', 'group', 'signature', 'dhBits', 'retried'] as const;

function causeOf(side: Prediction | Observed): string {
  return 'cause' in side ? side.cause : '';
}

function wordsOf(side: Prediction | Observed): string {
  const because = 'because' in side ? `: ${side.because}` : '';
  return `${side.outcome} ${causeOf(side)}`.trimEnd() + because;
}
