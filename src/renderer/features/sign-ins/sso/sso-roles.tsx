import { useState } from 'react';
import type { SignIn } from '../../../../contract/sign-ins.ts';
import { asWireError } from '../../../api/error.ts';
import { call } from '../../../api/keyhold.ts';
import { formatCount, plural } from '../../../lib/format.ts';
import { Button } from '../../../ui/button.tsx';
import { ErrorCallout } from '../../../ui/callout.tsx';
import { Section } from '../../../ui/facts.tsx';
import { RowsSkeleton } from '../../../ui/states.tsx';
import { useSsoAccounts } from '../sign-in-queries.ts';
import { type RoleRow, roleRows } from './role-rows.ts';
import { RolesBrowser } from './roles-browser.tsx';

/** What whoever is signed in may be: accounts and roles, to make profiles of. */
export function SsoRoles({ signIn }: { signIn: SignIn }) {
  const query = useSsoAccounts(signIn.name);
  const [open, setOpen] = useState(false);
  const found = query.data;
  return (
    <Section title="Accounts and roles">
      {query.isError && found === undefined ? (
        <ErrorCallout
          error={asWireError(query.error)}
          actions={
            <Button size="compact" onPress={() => void query.refetch()}>
              Try again
            </Button>
          }
        />
      ) : found === undefined ? (
        <RowsSkeleton rows={3} height={32} />
      ) : found.roles === 0 ? (
        <p className="text-muted">
          You are signed in, and no account has a role for you. Whoever runs the Identity Center can assign one.
        </p>
      ) : (
        <>
          <div className="flex flex-wrap items-center gap-3">
            <p className="min-w-0 flex-1">
              {plural(found.accounts.length, 'account')} with {plural(found.roles, 'role')};{' '}
              {found.missing === 0
                ? 'each has a profile.'
                : `${formatCount(found.missing)} ${found.missing === 1 ? 'has' : 'have'} no profile yet.`}
            </p>
            <Button variant={found.missing > 0 ? 'primary' : 'secondary'} onPress={() => setOpen(true)}>
              Choose roles…
            </Button>
          </div>
          {open && (
            <RolesBrowser
              title={`Roles of ${signIn.name}`}
              add={(rows, region, nameTemplate) => addSsoProfiles(signIn.name, rows, region, nameTemplate)}
              rows={roleRows(found.accounts)}
              isReading={query.isFetching}
              onRefresh={() => void query.refetch()}
              onClose={() => setOpen(false)}
            />
          )}
        </>
      )}
    </Section>
  );
}

/** An account that is here already keeps its name; one that is not gets the Identity Center’s. */
function addSsoProfiles(name: string, rows: readonly RoleRow[], region: string, nameTemplate: string) {
  return call('sso.addProfiles', {
    name,
    choices: rows.map(({ accountId, roleName, account, accountName }) => ({
      accountId,
      roleName,
      ...(account === undefined ? { accountName } : {}),
    })),
    region,
    nameTemplate,
  });
}
