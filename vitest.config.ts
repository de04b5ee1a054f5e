import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

if (Number(process.versions.node.split('.')[0]) < 24) {
  throw new Error(
    `The tests need Node 24, this is ${process.version}. Run them as \`npm test\` or \`npx vitest run\`: both use the Node that comes with the project.`,
  );
}

const ALL = '{harness,devices,reports,scenarios}/**/*.test.ts';
/** Whole fleets, floods and browsers: beside another file, devices that wait 3 s give up. */
const NEED_THE_MACHINE = [
  'harness/cli/{fleet,refusals,kill}.test.ts',
  'harness/cli/attend/**/*.test.ts',
  'harness/tap.test.ts',
  'reports/**/*{page,end-to-end,faults,look}.test.ts',
];

/** Wait for minutes on one device after another; begun last, they would end alone. */
const LONGEST = /fleet-hosts|guests\.guests/;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...sorted.filter((f) => LONGEST.test(f.moduleId)), ...sorted.filter((f) => !LONGEST.test(f.moduleId))];
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './harness/plain-reporter.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    retry: 0,
    projects: [
      {
        extends: true,
        test: {
          name: 'beside',
          include: [ALL],
          exclude: ['**/node_modules/**', ...NEED_THE_MACHINE],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: NEED_THE_MACHINE, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
