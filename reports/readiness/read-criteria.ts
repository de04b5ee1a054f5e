import { join } from 'node:path';
import * as z from 'zod';
import { Bilingual } from '../../harness/vocabulary/trial.ts';
import { ENGINES } from '../../harness/vocabulary/verdict.ts';
import { readYamlFile } from '../../harness/yaml-file.ts';

const Criteria = z.strictObject({
  go: z.strictObject({
    realDevicesAtLeast: z.int().min(1),
    unknownAtMostPercent: z.number().min(0).max(50),
    stopsWorkingAtMost: z.int().min(0),
    rareSendersOpenAtMost: z.int().min(0),
    openChangesAtMost: z.int().min(0),
    proofAtMostDays: z.int().min(0),
    proofEngine: z.enum(ENGINES),
  }),
  abort: z.array(z.strictObject({ when: Bilingual, where: Bilingual })).min(1),
});
export type Criteria = z.infer<typeof Criteria>;

/** The provider's numbers and sentences. Throws HarnessFault with file, line and column. */
export function readCriteria(path = join(import.meta.dirname, 'criteria.yaml')): Criteria {
  return readYamlFile(path, Criteria);
}
