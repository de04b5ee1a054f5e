import { defineConfig } from 'vitest/config';

if (Number(process.versions.node.split('.')[0]) < 24) {
  throw new Error(
    `The tests need Node 24, this is ${process.version}. Run them as \`npm test\` or \`npx vitest run\`: both use the Node that comes with the project.`,
  );
}

export default defineConfig({
  test: {
    include: ['{harness,devices,reports,scenarios}/**/*.test.ts'],
    reporters: ['default', './harness/plain-reporter.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    retry: 0,
    // The fleets take the whole machine: beside another file, devices that wait 3 s give up.
    maxWorkers: 1,
  },
});
