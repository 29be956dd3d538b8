import { KeyholdError } from '../../contract/errors.ts';
import type { SignIn, SignInAttempt, SignInFlow } from '../../contract/sign-ins.ts';
import type { Cli } from '../cli.ts';
import { Cancelled } from '../errors.ts';
import { safeText } from '../output.ts';
import { isHeadless } from './headless.ts';
import { openPage } from './open-page.ts';

export interface LoginOptions {
  device?: boolean;
  /** False for --no-browser. */
  browser?: boolean;
}

const REDRAW_MS = 1000;

/** Signs in, with a browser of this machine where there is one, and answers the sign-in as it is then. Throws `Cancelled` for Ctrl-C, which gives the attempt up. */
export async function runLogin(cli: Cli, { name, settings: { type } }: SignIn, options: LoginOptions): Promise<SignIn> {
  const headless = isHeadless();
  const flow = flowOf(type, options, headless);
  const attempt = await cli.call('signIn.begin', { name, flow });
  const page = options.browser !== false && !headless ? await openPage(cli.home, attempt.url) : undefined;
  try {
    show(cli, attempt, { opened: page?.opened === true, flow });
    return await finished(cli, attempt);
  } finally {
    page?.remove();
  }
}

/** Only an Identity Center has a code to type; for others, a person without a screen here forwards the port. */
function flowOf(type: SignIn['settings']['type'], options: LoginOptions, headless: boolean): SignInFlow {
  if (options.device === true) return 'device';
  return headless && type === 'sso' ? 'device' : 'browser';
}

function show(cli: Cli, attempt: SignInAttempt, { opened, flow }: { opened: boolean; flow: SignInFlow }): void {
  if (cli.json) {
    // A program that signs a person in has to show this before there is an answer.
    process.stderr.write(`${JSON.stringify({ attempt })}\n`);
    return;
  }
  const url = safeText(attempt.url);
  if (flow === 'browser') {
    cli.note(
      opened
        ? `Your browser asks you to sign in to ${attempt.name}. If no page appears, open this one on this machine:\n\n  ${url}\n`
        : `Open this page in a browser on this machine to sign in to ${attempt.name}${attempt.type === 'sso' ? '; from another one, use --device' : ''}:\n\n  ${url}\n`,
    );
    return;
  }
  const code = cli.paint.bold(safeText(attempt.userCode ?? ''));
  cli.note(
    opened
      ? `Your browser asks you to sign in to ${attempt.name}. Allow it only if it shows this code: ${code}\nIf no page appears, open:\n\n  ${url}\n`
      : `Sign in to ${attempt.name} in any browser, and allow it only if it shows this code: ${code}\n\n  ${url}\n`,
  );
}

/** Waits for the end of an attempt; Ctrl-C gives it up, and throws `Cancelled`. */
export async function finished(cli: Cli, attempt: SignInAttempt): Promise<SignIn> {
  let stop = (): void => undefined;
  const interrupted = new Promise<never>((_, reject) => {
    const onSignal = (): void => reject(new Cancelled());
    process.once('SIGINT', onSignal);
    stop = () => process.off('SIGINT', onSignal);
  });
  const clear = countDown(cli, Date.parse(attempt.expiresAt));
  try {
    return await Promise.race([cli.call('signIn.finish', { id: attempt.id }), interrupted]);
  } catch (error) {
    if (error instanceof Cancelled) {
      clear();
      // Whatever comes of it: the attempt ends by itself in a while.
      await cli.call('signIn.cancel', { id: attempt.id }).catch(() => undefined);
    }
    throw lost(error, attempt);
  } finally {
    stop();
    clear();
  }
}

/** A vault that locks meanwhile must not be unlocked in silence and found without the attempt. */
function lost(error: unknown, { name }: SignInAttempt): unknown {
  if (!(error instanceof KeyholdError) || error.code !== 'NotFound') return error;
  return new KeyholdError('Cancelled', `Signing in to ${name} is over: the vault was locked meanwhile. Try again.`);
}

/** A line with the time that is left, where somebody looks; answers how to take it away. */
function countDown(cli: Cli, until: number): () => void {
  const { stderr } = process;
  if (stderr.isTTY !== true || cli.json) return () => undefined;
  const draw = (): void => {
    const left = Math.max(0, Math.ceil((until - cli.now()) / 1000));
    const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
    stderr.write(`\r\u001b[KWaiting for the browser, ${time} left. Ctrl-C gives up.`);
  };
  draw();
  const timer = setInterval(draw, REDRAW_MS);
  return () => {
    clearInterval(timer);
    stderr.write('\r\u001b[K');
  };
}
