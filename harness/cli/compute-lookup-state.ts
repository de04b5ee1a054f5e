import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { termsToFind } from '../../reports/lookup/create-search.ts';
import { devicesToFind, searchEntries } from '../../reports/lookup/search-devices.ts';
import { serverTraits } from '../../reports/server-traits.ts';
import { readDevices } from '../device-files.ts';
import { readRuns } from '../records.ts';
import { concludeRuns, policiesOf } from './conclusions.ts';
import { predictDevices, readRecordings } from './device-predictions.ts';
import type { LookupState } from './lookup-state.ts';
import { DEVICES_FOLDER } from './prepare.ts';

/** Reads and concludes everything. Throws HarnessFault for a file that is not sound. */
export function computeLookupState(out: string): LookupState {
  const runs = existsSync(join(out, 'runs')) ? readRuns(out) : [];
  const known = readDevices(DEVICES_FOLDER);
  // A run's snapshot knows devices from other folders too; the files of today win.
  const devices = [...new Map([...runs.flatMap((r) => r.devices), ...known].map((d) => [d.id, d])).values()];
  const { verdicts, outranked } = concludeRuns(runs);
  const policies = policiesOf(runs);
  return {
    devices,
    verdicts,
    outranked,
    policies,
    predictions: predictDevices(readRecordings(out), policies, devices),
    traits: serverTraits(runs.map((r) => r.run)),
    terms: termsToFind(searchEntries(devicesToFind(devices, false))),
  };
}
