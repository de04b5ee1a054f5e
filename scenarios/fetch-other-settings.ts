import type { Scenario } from '../harness/vocabulary/trial.ts';

export default {
  id: 'fetch-other-settings',
  question: {
    de: 'Mit welchen anderen Einstellungen kann das Gerät weiter abrufen?',
    en: 'With which other settings can the device go on fetching?',
  },
  direction: 'fetch',
  settings: 'others',
  sizeBytes: 2_000,
  mails: 1,
  onRequest: false,
} as const satisfies Scenario;
