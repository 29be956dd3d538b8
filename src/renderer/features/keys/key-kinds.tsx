import { navigate } from '../../lib/router.ts';
import { Segments } from '../../ui/segments.tsx';

const KINDS = [
  { id: 'keys', label: 'Access keys' },
  { id: 'credentials', label: 'Passwords and SSH keys' },
] as const;

/** The two lists of what IAM users sign in with. */
export function KeyKinds({ value }: { value: (typeof KINDS)[number]['id'] }) {
  return <Segments label="Kind of credential" choices={KINDS} value={value} onChange={(id) => navigate(id)} />;
}
