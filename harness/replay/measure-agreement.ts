import { offerOf } from '../corpus/offer.ts';
import { helloId, type RecordedHello } from '../corpus/recorded-hello.ts';
import { preparePrediction } from '../predict/predict-hello.ts';
import type { ServerRules } from '../predict/server-rules.ts';
import type { MailServer } from '../servers/contract.ts';
import type { Endpoint } from '../vocabulary/trial.ts';
import { comparePrediction, type Difference } from './compare-prediction.ts';
import { observeAnswer } from './observe-answer.ts';
import type { Answer } from './read-answer.ts';
import { planFlight } from './render-flight.ts';
import { inParallel } from './replay-all.ts';
import { replayHello } from './replay-hello.ts';

export interface AgreementOptions {
  readonly server: MailServer;
  /** The same mode with a certificate of the other kind of key: tells `certificate-key` from other causes. */
  readonly twin?: MailServer;
  readonly rules: ServerRules;
  readonly endpoint: Endpoint;
  /** Hellos at a time. Default 8. */
  readonly parallel?: number;
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
  const predict = preparePrediction(rules);
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
    const differences = comparePrediction(predicted, observed);
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

/** Lines for people: a difference each. */
export function renderDifferences({ differing }: Agreement): readonly string[] {
  return differing.flatMap(({ hello, differences }) =>
    differences.map((d) => `${helloId(hello)} ${d.in}: predicted ${d.predicted}; observed ${d.observed}`),
  );
}

/** ms; a container's first answer after a rest takes longest. */
const IDLE_MS = 20_000;

function askerOf(server: MailServer, { rules, endpoint, signal }: AgreementOptions) {
  const { host, port } = server.address(endpoint.port);
  const name = rules.mode.hosts[endpoint.protocol];
  return async (hello: RecordedHello): Promise<Answer> =>
    (await replayHello(planFlight(hello, name), { endpoint, host, port, idleMs: IDLE_MS }, signal)).answer;
}
