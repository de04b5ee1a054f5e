import type { ClientRecipe } from '../../harness/drivers/recipe.ts';
import tinyShell from './tiny-shell.ts';

/**
 * A guest that was brought back to how it stood has shown its prompt before, and shows it again when Enter is pressed.
 */
const wokenShell: ClientRecipe = {
  speaks: 'Small Linux boxes with `mailput` and `mailget`, on a serial line that is silent until Enter is pressed.',

  async submit(session, order) {
    session.send('');
    return tinyShell.submit(session, order);
  },

  async fetch(session, order) {
    session.send('');
    return tinyShell.fetch?.(session, order) ?? { said: 'nothing', text: '', exitCode: null };
  },
};

export default wokenShell;
