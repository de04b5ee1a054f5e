import { setTimeout as sleep } from 'node:timers/promises';
import { offerOf } from '../corpus/offer.ts';
import { helloId, type RecordedHello } from '../corpus/recorded-hello.ts';
import { type Prediction, preparePrediction } from '../predict/predict-hello.ts';
import type { Offer, ServerKey, ServerRules } from '../predict/server-rules.ts';
import type { MailServer } from '../servers/contract.ts';
import type { Endpoint } from '../vocabulary/trial.ts';
import { comparePrediction, type Difference, type Negotiation } from './compare-prediction.ts';
import { observeAnswer } from './observe-answer.ts';
import type { Answer } from './read-answer.ts';
import { planFlight } from './render-flight.ts';
import { inParallel } from './replay-all.ts';
import { replayHello } from './replay-hello.ts';

export interface AgreementOptions {
  readonly server: Pick<MailServer, 'address'>;
  /** The same mode with a certificate of the other kind of key: tells `certificate-key` from other causes. */
  readonly twin?: Pick<MailServer, 'address'>;
  readonly rules: ServerRules;
  /** The other key of a server that has certificates of both kinds. */
  readonly otherKey?: ServerKey;
  /** What of a handshake is predicted. Default: all. */
  readonly negotiated?: readonly Negotiation[];
  readonly endpoint: Endpoint;
  /** Hellos at a time. Default 8. */
  readonly parallel?: number;
  /** ms after each connection. Default 0. */
  readonly pauseMs?: number;
  /** ms without a byte from the server. Default 20,000: a container's first answer after a rest takes longest. */
  readonly idleMs?: number;
  readonly signal?: AbortSignal;
}

/** How often prediction and replay say the same; every difference with both sides. */
export interface Agreement {
  readonly compared: number;
  /** Of these predicted to work, and observed so. */
  readonly works: number;
  readonly differing: readonly { readonly hello: RecordedHello; readonly differences: readonly Difference[] }[];
  /** One side said nothing. */
  readonly notCompared: readonly { readonly hello: RecordedHello; readonly why: string }[];
}

/** Predicts each hello and replays it against one endpoint of a running server. */
export async function measureAgreement(hellos: Iterable<RecordedHello>, options: AgreementOptions): Promise<Agreement> {
  const { server, twin, rules, parallel = 8 } = options;
  const predict = prepareForKeys(options);
  const comparing = {
    ...(options.negotiated === undefined ? {} : { negotiated: options.negotiated }),
    tellsKey: twin !== undefined || options.otherKey !== undefined,
  };
  const ask = askerOf(server, options);
  const askTwin = twin === undefined ? undefined : askerOf(twin, options);
  const asking = { ask, rules, ...(askTwin === undefined ? {} : { askTwin }) };
  const differing: { hello: RecordedHello; differences: readonly Difference[] }[] = [];
  const notCompared: { hello: RecordedHello; why: string }[] = [];
  let compared = 0;
  let works = 0;
  const results = inParallel(hellos, parallel, async (hello) => {
    const predicted = predict(offerOf(hello));
    const observed = await observeAnswer(hello, await ask(hello), asking);
    return { hello, predicted, observed };
  });
  for await (const { hello, predicted, observed } of results) {
    const differences = comparePrediction(predicted, observed, comparing);
    if (differences === null) {
      const silent = predicted.outcome === 'cannot-be-predicted' ? predicted : observed;
      notCompared.push({ hello, why: 'because' in silent ? silent.because : '' });
      continue;
    }
    compared += 1;
    if (observed.outcome === 'works') works += 1;
    if (differences.length > 0) differing.push({ hello, differences });
  }
  return { compared, works, differing, notCompared };
}

/** Lines for people: a difference each, with both sides. */
export function renderDifferences({ differing }: Pick<Agreement, 'differing'>): readonly string[] {
  return differing.flatMap(({ hello, differences }) =>
    differences.map(
      ({ in: what, predicted, observed }) => `${helloId(hello)} ${what}: predicted ${predicted}; observed ${observed}`,
    ),
  );
}

/** A server with two certificates shows the one that fits. */
function prepareForKeys({ rules, otherKey }: AgreementOptions): (offer: Offer) => Prediction {
  const one = preparePrediction(rules);
  if (otherKey === undefined) return one;
  const other = preparePrediction({ ...rules, key: otherKey });
  return (offer) => {
    const predicted = one(offer);
    const isKey = predicted.outcome === 'fails' && predicted.cause === 'certificate-key';
    return isKey ? other(offer) : predicted;
  };
}

/** Sends a hello to one endpoint of a server and waits for the answer. */
export function askerOf(
  server: Pick<MailServer, 'address'>,
  { rules, endpoint, pauseMs, idleMs = 20_000, signal }: Omit<AgreementOptions, 'server'>,
) {
  const { host, port } = server.address(endpoint.port);
  const name = rules.mode.hosts[endpoint.protocol];
  return async (hello: RecordedHello): Promise<Answer> => {
    if (signal?.aborted === true) return { kind: 'silence', why: 'the replay was interrupted' };
    const target = { endpoint, host, port, idleMs };
    const { answer } = await replayHello(planFlight(hello, name), target, signal);
    if (pauseMs !== undefined) await sleep(pauseMs);
    return answer;
  };
}
