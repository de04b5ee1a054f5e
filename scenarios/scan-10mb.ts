import type { Scenario } from '../harness/vocabulary/trial.ts';

/** Size limits and slow stacks show with a page of colour, not with a line of text. */
export default {
  id: 'scan-10mb',
  question: {
    de: 'Kommt ein Scan von 10 MB an?',
    en: 'Does a scan of 10 MB arrive?',
  },
  direction: 'send',
  settings: 'configured',
  sizeBytes: 10_000_000,
  mails: 1,
  onRequest: true,
} as const satisfies Scenario;
