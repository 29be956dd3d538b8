import { concat, lp, toHex, u32, u64, utf8 } from '../../crypto/bytes.ts';
import { sha256 } from '../../crypto/sha256.ts';
import type { HeadState, KekRow } from '../protocol.ts';

/** Tells heads apart: what a commit has to follow. Slots and KEKs may change with it. */
export function headMark(head: Pick<HeadState, 'generation' | 'pageMacs' | 'auditSeq' | 'auditHash'>): string {
  return toHex(sha256(concat(u64(head.generation), head.pageMacs, u64(head.auditSeq), head.auditHash)));
}

/** Tells KEK rows apart. */
export function kekMarks(keks: readonly KekRow[]): string[] {
  return keks.map(({ id, purpose, createdAt, wrapped }) =>
    toHex(sha256(u32(id), lp(utf8(purpose)), u64(createdAt), wrapped)),
  );
}
