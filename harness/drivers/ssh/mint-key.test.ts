import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { mintSshKey } from './mint-key.ts';

test('every key that is minted can be read: of those that ssh2 makes, one in 240 cannot', () => {
  const keys = Array.from({ length: 1_000 }, () => mintSshKey('ed25519').privateKey);
  expect(keys.filter((key) => ssh2.utils.parseKey(key) instanceof Error)).toEqual([]);
});
