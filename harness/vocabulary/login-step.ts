import * as z from 'zod';
import { parseLoginExpression } from './login-expression.ts';

/** One step of a dialogue on a console, as device files write it. */
export const LoginStep = z.strictObject({
  /** Regular expression on the end of the console's text: no quantified groups, see login-expression.ts. */
  expect: z.string().superRefine((source, context) => {
    const parsed = parseLoginExpression(source);
    if (parsed.kind === 'refused') context.addIssue({ code: 'custom', message: parsed.why });
  }),
  /** Sent with a line end. `{user}` is replaced; a secret comes from the environment variable named in `secretEnv`. */
  send: z.string().optional(),
  secretEnv: z.string().optional(),
});
export type LoginStep = z.infer<typeof LoginStep>;

/** Algorithms of SSH that one device alone may use. */
export const Algorithms = z.strictObject({
  kex: z.array(z.string()).optional(),
  serverHostKey: z.array(z.string()).optional(),
  cipher: z.array(z.string()).optional(),
  hmac: z.array(z.string()).optional(),
});

/** Of a login over SSH. */
export const SSH_LOGIN = {
  user: z.string().min(1),
  auth: z.enum(['password', 'key', 'keyboard-interactive']).default('password'),
  /** Name of the environment variable with the password, or with the private key in PEM. */
  secretEnv: z.string().min(1),
  /** SHA256:… as `ssh-keygen -lf` prints it; without it the person is asked once. */
  hostKey: z.string().optional(),
  /** Old algorithms that this device alone may use. */
  algorithms: Algorithms.optional(),
};
