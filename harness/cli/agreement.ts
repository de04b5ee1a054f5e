import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { countAgreement } from '../../reports/agreement/agreement.ts';
import { renderAgreement } from '../../reports/agreement/render-agreement.ts';
import { type PredictedSums, renderPredicted } from '../../reports/agreement/render-predicted.ts';
import { PACKAGED_CORPUS, readCorpus, type Recording } from '../corpus/corpus.ts';
import type { CorpusEntry } from '../corpus/entry.ts';
import { helloId } from '../corpus/recorded-hello.ts';
import { readModes } from '../modes/read-mode.ts';
import { readRuns } from '../records.ts';
import { type Agreement, measureAgreement, renderDifferences } from '../replay/measure-agreement.ts';
import { type KnownEngine, rulesOf } from '../replay/rules-of.ts';
import { ENDPOINTS } from '../vocabulary/trial.ts';
import { recordRun } from './corpus.ts';
import { EXIT } from './exit.ts';
import { readInstalledTestssl } from './installed-testssl.ts';
import { onInterrupt } from './interrupt.ts';
import { readLookupState } from './lookup-state.ts';
import { comparePredictions } from './predicted-agreement.ts';
import { printable } from './printable.ts';

interface AgreementOptions {
  readonly out: string;
  readonly language: 'de' | 'en';
  /** Replay all recordings against this engine's servers, too. */
  readonly replay?: KnownEngine;
  /** Modes that are replayed. Default: the shipped ones. */
  readonly replayModes?: readonly string[];
  readonly json?: boolean;
}

const SHIPPED = ['today', 'strict', 'legacy', 'forgiving'];

/** `cutover agreement`: how often claims, predictions and measurements agree, with the denominators. */
export async function showAgreement(options: AgreementOptions): Promise<number> {
  const { out, language, replay, replayModes = SHIPPED, json } = options;
  const { devices, verdicts, policies } = await readLookupState(out);
  const agreement = countAgreement(devices, verdicts, policies);
  const modes = readModes(SHIPPED);
  const fleets = comparePredictions(readCorpus([PACKAGED_CORPUS]), modes);
  const recorded = existsSync(join(out, 'runs')) ? readRuns(out) : [];
  const own = comparePredictions(entriesOf(recorded.flatMap((run) => recordRun(run).recordings)), modes);
  const replays = replay === undefined ? [] : await replayAll(replay, replayModes);
  // What is half asked would read like an agreement.
  if (replays === 'interrupted') return EXIT.interrupted;
  const predicted: PredictedSums = { fleets, own, replays };
  console.log(
    json === true
      ? JSON.stringify({ ...agreement, predicted }, null, 2)
      : printable(`${renderAgreement(agreement, language)}\n${renderPredicted(predicted, language)}`),
  );
  return EXIT.expected;
}

function entriesOf(recordings: readonly Recording[]): readonly CorpusEntry[] {
  return [...Map.groupBy(recordings, ({ hello }) => helloId(hello))].flatMap(([id, same]) => {
    const hello = same[0]?.hello;
    return hello === undefined ? [] : [{ id, hello, seen: same.map(({ origin }) => origin) }];
  });
}

/** Every packaged recording, and every hello of an installed testssl.sh, against these modes. */
async function replayAll(
  engine: KnownEngine,
  modes: readonly string[],
): Promise<PredictedSums['replays'] | 'interrupted'> {
  const packaged = readCorpus([PACKAGED_CORPUS]).map(({ hello }) => hello);
  const installed = (readInstalledTestssl()?.recordings ?? []).map(({ hello }) => hello);
  const listed = [...new Map(installed.map((hello) => [helloId(hello), hello])).values()];
  // Engines take a while to load.
  const { openServers } = await import('./replay.ts');
  using interrupt = onInterrupt();
  const { signal } = interrupt;
  await using servers = await openServers(engine, signal);
  const sums: PredictedSums['replays'][number][] = [];
  for (const mode of readModes(modes)) {
    // oxlint-disable-next-line no-await-in-loop -- one mode after the other: each has the whole machine
    const pair = await servers.start(mode);
    for (const endpoint of ENDPOINTS.filter(({ tls }) => tls === 'implicit')) {
      const rules = rulesOf(engine, endpoint.protocol, mode);
      for (const [what, hellos] of [['fleets', packaged] as const, ['testssl', listed] as const]) {
        if (hellos.length === 0) continue;
        // oxlint-disable-next-line no-await-in-loop -- as above
        const measured: Agreement = await measureAgreement(hellos, { ...pair, rules, endpoint, signal });
        if (signal.aborted) return 'interrupted';
        const { compared, differing, notCompared } = measured;
        const against = renderDifferences(measured);
        const agree = compared - differing.length;
        sums.push({
          what,
          engine,
          mode: mode.id,
          port: endpoint.port,
          of: compared,
          agree,
          silent: notCompared.length,
          against,
        });
      }
    }
  }
  return sums;
}
