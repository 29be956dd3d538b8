import type { TokenOperation } from '../hsm/pkcs11/protocol.ts';

/** How long a token process has for an answer, in milliseconds. */
export interface TokenDeadlines {
  /** To start, load its module and log in, each. */
  connect: number;
  /** To use a key. */
  use: number;
  /** To make one: an RSA_4096 takes a slow token a minute. */
  make: number;
}

export const DEADLINES: TokenDeadlines = { connect: 20_000, use: 10_000, make: 120_000 };

export function deadlineOf(deadlines: TokenDeadlines, op: TokenOperation): number {
  switch (op) {
    case 'replyKey':
    case 'load':
    case 'listTokens':
    case 'login':
      return deadlines.connect;
    case 'generateKey':
      return deadlines.make;
    default:
      return deadlines.use;
  }
}
