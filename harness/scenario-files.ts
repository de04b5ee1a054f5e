import { readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { HarnessFault } from './faults.ts';
import { Bilingual, DIRECTIONS, Id, type Scenario } from './vocabulary/trial.ts';

const FOLDER = join(import.meta.dirname, '..', 'scenarios');

const ScenarioFile = z.strictObject({
  id: Id,
  question: Bilingual,
  direction: z.enum(DIRECTIONS),
  settings: z.enum(['configured', 'others']),
  sizeBytes: z.int().min(0).max(40_000_000),
  mails: z.int().min(1).max(100),
  onRequest: z.boolean(),
});

/** Reads the scenarios of a folder, one per file and named as the file; the folder is the registry. */
export async function readScenarios(folder: string = FOLDER): Promise<readonly Scenario[]> {
  const ending = extname(import.meta.filename);
  const files = readdirSync(folder).filter((f) => f.endsWith(ending) && !/\.(test|scenario|config)\.|\.d\./.test(f));
  return Promise.all(files.sort().map((file) => readScenario(join(folder, file), file.slice(0, -ending.length))));
}

/** The named ones, or all that are not run on request only. */
export function selectScenarios(all: readonly Scenario[], names: readonly string[]): readonly Scenario[] {
  if (names.length === 0) return all.filter((s) => !s.onRequest);
  return names.map((name) => {
    const found = all.find((s) => s.id === name);
    if (found !== undefined) return found;
    throw new HarnessFault(
      'scenario-unknown',
      `There is no scenario "${name}". The scenarios are: ${all.map((s) => s.id).join(', ')}.`,
      {
        exitCode: 64,
        stage: 'configuration',
      },
    );
  });
}

async function readScenario(path: string, id: string): Promise<Scenario> {
  const module: { readonly default?: unknown } = await import(pathToFileURL(path).href);
  const parsed = ScenarioFile.safeParse(module.default);
  if (!parsed.success || parsed.data.id !== id) {
    const why = parsed.success ? `its id is "${parsed.data.id}"` : z.prettifyError(parsed.error);
    throw new HarnessFault('scenario-invalid', `${path}: not a scenario: ${why}`, {
      advice: 'Export one by default, with the file name as its id; scenarios/README.md shows how.',
      stage: 'configuration',
    });
  }
  return parsed.data;
}
