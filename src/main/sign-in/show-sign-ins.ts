import { type BrowserWindow, dialog, nativeTheme, session } from 'electron';
import { KeyholdError, toWireError } from '../../contract/errors.ts';
import { methods } from '../../contract/methods.ts';
import type { SignIn, SignInAttempt } from '../../contract/sign-ins.ts';
import type { Contract } from '../../daemon/control-socket.ts';
import { openSignInWindow } from './sign-in-window.ts';

/**
 * A window for each attempt to sign in by SAML that somebody begins for a browser of this computer, in the app or at the command line. What it catches goes to the daemon; it closes
 * with the attempt, and the attempt ends with it. Cookies are kept in memory until the sign-out or the lock.
 */
export function showSignIns(contract: Contract, report: (error: unknown) => void): void {
  const windows = new Map<string, BrowserWindow>();
  const partitions = new Map<string, string>();

  const forget = (signIn: string): void => {
    const partition = partitions.get(signIn);
    if (partition !== undefined) session.fromPartition(partition).clearStorageData().catch(report);
    partitions.delete(signIn);
  };

  const show = ({ id: signIn }: SignIn, { id, name, url }: SignInAttempt): void => {
    const partition = partitions.get(signIn) ?? `sign-in-${signIn}`;
    partitions.set(signIn, partition);
    const window = openSignInWindow({
      partition,
      name,
      url,
      dark: nativeTheme.shouldUseDarkColors,
      caught(samlResponse) {
        deliver(contract, id, samlResponse).catch((error: unknown) => fail(contract, { id, name }, error, report));
      },
      closed() {
        contract.call('signIn.cancel', { id }, 'app').catch(report);
      },
    });
    windows.set(id, window);
    window.on('closed', () => windows.delete(id));
  };

  const look = async (): Promise<void> => {
    const { signIns } = methods['signIn.list'].output.parse(await contract.call('signIn.list', {}, 'app'));
    const open = new Map<string, SignIn>();
    for (const signIn of signIns) {
      const { attempt } = signIn;
      if (attempt?.type === 'saml' && attempt.flow === 'browser') open.set(attempt.id, signIn);
      if (signIn.state === 'none') forget(signIn.id);
    }
    for (const [id, window] of windows) if (!open.has(id)) window.destroy();
    for (const [id, signIn] of open) {
      if (!windows.has(id) && signIn.attempt !== undefined) show(signIn, signIn.attempt);
    }
  };

  contract.subscribe((event) => {
    if (event.type === 'changed' && event.what.includes('signIns')) {
      look().catch((error: unknown) => {
        if (!(error instanceof KeyholdError && error.code === 'Locked')) report(error);
      });
    }
    if (event.type !== 'status' || event.status.state === 'unlocked') return;
    for (const window of windows.values()) window.destroy();
    for (const signIn of partitions.keys()) forget(signIn);
  });
}

async function deliver(contract: Contract, id: string, samlResponse: string | undefined): Promise<void> {
  if (samlResponse === undefined) {
    throw new KeyholdError('InvalidInput', 'The identity provider’s page sent no SAML response to AWS.');
  }
  await contract.call('saml.deliver', { id, samlResponse }, 'app');
}

/** The window is gone, so the attempt is too; the person hears why. */
async function fail(
  contract: Contract,
  { id, name }: Pick<SignInAttempt, 'id' | 'name'>,
  error: unknown,
  report: (error: unknown) => void,
): Promise<void> {
  if (!(error instanceof KeyholdError)) report(error);
  await contract.call('signIn.cancel', { id }, 'app').catch(report);
  await dialog.showMessageBox({
    type: 'error',
    title: 'Keyhold',
    message: `Nobody is signed in to ${name}.`,
    detail: toWireError(error).message,
    buttons: ['Close'],
    noLink: true,
  });
}
