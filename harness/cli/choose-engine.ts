import { HarnessFault } from '../faults.ts';
import { readModes } from '../modes/read-mode.ts';
import { refusalsOf } from '../servers/containers/refusals.ts';
import type { EngineName } from '../vocabulary/verdict.ts';
import type { EngineChoice } from './engine-choices.ts';
import { type ContainersHere, lookForContainers } from './containers-here.ts';

const SERVER_IMAGES = ['postfix', 'dovecot'];

/**
 * The engine that answers a run's questions; `auto` says in one line which it is and why. Throws HarnessFault when
 * containers were asked for and cannot be had, with the line of a mode's file where that is the reason.
 *
 * @param modes Names or paths, as they were given.
 */
export async function chooseEngine(
  asked: EngineChoice,
  modes: readonly string[],
  look = lookForContainers,
): Promise<EngineName> {
  if (asked === 'embedded' || asked === 'hosts') return asked;
  const here = await look();
  const why = whyNoServers(here);
  if (asked === 'containers') {
    if (why !== null)
      throw new HarnessFault('no-containers', `--engine containers cannot be used: ${why}`, {
        stage: 'start',
        advice: here.engine === null ? START_ONE : 'Build them: npx cutover images build',
      });
    readModes(modes, refusalsOf);
    return 'containers';
  }
  const against = why ?? whyNoModes(modes);
  if (against === null) console.error(`cutover: engine containers (Postfix and Dovecot on engine ${here.engine}).`);
  else console.error(`cutover: engine embedded, because ${against}.`);
  return against === null ? 'containers' : 'embedded';
}

const START_ONE = 'Start a container engine (harness/containers/README.md), or use --engine embedded.';

function whyNoServers(here: ContainersHere): string | null {
  return SERVER_IMAGES.map((image) => here.whyNot(image)).find((why) => why !== null) ?? null;
}

function whyNoModes(modes: readonly string[]): string | null {
  try {
    readModes(modes, refusalsOf);
    return null;
  } catch (fault) {
    if (!(fault instanceof HarnessFault)) throw fault;
    return `Postfix and Dovecot cannot do what a mode says (${fault.message.split('\n').find((l) => l.includes(': ')) ?? fault.message})`;
  }
}
