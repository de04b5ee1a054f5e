import { expect, test } from 'vitest';
import type { Engine } from './engine.ts';
import { OWNER_LABEL, renderOwner } from './labels.ts';
import { renderSwept, sweepLeftovers } from './sweep.ts';

/** Of a boot that is over: its owner is gone. */
const DEAD = { [OWNER_LABEL]: '1.1.00000000.1' };
const LIVING = { [OWNER_LABEL]: renderOwner() };

function refusal(statusCode: number, message: string): Error {
  return Object.assign(new Error(message), { statusCode });
}

/** Answers what the sweep asks; `remove` says how often, and how, a thing is not removed. */
function fakeEngine(remove: Readonly<Record<string, () => Promise<void>>>): Engine {
  const list = (ids: readonly string[]) =>
    ids.filter((id) => id in remove).map((id) => ({ Id: id, Labels: id.startsWith('living') ? LIVING : DEAD }));
  const engine = {
    listContainers: async () => list(['container-1', 'container-2', 'living-container']),
    listNetworks: async () => list(['network-1', 'network-2']),
    getContainer: (id: string) => ({ remove: remove[id] }),
    getNetwork: (id: string) => ({ remove: remove[id] }),
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what sweeping calls is there
  return engine as unknown as Engine;
}

test('what cannot be removed is told, and keeps neither the rest nor the run', async () => {
  const swept = await sweepLeftovers(
    fakeEngine({
      'container-1': () => Promise.reject(refusal(500, 'device or resource busy')),
      'container-2': async () => {},
      'living-container': () => Promise.reject(new Error('it is of a living run')),
      'network-1': async () => {},
    }),
  );
  expect(swept).toMatchObject({ containers: 1, networks: 1, kept: [expect.stringContaining('resource busy')] });
  expect(renderSwept({ ...swept, folders: 0 })).toMatch(/1 containers, 1 networks; not removed, .*: .*resource busy/);
});

test('a network whose containers somebody else is removing is asked again; what is gone already is removed', async () => {
  let asked = 0;
  const swept = await sweepLeftovers(
    fakeEngine({
      'container-1': () => Promise.reject(refusal(409, 'removal of container-1 is already in progress')),
      'network-1': () => {
        asked += 1;
        return asked < 3 ? Promise.reject(refusal(403, 'network-1 has active endpoints')) : Promise.resolve();
      },
      'network-2': () => Promise.reject(refusal(404, 'no such network')),
    }),
  );
  expect(swept).toMatchObject({ containers: 1, networks: 2, kept: [] });
  expect(asked).toBe(3);
});

test('an engine that goes away while it is swept keeps nobody from going on', async () => {
  const engine = {
    listContainers: () => Promise.reject(new Error('gone')),
    listNetworks: () => Promise.reject(new Error('gone')),
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what sweeping calls is there
  const swept = await sweepLeftovers(engine as unknown as Engine);
  expect(swept).toMatchObject({ containers: 0, networks: 0 });
  expect(swept.kept.join()).toContain('gone');
});
