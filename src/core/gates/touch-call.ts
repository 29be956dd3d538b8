import { AsyncLocalStorage } from 'node:async_hooks';

/** A security key whose touch allowed something, as the audit log names it. */
export interface UsedTouch {
  key: string;
  /** Hex. */
  credentialId: string;
}

/**
 * On whose behalf the HSM is asked. It follows the call through everything that is awaited, so that none of the many places that use a key has to know of gates; what runs on
 * nobody's behalf (sweeps, backups) asks nobody, and is refused.
 */
export interface TouchCall {
  /** Who wants what, for the person: `let aws-cli use deploy (s3 ListBuckets)`. Asked for when a prompt is about to be shown. */
  what(): string;
  /** Aborts when the caller has gone. */
  signal?: AbortSignal | undefined;
  /** Filled in with each gate that was passed. */
  readonly touches: UsedTouch[];
}

const current = new AsyncLocalStorage<TouchCall>();

export function onBehalfOf<T>(call: TouchCall, work: () => T): T {
  return current.run(call, work);
}

/** What it starts asks nobody, whoever it is started by; timers too. */
export function onNobodysBehalf<T>(work: () => T): T {
  return current.exit(work);
}

export function touchCall(): TouchCall | undefined {
  return current.getStore();
}

/** The touches of the present call so far, as an audit entry has them. */
export function touchesOf(call: TouchCall | undefined = touchCall()): { mfa?: UsedTouch[] } {
  return call === undefined || call.touches.length === 0 ? {} : { mfa: [...call.touches] };
}

export function noteTouch(call: TouchCall, touch: UsedTouch): void {
  if (!call.touches.some(({ credentialId }) => credentialId === touch.credentialId)) call.touches.push(touch);
}
