import * as z from 'zod';
import { GROUPS, SIGNATURES, SUITES } from '../vocabulary/iana.ts';
import { compareVersions, Mode, TLS_VERSIONS } from '../vocabulary/mode.ts';
import { nearest } from '../yaml-problems.ts';

/** A mode as its file must be: the schema of the vocabulary, with every name known to IANA and versions in order. */
export const ModeFile = Mode.extend({
  suites: listOf(SUITES, 'cipher suite'),
  groups: listOf(GROUPS, 'group'),
  signatures: listOf(SIGNATURES, 'signature scheme'),
}).superRefine((mode, context) => {
  if (compareVersions(mode.tls.min, mode.tls.max) > 0) {
    context.addIssue({
      code: 'custom',
      path: ['tls', 'min'],
      message: `${mode.tls.min} is newer than tls.max ${mode.tls.max}, so no version would be left; exchange them`,
    });
  }
});

/** The JSON Schema that editors use: what may be written, before defaults are filled in. */
export function renderModeSchema(): string {
  const schema = z.toJSONSchema(ModeFile, {
    io: 'input',
    // A version may be written as a number, which the schema leaves open; editors are to offer the texts.
    override({ zodSchema, jsonSchema }) {
      if (zodSchema instanceof z.ZodPreprocess) Object.assign(jsonSchema, { enum: [...TLS_VERSIONS] });
    },
  });
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function listOf(table: readonly { readonly name: string; readonly openssl: string | null }[], word: string) {
  const names = new Set(table.map((row) => row.name));
  const byOpenssl = new Map(table.flatMap((row) => (row.openssl === null ? [] : [[row.openssl, row.name] as const])));
  const known = z.string().meta({ enum: [...names] });
  const entry = known.refine((name) => names.has(name), {
    error: (issue) => {
      const name = String(issue.input);
      const meant = byOpenssl.get(name) ?? nearest(name, [...names]);
      const advice = meant === undefined ? 'take the name from the IANA registry' : `did you mean ${meant}?`;
      return `${JSON.stringify(name.slice(0, 80))} is no IANA name of a ${word}; ${advice}`;
    },
  });
  return z
    .array(entry)
    .min(1)
    .superRefine((list, context) => {
      for (const [i, name] of list.entries()) {
        if (list.indexOf(name) === i) continue;
        context.addIssue({ code: 'custom', path: [i], message: `${name} is listed twice; remove one` });
      }
    });
}
