import { plural } from '../../../lib/format.ts';

/** Codes made before there were users, or before there was a quorum, still count. */
export function RecoveryCodesNote({ codes }: { codes: number }) {
  return (
    <p className="text-muted">
      {codes === 0
        ? 'The vault has no recovery code: nobody can remove its users when their passwords are lost.'
        : `The vault has ${plural(codes, 'recovery code')}. Whoever has one can remove all users and their quorum.`}
    </p>
  );
}
