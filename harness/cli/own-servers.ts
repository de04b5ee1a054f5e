import { HarnessFault } from '../faults.ts';

/** Servers that exist are asked only where the operator says that they are theirs. Throws HarnessFault otherwise. */
export function demandOwnServers(
  { iOperateTheseServers }: { readonly iOperateTheseServers?: boolean },
  what = 'about a hundred questions',
): void {
  if (iOperateTheseServers === true) return;
  throw new HarnessFault('not-your-servers', `This asks mail servers ${what} on every port.`, {
    exitCode: 64,
    stage: 'configuration',
    advice: "Say --i-operate-these-servers if they are yours: strangers' servers are never asked.",
  });
}
