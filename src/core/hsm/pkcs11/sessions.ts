import { KeyholdError } from '../../../contract/errors.ts';
import { isVague, lostToken, tokenError } from './ckr.ts';
import type { Handle, Module } from './cryptoki.ts';

const CKF_RW_SESSION = 2;
const CKF_SERIAL_SESSION = 4;

/** Runs work on a session of its own. Rejects with a KeyholdError for whatever the module answers. */
export interface Sessions {
  use<T>(work: (session: Handle) => Promise<T> | T): Promise<T>;
  readonly lanes: number;
}

/** A session for this token, read-write unless the token is write-protected. */
export function openSession(module: Module, slot: Handle, writeProtected: boolean): Handle {
  return module.C_OpenSession(slot, CKF_SERIAL_SESSION | (writeProtected ? 0 : CKF_RW_SESSION));
}

/**
 * Sessions for so many calls at a time. A session whose call failed is closed, because an operation may still be active in it (CKR_OPERATION_ACTIVE would
 * meet the next). The session that logged in is not among them: while it is open, the login stays.
 */
export function createSessions(module: Module, slot: Handle, lanes: number, writeProtected: boolean): Sessions {
  const idle: Handle[] = [];
  const waiting: (() => void)[] = [];
  let used = 0;

  async function take(): Promise<Handle> {
    while (used >= lanes) await new Promise<void>((resolve) => waiting.push(resolve));
    used += 1;
    const session = idle.pop();
    if (session !== undefined) return session;
    try {
      return openSession(module, slot, writeProtected);
    } catch (error) {
      release();
      throw error;
    }
  }

  function release(): void {
    used -= 1;
    waiting.shift()?.();
  }

  function close(session: Handle): void {
    try {
      module.C_CloseSession(session);
    } catch {
      // It is gone already, which is what was wanted.
    }
  }

  /** A vague answer of a token that still tells about itself is about this call; of one that does not, about the token. */
  function responds(): boolean {
    try {
      module.C_GetTokenInfo(slot);
      return true;
    } catch {
      return false;
    }
  }

  function told(error: unknown): unknown {
    const answer = error instanceof KeyholdError ? error.cause : error;
    return isVague(answer) && !responds() ? lostToken(answer) : tokenError(error);
  }

  return {
    lanes,
    async use(work) {
      let session: Handle | undefined;
      try {
        session = await take();
      } catch (error) {
        throw told(error);
      }
      try {
        const result = await work(session);
        idle.push(session);
        return result;
      } catch (error) {
        close(session);
        throw told(error);
      } finally {
        release();
      }
    },
  };
}
