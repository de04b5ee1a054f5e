import { join } from 'node:path';
import * as z from 'zod';
import { Source } from '../../harness/vocabulary/claim.ts';
import { Bilingual, Id } from '../../harness/vocabulary/trial.ts';
import { readYamlFile } from '../../harness/yaml-file.ts';

const Row = z.strictObject({
  /** The row as the provider wrote it. */
  says: Bilingual,
  /** Device file that the row begins with; it names the row. */
  device: Id,
  /** From which version of it on the provider says it is fine. */
  minimum: z.string().min(1),
  /** The file is that version and no older one, whatever it calls itself (Outlook 2016 is 16.0). */
  wholeFile: z.boolean().default(false),
  /** Further device files that the row covers; `minimum` in their own numbering, default all of their versions. */
  also: z.array(z.strictObject({ device: Id, minimum: z.string().min(1).optional() })).default([]),
  /** What the row leaves out. Where it works all the same, the list could begin earlier. */
  older: z.array(Id).default([]),
});

const Statement = z.strictObject({
  /** `device` of the row. */
  row: Id,
  side: z.enum(['for', 'against', 'open']),
  says: Bilingual,
});

const ProviderList = z
  .strictObject({
    provider: z.string().min(1),
    source: Source,
    rows: z.array(Row).min(1),
    others: z
      .array(z.strictObject({ provider: z.string().min(1), source: Source, statements: z.array(Statement).min(1) }))
      .default([]),
  })
  .superRefine(({ rows, others }, context) => {
    for (const [i, other] of others.entries()) {
      for (const [j, { row }] of other.statements.entries()) {
        if (rows.some((r) => r.device === row)) continue;
        const path = ['others', i, 'statements', j, 'row'];
        context.addIssue({ code: 'custom', path, message: `no row begins with the device "${row}"` });
      }
    }
  });
export type ProviderList = z.infer<typeof ProviderList>;

/** What the provider and others told their customers. Throws HarnessFault with file, line and column. */
export function readProviderList(path = join(import.meta.dirname, 'provider-list.yaml')): ProviderList {
  return readYamlFile(path, ProviderList);
}
