import type { ReactNode } from 'react';
import type { Account } from '../../../contract/schemas.ts';
import { Fact } from '../../ui/facts.tsx';
import { RecordLink } from './record-link.tsx';

/** The account of a record, by its name where the list of accounts is not there yet. */
export function AccountFact({
  name,
  account,
  children,
}: {
  name: string;
  account: Account | undefined;
  children?: ReactNode;
}) {
  return (
    <Fact name="Account">
      {account === undefined ? (
        name
      ) : (
        <RecordLink screen="accounts" id={account.id}>
          {account.name}
        </RecordLink>
      )}
      {children}
    </Fact>
  );
}
