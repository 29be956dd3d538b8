import { LogIn } from 'lucide-react';
import type { SignIn } from '../../../contract/sign-ins.ts';
import { byText, type Filter, type Sort } from '../../lib/list-model.ts';
import { Button } from '../../ui/button.tsx';
import { ListPage } from '../../ui/list-page.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { openDialog } from '../dialogs/dialog-store.ts';
import { SignInDetail } from './sign-in-detail.tsx';
import { useSignIns } from './sign-in-queries.ts';
import { SignInMark } from './sign-in-state.tsx';
import { hostOf, type SignInState, stateAt, typeWord } from './sign-in-words.ts';

const SORTS: readonly Sort<SignIn>[] = [
  { id: 'name', label: 'Name', compare: byText((one) => one.name) },
  { id: 'type', label: 'Kind', compare: byText((one) => `${one.settings.type} ${one.name}`) },
];
const chip = (id: string, label: string, ...states: SignInState[]): Filter<SignIn> => ({
  id,
  label,
  group: 'state',
  keep: (one) => states.includes(stateAt(one, Date.now())),
});
const FILTERS: readonly Filter<SignIn>[] = [
  chip('active', 'Signed in', 'active', 'used'),
  chip('expired', 'Sign in again', 'expired'),
];

/** Where a person signs in, so that profiles get credentials without any access key. */
export function SignInsScreen() {
  const add = () => openDialog({ kind: 'signIn.add' });
  return (
    <ListPage
      screen="sign-ins"
      title="Sign-ins"
      noun="sign-in"
      query={useSignIns()}
      text={(one) => `${one.name} ${hostOf(one)} ${typeWord(one.settings.type)} ${one.who ?? ''}`}
      sorts={SORTS}
      filters={FILTERS}
      icon={<LogIn size={16} />}
      rowHeight={56}
      row={(signIn) => (
        <span className="flex min-w-0 flex-1 flex-col">
          <span className="flex items-center gap-2">
            <span className="min-w-0 flex-1 truncate font-medium">{signIn.name}</span>
            <SignInMark signIn={signIn} />
          </span>
          <span className="truncate text-muted">{hostOf(signIn)}</span>
        </span>
      )}
      detail={(signIn) => <SignInDetail signIn={signIn} />}
      detailLabel={(signIn) => `Sign-in ${signIn.name}`}
      onAdd={add}
      empty={
        <EmptyState
          title="No sign-ins yet"
          command="keyhold sso add work --start-url URL --region REGION"
          action={
            <Button variant="primary" onPress={add}>
              Add a sign-in
            </Button>
          }
        >
          Sign in to your company once, and profiles get credentials of their roles, without any access key.
        </EmptyState>
      }
      bulk={[]}
    />
  );
}
