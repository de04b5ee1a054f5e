import { join } from 'node:path';
import * as z from 'zod';
import { Bilingual } from '../../harness/vocabulary/trial.ts';
import { VERDICTS } from '../../harness/vocabulary/verdict.ts';
import { readYamlFile } from '../../harness/yaml-file.ts';

const Editorial = z.strictObject({
  title: Bilingual,
  /** Address of a device on the lookup page, with `{device}` for its id. */
  lookupPage: z
    .string()
    .regex(/^(https?:\/\/|\.{0,2}\/)[^\s"'<>]*$/, 'an address begins with https:// or, beside the FAQ, with ../')
    .includes('{device}'),
  headings: z.strictObject({
    contents: Bilingual,
    when: Bilingual,
    affected: Bilingual,
    settings: Bilingual,
    where: Bilingual,
    transition: Bilingual,
    always: Bilingual,
    devices: Bilingual,
  }),
  when: z.strictObject({
    before: Bilingual,
    trial: Bilingual,
    transition: Bilingual,
    'ended-early': Bilingual,
    after: Bilingual,
  }),
  calendar: Bilingual,
  affected: Bilingual,
  settings: Bilingual,
  where: Bilingual,
  transitionServer: Bilingual,
  questions: z.array(z.strictObject({ question: Bilingual, answer: Bilingual })),
  always: Bilingual,
  devices: Bilingual,
  verdicts: z.record(z.enum(VERDICTS), z.strictObject({ title: Bilingual, text: Bilingual })),
});
export type Editorial = z.infer<typeof Editorial>;

/** The provider's texts. Throws HarnessFault with file, line and column. */
export function readEditorial(path = join(import.meta.dirname, 'editorial.yaml')): Editorial {
  return readYamlFile(path, Editorial);
}
