import type { QuorumTokenInfo } from '../contract/hsm-users.ts';

/** A quorum token on its way around the officers. What counts is `unsigned`; the rest says it again for people. */
export interface QuorumTokenFile {
  version: 1;
  /** 32 hex digits */
  id: string;
  description: string;
  createdBy: string;
  /** ISO 8601 */
  expiresAt: string;
  required: number;
  /** The text that officers sign, in base64. */
  unsigned: string;
  signatures: { user: string; signature: string }[];
}

export function tokenFileOf(token: QuorumTokenInfo): QuorumTokenFile {
  const { id, description, createdBy, expiresAt, required, unsigned } = token;
  return { version: 1, id, description, createdBy, expiresAt, required, unsigned, signatures: [] };
}

export function printTokenFile(file: QuorumTokenFile): string {
  return `${JSON.stringify(file, null, 2)}\n`;
}
