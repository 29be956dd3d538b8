import { concat, toHex, u64 } from '../../crypto/bytes.ts';
import { sha256 } from '../../crypto/sha256.ts';
import type { HeadState } from '../protocol.ts';

/** Tells heads apart: what a commit has to follow. Slots and KEKs may change with it. */
export function headMark(head: Pick<HeadState, 'generation' | 'pageMacs' | 'auditSeq' | 'auditHash'>): string {
  return toHex(sha256(concat(u64(head.generation), head.pageMacs, u64(head.auditSeq), head.auditHash)));
}
