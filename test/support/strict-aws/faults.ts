import type { ServerResponse } from 'node:http';
import { Refusal, type Reply } from './xml.ts';

/**
 * What goes wrong with a call.
 * Not done: `refuse` (the connection is reset), `cut` (closed without an answer), `silent` (never answered), and the answers `failure` (500),
 * `unavailable` (503), `throttle`, `denied`, or one of your own. Done all the same: `lost` (closed without an answer), `torn` (closed in the
 * middle of it), `silent-done` (never answered).
 */
export type FaultKind =
  | 'refuse'
  | 'cut'
  | 'silent'
  | 'failure'
  | 'unavailable'
  | 'throttle'
  | 'denied'
  | 'lost'
  | 'torn'
  | 'silent-done'
  | { status: number; code: string; message: string };

export interface FaultPlan {
  /** `CreateAccessKey`, or `*` for any. */
  action: string;
  kind: FaultKind;
  /** The calls of that action, counted from 1, that it meets; the next one unless said otherwise. */
  from?: number;
  /** How many of them; Infinity for all from then on. */
  times?: number;
}

interface Armed {
  action: string;
  kind: FaultKind;
  from: number;
  left: number;
}

export interface Faults {
  arm(plan: FaultPlan): void;
  clear(): void;
  /** Of call number `nth` of `action`. */
  meet(action: string, nth: number): FaultKind | undefined;
}

export function createFaults(): Faults {
  let armed: Armed[] = [];
  return {
    arm({ action, kind, from = 1, times = 1 }) {
      armed.push({ action, kind, from, left: times });
    },
    clear() {
      armed = [];
    },
    meet(action, nth) {
      const found = armed.find(
        (one) => (one.action === '*' || one.action === action) && nth >= one.from && one.left > 0,
      );
      if (found === undefined) return undefined;
      found.left--;
      return found.kind;
    },
  };
}

/** What AWS itself would answer, for the faults that are answers. */
export function refusalOf(kind: FaultKind, action: string): Refusal | undefined {
  if (typeof kind === 'object') return new Refusal(kind.status, kind.code, kind.message);
  switch (kind) {
    case 'failure':
      return new Refusal(500, 'ServiceFailure', 'The request processing has failed because of an unknown error.');
    case 'unavailable':
      return new Refusal(503, 'ServiceUnavailable', 'Service Unavailable');
    case 'throttle':
      return new Refusal(400, 'Throttling', 'Rate exceeded');
    case 'denied':
      return new Refusal(403, 'AccessDenied', `You are not authorized to perform ${action}.`);
  }
  return undefined;
}

/** Whether the fault leaves the call undone. */
export const isBefore = (kind: FaultKind): boolean => kind !== 'lost' && kind !== 'torn' && kind !== 'silent-done';

/** Breaks an answer as the fault says; `reply` is what it would have been. */
export function breakAnswer(kind: FaultKind, response: ServerResponse, reply: Reply | undefined): void {
  switch (kind) {
    case 'refuse':
      response.socket?.resetAndDestroy();
      return;
    case 'cut':
    case 'lost':
      response.socket?.destroy();
      return;
    case 'torn': {
      const body = reply?.body ?? '';
      response.writeHead(reply?.status ?? 200, { 'content-type': 'text/xml', 'content-length': String(body.length) });
      response.write(body.slice(0, Math.floor(body.length / 2)), () => response.socket?.destroy());
      return;
    }
  }
}
