import type { Duplex } from 'node:stream';
import type { DoorBackend } from '../core/door.ts';
import type { Clock, Logger } from '../core/ports.ts';
import type { Exchange } from './exchange.ts';
import type { UpstreamAgents } from './forward/agents.ts';
import type { DoorLimits } from './limits.ts';

/** What every step may use. */
export interface DoorParts {
  readonly backend: DoorBackend;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: DoorLimits;
  readonly agents: UpstreamAgents;
  /** Told of the bytes of an upstream's answer that have been passed on. */
  readonly passed?: ((bytes: number) => void) | undefined;
  /** Bytes of bodies that are held whole right now, of all requests together. */
  readonly held: { bytes: number };
  readonly open: WeakMap<Duplex, UnderWay>;
}

/**
 * The request under way on a connection (the latest, where requests are pipelined). It changes in here and not in the map: V8 gives a map up for a new one every few changes, and
 * what the old one held stays in memory with it until the next full collection.
 */
export interface UnderWay {
  exchange: Exchange | undefined;
}
