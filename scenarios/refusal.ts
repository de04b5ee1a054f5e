import type { Scenario } from '../harness/vocabulary/trial.ts';

/** Asked by `cutover refusals`, once for each way of refusing; it gives no verdict. */
export default {
  id: 'refusal',
  question: {
    de: 'Was macht das Gerät mit einer E-Mail, die der Server ablehnt?',
    en: 'What does the device do with a mail that the server refuses?',
  },
  direction: 'send',
  settings: 'configured',
  sizeBytes: 2_000,
  mails: 1,
  onRequest: true,
} as const satisfies Scenario;
