import { existsSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HarnessFault } from '../faults.ts';
import type { ClientRecipe } from './recipe.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'devices', 'clients');

/** Loads the recipe that a device file names as `client`; the folder devices/clients is the registry. */
export async function readRecipe(id: string, folder: string = FOLDER): Promise<ClientRecipe> {
  const ending = extname(import.meta.filename);
  const path = join(folder, `${id}${ending}`);
  const known = readdirSync(folder).filter((f) => f.endsWith(ending) && !f.includes('.test.'));
  // The id comes from a device file: it must name an entry of the folder, not a path of its own.
  if (!known.includes(`${id}${ending}`) || !existsSync(path)) {
    throw new HarnessFault(
      'recipe-unknown',
      `There is no client recipe "${id}". The recipes are: ${known.map((f) => f.slice(0, -ending.length)).join(', ')}.`,
      {
        advice: 'Name one of these as `client` in the device file, or add a file to devices/clients.',
        stage: 'configuration',
      },
    );
  }
  const module: { readonly default?: unknown } = await import(pathToFileURL(path).href);
  if (!isRecipe(module.default)) {
    throw new HarnessFault('recipe-invalid', `${path}: its default export is not a client recipe`, {
      advice: 'Export an object with `speaks` and `submit`; harness/drivers/recipe.ts says what they do.',
      stage: 'configuration',
    });
  }
  return module.default;
}

function isRecipe(value: unknown): value is ClientRecipe {
  return (
    typeof value === 'object' &&
    value !== null &&
    'speaks' in value &&
    'submit' in value &&
    typeof value.submit === 'function'
  );
}
