import { useState } from 'react';
import type { SignIn } from '../../../../contract/sign-ins.ts';
import { asWireError } from '../../../api/error.ts';
import { call } from '../../../api/keyhold.ts';
import { plural } from '../../../lib/format.ts';
import { useNow } from '../../../lib/use-now.ts';
import { Button } from '../../../ui/button.tsx';
import { ErrorCallout } from '../../../ui/callout.tsx';
import { Section } from '../../../ui/facts.tsx';
import { RelativeTime } from '../../../ui/time.tsx';
import { useSamlRoles } from '../sign-in-queries.ts';
import { type RoleRow, samlRows } from '../sso/role-rows.ts';
import { RolesBrowser } from '../sso/roles-browser.tsx';

/** What the last assertion offered, to make profiles of. */
export function SamlRoleSection({ signIn }: { signIn: SignIn }) {
  const now = useNow();
  const query = useSamlRoles(signIn.name);
  const [open, setOpen] = useState(false);
  const offered = query.data;
  if (query.isError && offered === undefined) {
    return (
      <Section title="Roles">
        <ErrorCallout
          error={asWireError(query.error)}
          actions={
            <Button size="compact" onPress={() => void query.refetch()}>
              Try again
            </Button>
          }
        />
      </Section>
    );
  }
  if (offered === undefined || offered.signedInAt === undefined) return null;
  const missing = offered.roles.filter(({ profile }) => profile === undefined).length;
  const isFresh = offered.usableUntil !== undefined && Date.parse(offered.usableUntil) > now;
  const fresh = isFresh ? (
    <p className="text-muted">
      New profiles get their sessions at once: the sign-in can be used for a few minutes, and that ends{' '}
      <RelativeTime instant={offered.usableUntil ?? offered.signedInAt} />.
    </p>
  ) : (
    <p className="text-muted">New profiles get their first session when you sign in the next time.</p>
  );
  return (
    <Section title="Roles">
      <div className="flex flex-wrap items-center gap-3">
        <p className="min-w-0 flex-1">
          {plural(offered.roles.length, 'role')} offered <RelativeTime instant={offered.signedInAt} />
          {missing === 0 ? '; each has a profile.' : `; ${missing} ${missing === 1 ? 'has' : 'have'} no profile yet.`}
        </p>
        <Button variant={missing > 0 ? 'primary' : 'secondary'} onPress={() => setOpen(true)}>
          Choose roles…
        </Button>
      </div>
      {open && (
        <RolesBrowser
          title={`Roles of ${signIn.name}`}
          rows={samlRows(offered.roles)}
          note={fresh}
          add={(rows, region, nameTemplate) => addSamlProfiles(signIn.name, rows, region, nameTemplate)}
          isReading={query.isFetching}
          onRefresh={() => void query.refetch()}
          onClose={() => setOpen(false)}
        />
      )}
    </Section>
  );
}

function addSamlProfiles(name: string, rows: readonly RoleRow[], region: string, nameTemplate: string) {
  return call('saml.addProfiles', {
    name,
    choices: rows.flatMap(({ saml }) => (saml === undefined ? [] : [saml])),
    region,
    nameTemplate,
  });
}
