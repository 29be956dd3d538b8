import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, openConnection } from './connection.ts';

export interface Lease {
  end(): void;
}

const RETRY_MS = 500;

/**
 * Holds an exec client over a connection of its own until `end`, so that the daemon removes it when this process ends in whatever way. Comes back when the daemon
 * was restarted meanwhile: its client would be taken for abandoned otherwise. Keeps no process alive.
 */
export function keepLease(home: string, accessKeyId: string, options: { retryMs?: number } = {}): Lease {
  let ended = false;
  let connection: Connection | undefined;
  const hold = async (): Promise<void> => {
    while (!ended) {
      connection = await openConnection(home).catch(() => undefined);
      if (ended || (connection !== undefined && !(await isHeld(connection, accessKeyId)))) break;
      await connection?.closed;
      await sleep(options.retryMs ?? RETRY_MS, undefined, { ref: false });
    }
    connection?.close();
  };
  // Nothing in there rejects; if it did, the lease of the connection that asked for the client would still do.
  hold().catch(() => undefined);
  return {
    end() {
      ended = true;
      connection?.close();
    },
  };
}

/** A daemon that refuses will refuse again; one that went away before it answered may come back. */
async function isHeld(connection: Connection, accessKeyId: string): Promise<boolean> {
  try {
    await connection.call('client.lease', { accessKeyId });
    return true;
  } catch {
    return connection.ended;
  }
}
