import type { DaemonEvent } from '../../contract/events.ts';
import type { FilePart } from '../../contract/files.ts';
import type { MethodName } from '../../contract/methods.ts';

/**
 * Whether the daemon can be heard. `unauthorized`: it is there but does not know this page (its session ended or never began).
 */
export type Connection = 'connecting' | 'up' | 'down' | 'unauthorized';

export interface Listener {
  event(event: DaemonEvent): void;
  connection(connection: Connection): void;
}

/** One way to reach the daemon. The screens know nothing else about the shell they run in. */
export interface Transport {
  /** Answers the method's result; rejects with a KeyholdError. */
  call(method: MethodName, params: unknown): Promise<unknown>;
  /** Sends one part of a file that `file.begin` announced; answers what came out of it. Rejects with a KeyholdError. */
  filePart(part: FilePart, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  /** Events from now on, and the state of the connection at once and whenever it changes. Answers how to stop. */
  subscribe(listener: Listener): () => void;
  /** Copies a code for so many seconds, where the shell sees to that itself. */
  holdInClipboard?(code: string, seconds: number): Promise<'cleared' | 'changed'>;
  /** Tries again now instead of at the next attempt. */
  reconnect(): void;
}
