/** What one caller may ask of the door. Times in milliseconds, sizes in bytes. */
export interface DoorLimits {
  headerBytes: number;
  headerCount: number;
  /** From the first byte of a request to the end of its headers. */
  headersMs: number;
  /** Longest wait for the next piece of a body. */
  bodyIdleMs: number;
  /** Longest time for a body that has to be held whole. */
  bodyBufferMs: number;
  /** Largest body that is held whole, because its signature covers a hash that was not declared. */
  bodyBufferBytes: number;
  /** All held bodies together. */
  bodyBufferTotalBytes: number;
  /** Largest body with a declared hash that is held and checked before anything is sent. */
  bodySmallBytes: number;
  keepAliveMs: number;
  connections: number;
  /** How far a request's time may be from ours. */
  skewMs: number;
  upstreamConnectMs: number;
  /** How long a body may wait for the upstream's 100 Continue. */
  upstreamContinueMs: number;
  /** How long the rest of a refused body is read and dropped, so that the client sees the answer and not a reset. */
  lingerMs: number;
  /** How long `close` waits for requests under way. */
  closeMs: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

export const DEFAULT_LIMITS: DoorLimits = {
  headerBytes: 64 * KIB,
  headerCount: 200,
  headersMs: 15_000,
  bodyIdleMs: 30_000,
  bodyBufferMs: 120_000,
  bodyBufferBytes: 64 * MIB,
  bodyBufferTotalBytes: 256 * MIB,
  bodySmallBytes: 256 * KIB,
  keepAliveMs: 65_000,
  connections: 512,
  skewMs: 5 * 60_000,
  upstreamConnectMs: 10_000,
  upstreamContinueMs: 1_000,
  lingerMs: 2_000,
  closeMs: 5_000,
};
