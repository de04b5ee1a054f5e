import * as z from 'zod';
import { CAUSES } from '../../../harness/vocabulary/finding.ts';
import { Claim, Condition, Menu, Recognition, ShownError } from '../../../harness/vocabulary/claim.ts';
import { KINDS } from '../../../harness/vocabulary/device.ts';
import { Bilingual, DIRECTIONS, PORTS, PROTOCOLS, SECURITIES } from '../../../harness/vocabulary/trial.ts';
import { REMEDIES, VERDICTS } from '../../../harness/vocabulary/verdict.ts';

const Texts = z.strictObject({ de: z.array(z.string()), en: z.array(z.string()) });
const Day = z.iso.date();

const FileAnswer = z.strictObject({
  direction: z.enum(DIRECTIONS),
  when: Condition.optional().describe('Holds for these versions and this system only; without it for all.'),
  verdict: z.enum(VERDICTS).describe('Does not depend on the day: `legacy-only` helps until `transition.until`.'),
  basis: z.enum(['measured', 'predicted', 'claimed']),
  confidence: z.enum(['confirmed', 'suspected']),
  causes: z.array(z.enum(CAUSES)),
  enter: z
    .strictObject({
      protocol: z.enum(PROTOCOLS),
      port: z.literal(PORTS),
      security: z.enum(SECURITIES),
      host: z.string().optional(),
      menu: Bilingual.optional(),
    })
    .optional()
    .describe('What the owner enters; never a transition host.'),
  transition: z
    .strictObject({ host: z.string(), until: Day.optional(), encrypted: z.boolean().optional() })
    .optional()
    .describe('The host that helps until its last day. Not to be recommended after it.'),
  update: z.string().optional().describe('Firmware to ask for.'),
  remedies: z.array(z.enum(REMEDIES)),
  firmware: z.string().optional().describe('The version that was tested.'),
  since: Day.describe('Measured, or its source read, on this day.'),
  expires: Day.describe('Later it has to be tested, or its source read, again.'),
  predictions: z
    .strictObject({ agree: z.int(), of: z.int(), notPredicted: z.int() })
    .optional()
    .describe('Beside the measurement: of so many results predicted from its hellos, so many are as measured.'),
  trials: z.array(z.string()),
  text: z
    .strictObject({ headline: Bilingual, says: Bilingual, why: Bilingual.optional(), todo: Texts, basis: Bilingual })
    .describe('Sentences for the day `asOf`. Another day may need others: compare `transition.until`.'),
});

const Predicted = z.strictObject({
  basis: z.literal('predicted'),
  directions: z.array(z.enum(DIRECTIONS)),
  recordings: z.array(
    z.strictObject({
      kind: z.enum(['run', 'capture', 'testssl', 'list']),
      on: Day,
      name: z.string().optional(),
      firmware: z.string().optional(),
      port: z.literal(PORTS).optional(),
      security: z.enum(SECURITIES).optional(),
    }),
  ),
  modes: z
    .array(
      z.strictObject({
        mode: z.string(),
        outcome: z.enum(['works', 'fails', 'cannot-be-predicted']),
        cause: z.enum(CAUSES).optional(),
      }),
    )
    .describe('`works`: the encrypted connection is made. Certificate, login and mail are not predicted.'),
});

/** What `data/devices/<id>.json` holds, for ticket systems; documented by `answer.schema.json` beside the page. */
export const AnswerFile = z.strictObject({
  v: z.literal(1),
  asOf: Day.describe('The day that the texts speak of.'),
  page: z.string().describe('Address of the device, relative to the folder of the lookup page.'),
  device: z.strictObject({
    id: z.string(),
    vendor: z.string(),
    model: z.string(),
    kind: z.enum(KINDS),
    aliases: z.array(z.string()),
    emulated: z.boolean().describe('An invented model: sample data.'),
  }),
  answers: z
    .array(FileAnswer)
    .describe('None: not tested yet. Several of a direction differ in `when`, or contradict each other.'),
  claims: z.array(Claim),
  menus: z.array(Menu),
  errors: z.array(ShownError),
  recognition: Recognition.optional(),
  predictions: z
    .array(Predicted)
    .optional()
    .describe('What recorded hellos say: predicted, not measured, and no part of `answers`. Absent: none is recorded.'),
});
export type AnswerFile = z.infer<typeof AnswerFile>;
export type FileAnswer = z.infer<typeof FileAnswer>;
