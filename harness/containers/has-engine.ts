import { askEngine } from './engine.ts';

/** For tests that need a container engine: whether there is one. Where nothing may be skipped, none is a failure. */
export async function hasEngine(what: string): Promise<boolean> {
  const answer = await askEngine();
  if (answer.kind === 'ready') return true;
  if (process.env['CI'] === 'true') throw new Error(`${what}: ${answer.why}. ${answer.advice}`);
  console.log(`skipped: ${what}: ${answer.why}`);
  return false;
}
